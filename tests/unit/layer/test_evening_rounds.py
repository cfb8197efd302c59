"""When a day is read once more in the evening."""

from datetime import date, datetime, timedelta

import pytest

from optionchain.exchange_time import IST
from optionchain.market import Market
from tests.support.histories import ist
from tests.unit.layer.test_market import HOLIDAY, MONDAY, MUHURAT, SATURDAY, with_special

MINUTE = timedelta(minutes=1)


def beginnings(market: Market, day: date) -> dict[str, bool]:
    """Return when the rounds of a day begin, in India, and whether they need a rewrite."""
    rounds = market.evening_rounds(day)
    return {f"{each.begins.astimezone(IST):%H:%M}": each.needs_rewrite for each in rounds}


BOTH = {"19:45": True, "21:00": False}


@pytest.mark.parametrize(
    ("day", "special", "expected"),
    [
        (MONDAY, "", BOTH),
        (date(2026, 7, 31), "", BOTH),  # before options traded ten minutes longer
        (SATURDAY, "", {}),
        (HOLIDAY, "", {}),
        (SATURDAY, "09:15-10:00 11:30-12:30", BOTH),
        (HOLIDAY, "13:45-14:45", BOTH),
        (MONDAY, "17:00-17:45", BOTH),
        # A rewrite takes two hours at least after the last close.
        (MONDAY, "17:00-17:46", {"21:00": False}),
        (MUHURAT, "18:00-19:00", {"21:00": False}),
        (MUHURAT, "18:15-19:15", {"21:00": True}),
        (MUHURAT, "20:00-20:54", {"21:00": True}),
    ],
)
def test_a_day_is_read_again_when_the_exchange_may_have_rewritten_it(
    day: date, special: str, expected: dict[str, bool]
) -> None:
    assert beginnings(with_special(day, special) if special else Market(), day) == expected


def test_a_market_that_never_closes_is_never_rewritten() -> None:
    assert Market("always").evening_rounds(MONDAY) == ()
    assert Market("always").evening_ticks(MONDAY) == ()


def test_a_round_has_a_tick_each_minute_for_a_quarter_of_an_hour() -> None:
    starts = [ist(MONDAY, "19:45"), ist(MONDAY, "21:00")]
    expected: list[datetime] = [start + MINUTE * step for start in starts for step in range(15)]
    assert list(Market().evening_ticks(MONDAY)) == expected
    first, last = Market().evening_rounds(MONDAY)
    assert first.ticks + last.ticks == tuple(expected)
    assert (first.ends, last.ends) == (ist(MONDAY, "20:00"), ist(MONDAY, "21:15"))


@pytest.mark.parametrize(
    ("text", "is_due", "may_be_due"),
    [
        ("15:45", True, True),
        ("19:44:55", False, False),
        ("19:45", True, True),
        ("19:45:05", False, False),
        ("19:46", False, True),
        ("19:59", False, True),
        ("20:00", False, False),
        ("21:00", False, True),
        ("21:14", False, True),
        ("21:15", False, False),
    ],
)
def test_the_first_tick_of_an_evening_is_due_and_the_others_may_be(
    text: str, is_due: bool, may_be_due: bool
) -> None:
    tick = ist(MONDAY, text)
    assert (Market().is_due(tick), Market().may_be_due(tick)) == (is_due, may_be_due)
    found = Market().evening_round(tick)
    assert (found is not None) == (may_be_due and text != "15:45")
    assert (tick in Market().due_ticks(MONDAY, timedelta(seconds=5))) == is_due
