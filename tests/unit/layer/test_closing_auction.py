"""When the underlying stops to trade before the close, and when a payoff is known."""

from datetime import date

import pytest

from optionchain.closing_auction import closing_auction, payoff_fixed_at
from optionchain.exchange_time import IST
from optionchain.market import Market
from tests.support.histories import ist

SPECIAL = "09:15", "10:00"


def auctions(market: Market, day: date) -> list[str]:
    """Return when the auctions of a date begin, can have a price, and end."""
    found = map(closing_auction, market.sessions(day))
    return [
        " ".join(f"{each.astimezone(IST):%H:%M}" for each in auction)
        for auction in found
        if auction
    ]


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (date(2026, 7, 31), []),
        (date(2026, 8, 3), ["15:15 15:28 15:35"]),  # the first day with an auction
        (date(2027, 3, 5), ["15:15 15:28 15:35"]),
        (date(2026, 8, 8), []),  # a Saturday
    ],
)
def test_ordinary_days_since_august_2026_close_with_an_auction(day: date, times: list[str]) -> None:
    assert auctions(Market(), day) == times


def test_hours_outside_the_rule_have_no_auction_that_is_published() -> None:
    saturday = date(2026, 8, 8)
    hours = tuple(ist(saturday, time).timetz().replace(tzinfo=None) for time in SPECIAL)
    assert auctions(Market(special={saturday: ((hours[0], hours[1]),)}), saturday) == []
    assert auctions(Market("always"), date(2026, 8, 4)) == []


@pytest.mark.parametrize(
    ("expiry", "time"),
    [
        (date(2026, 7, 28), "15:30"),  # before the auction: with the close
        (date(2026, 8, 4), "15:35"),  # five minutes before the close
        (date(2024, 3, 2), "12:30"),  # with its last session
        (date(2026, 8, 15), "15:35"),  # a Saturday whose sessions are not known
    ],
)
def test_the_payoff_is_known_when_the_auction_has_ended(expiry: date, time: str) -> None:
    assert payoff_fixed_at(expiry) == ist(expiry, time)
