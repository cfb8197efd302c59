"""Whose token needs a person, in plain words and without the token."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chain_api.calculations.token_notices import refusal_notices, token_notices
from optionchain.mongo.source_register import SourceRegister, SourceState
from optionchain.mongo.token_register import TokenRegister, TokenState
from optionchain.settings import Settings
from tests.support.api import NOW, client
from tests.support.mongomock_database import memory_database, uses_mongomock

HOUR = timedelta(hours=1)
ENDS = NOW + 9 * HOUR
REMEDY = "`make token SOURCE=upstox` helps to get another"


@pytest.mark.parametrize(
    ("token", "code", "detail"),
    [
        (TokenState(NOW, ENDS, NOW), "token_ends", "the token of upstox ends at 2026-06-20 00:02"),
        (TokenState(NOW, NOW, NOW), "token_ended", "the token of upstox ended at 2026-06-19 15:02"),
        (TokenState(NOW, ENDS, ENDS, refused_at=NOW), "token_ended", "upstox refuses its token;"),
        (TokenState(missing=True, detail="why"), "token_missing", "upstox has no token: why;"),
        *(
            (replace(held, renewable=True, login_refused=True), "login_refused", "correct the")
            for held in (TokenState(), TokenState(NOW, NOW, NOW), TokenState(NOW, ENDS, ENDS))
        ),
        (TokenState(), "token_end_unknown", "does not say when it ends"),
        (TokenState(NOW, ENDS, ENDS, detail="not stored"), "token_not_stored", "not stored"),
        (
            TokenState(NOW, NOW, NOW, renewable=True, detail="not stored"),
            "token_not_stored",
            "not stored",
        ),
    ],
)
def test_notice_says_what_is_wrong_and_what_to_do(
    token: TokenState, code: str, detail: str
) -> None:
    (notice,) = token_notices({"upstox": token}, NOW)
    assert (notice["code"], notice["source"], notice["ends_at"]) == (code, "upstox", token.ends_at)
    assert detail in notice["detail"]
    remedy = "`make token SOURCE=upstox` helps to get a" if token.login_refused else REMEDY
    assert (remedy in notice["detail"]) is token.needs_a_person(NOW)


@pytest.mark.parametrize(
    "token",
    [
        TokenState(NOW, ENDS, NOW + HOUR),
        TokenState(NOW, NOW, NOW, renewable=True),
        TokenState(renewable=True),
    ],
)
def test_token_that_holds_or_is_made_anew_is_no_notice(token: TokenState) -> None:
    assert token_notices({"dhan": token}, NOW) == []


WRONG_KIND = SourceState("unauthorised", "of another kind; do this", NOW - HOUR, NOW + HOUR, 4)


@pytest.mark.parametrize(
    ("state", "token", "told"),
    [
        (WRONG_KIND, TokenState(NOW, ENDS, ENDS), True),
        (WRONG_KIND, TokenState(), True),
        (WRONG_KIND, TokenState(missing=True), False),  # the token has a notice of its own
        (WRONG_KIND, TokenState(NOW, ENDS, ENDS, refused_at=NOW), False),
        (WRONG_KIND, None, False),  # NSE's site needs no token
        (SourceState(), TokenState(NOW, ENDS, ENDS), False),
        (SourceState("blocked", "HTTP 403", NOW), TokenState(NOW, ENDS, ENDS), False),
    ],
)
def test_source_that_refuses_a_token_that_holds_is_told_with_the_remedy(
    state: SourceState, token: TokenState | None, *, told: bool
) -> None:
    notices = refusal_notices({"upstox": state}, {"upstox": token} if token else {}, NOW)
    expected = {
        "code": "source_refuses",
        "source": "upstox",
        "detail": "upstox refuses to answer: of another kind; do this",
        "since": NOW - HOUR,
    }
    assert notices == ([expected] if told else [])


@uses_mongomock
def test_health_tells_of_the_tokens_of_its_sources_alone() -> None:
    database = memory_database()
    for name in ("upstox", "dhan"):
        TokenRegister(database).write(name, TokenState(NOW, NOW, NOW))
    for source, expected in ((("nse",), []), (("dhan", "nse"), ["dhan"])):
        body = client(database, settings=Settings(source=source)).get("/health").json()
        told = [each["source"] for each in body["notices"] if each["code"] == "token_ended"]
        assert told == expected


@uses_mongomock
def test_health_tells_of_a_refusal_while_another_source_is_asked() -> None:
    database = memory_database()
    TokenRegister(database).write("upstox", TokenState(NOW, ENDS, ENDS))
    SourceRegister(database, "upstox").write(WRONG_KIND)
    body = client(database, settings=Settings(source=("upstox", "nse"))).get("/health").json()
    (notice,) = (each for each in body["notices"] if each["code"] == "source_refuses")
    assert notice["detail"].endswith("of another kind; do this")
    assert "source_waiting" not in {each["code"] for each in body["reasons"]}
