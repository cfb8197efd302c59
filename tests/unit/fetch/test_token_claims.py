"""What a token says of itself is read, and no text makes the reader fail."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.token_claims import TokenDates, claims_of, dates_of
from tests.support.tokens import token

ISSUED = datetime(2026, 11, 29, 4, tzinfo=UTC)
ENDS = datetime(2027, 11, 28, 22, tzinfo=UTC)  # 03:30 in India
NOTHING = TokenDates(None, None)


def test_claims_and_dates_of_a_token_are_read() -> None:
    made = token(ISSUED, ENDS, isExtended=True, iss="udapi-gateway-service")
    assert claims_of(made)["isExtended"] is True
    assert dates_of(made) == (ISSUED, ENDS)
    assert dates_of(token(ends_at=ENDS)) == (None, ENDS)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "a.b.c", "a.W10.c", "a.bnVsbA.c", "..", "a.\u0967.c", f"{token(ISSUED, ENDS)}.x"],
)
def test_other_text_says_nothing(text: str) -> None:
    assert (claims_of(text), dates_of(text)) == ({}, NOTHING)


@pytest.mark.parametrize("end", [None, True, "soon", [], 1e300, float("nan"), -1e300])
def test_an_end_that_is_no_time_is_not_known(end: object) -> None:
    assert dates_of(token(exp=end, iat=end)) == NOTHING


@given(st.text() | st.from_regex(r"[\w-]+\.[\w-]*\.[\w-]+", fullmatch=True))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    assert isinstance(dates_of(text), TokenDates)
