"""Days, expiries and instants mean the same on every machine."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from optionchain_client.dates import (
    IST,
    chosen,
    day_of,
    days_between,
    expiry_of,
    expiry_text,
    instant_of,
    moment_text,
)

DAY = date(2026, 11, 27)
NAIVE = datetime(2026, 11, 27, 9, 15)  # noqa: DTZ001


@pytest.mark.parametrize(
    "given",
    [DAY, "2026-11-27", datetime(2026, 11, 26, 20, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=IST)],
)
def test_day_is_the_one_in_india(given: str | date) -> None:
    assert day_of(given) == DAY


@pytest.mark.parametrize("reads", [day_of, moment_text, expiry_of, expiry_text])
def test_instant_without_a_zone_is_refused(reads: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        reads(NAIVE)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("nearest", "nearest"),
        ("27-nov-2026", "27-Nov-2026"),
        ("2026-11-27", "27-Nov-2026"),
        (DAY, "27-Nov-2026"),
        (datetime(2026, 11, 27, 10, tzinfo=UTC), "27-Nov-2026"),
    ],
)
def test_expiry_is_a_word_or_a_date(given: str | date, text: str) -> None:
    assert expiry_text(given) == text


@pytest.mark.parametrize("given", ["", "soon", "27-Foo-2026", "31-Nov-2026", "2026-13-01"])
def test_other_text_is_no_expiry(given: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        expiry_of(given)


def test_chosen_are_those_that_have_not_ended() -> None:
    recorded = [date(2026, 12, day) for day in (8, 1, 1, 15)]
    assert chosen(recorded, "nearest", date(2026, 12, 1)) == [date(2026, 12, 1)]
    assert chosen(recorded, "nearest", date(2026, 12, 2)) == [date(2026, 12, 8)]
    assert chosen(recorded, "next", date(2026, 12, 2)) == [date(2026, 12, 15)]
    assert chosen(recorded, "all", date(2026, 12, 2)) == [date(2026, 12, 8), date(2026, 12, 15)]
    assert chosen(recorded, "15-Dec-2026", date(2026, 12, 2)) == [date(2026, 12, 15)]
    assert chosen(recorded, "nearest", date(2027, 1, 1)) == []


def test_moments_are_of_utc_in_answers_and_have_their_zone_in_requests() -> None:
    assert instant_of("2026-11-27T09:15:00+05:30") == datetime(2026, 11, 27, 3, 45, tzinfo=UTC)
    assert moment_text(datetime(2026, 11, 27, 9, 15, tzinfo=IST)) == "2026-11-27T09:15:00+05:30"
    assert moment_text("10:00") == "10:00"
    assert list(days_between("2026-11-29", "2026-12-01"))[1] == date(2026, 11, 30)
