"""What was listed in the past: read once, and equal to what the register answers."""

from datetime import date, datetime, timedelta

import pytest

from chain_api.store.listing_history import ListingHistory
from optionchain.mongo.listing_register import Listing, ListingRegister
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock
A, B = date(2026, 6, 23), date(2026, 6, 30)
HOUR = timedelta(hours=1)
LISTINGS = [Listing("NIFTY", days, at, at) for days, at in [((A,), TICK), ((B,), TICK + 2 * HOUR)]]


class Counted(ListingRegister):
    """A register that counts how often it is read."""

    def __init__(self) -> None:
        super().__init__(memory_database())
        self.reads = 0
        for listing in LISTINGS:
            self.write(listing)
        self.reads = 0

    def at(self, symbol: str, moment: datetime | None) -> Listing | None:
        self.reads += 1
        return super().at(symbol, moment)

    def history(self, symbol: str) -> list[Listing]:
        self.reads += 1
        return super().history(symbol)


@pytest.mark.parametrize("symbol", ["NIFTY", "IDEA"])
def test_the_past_is_read_once_and_is_what_the_register_answers(symbol: str) -> None:
    register = Counted()
    history = ListingHistory(register, lambda: TICK + 9 * HOUR)
    moments = [TICK + number * HOUR / 2 for number in range(-1, 16)]
    found = [history.at(symbol, moment) for moment in moments]
    assert register.reads == 1
    assert found == [register.at(symbol, moment) for moment in moments]


@pytest.mark.parametrize("ago", [None, timedelta(), HOUR / 2])
def test_what_may_still_change_is_read_each_time(ago: timedelta | None) -> None:
    register, now = Counted(), TICK + 3 * HOUR
    history = ListingHistory(register, lambda: now)
    moment = None if ago is None else now - ago
    assert history.at("NIFTY", moment) == LISTINGS[1]
    later = Listing("NIFTY", (A, B), now - HOUR / 2, now)
    register.write(later)
    assert history.at("NIFTY", moment) == later


def test_moments_after_the_last_reading_are_read_again() -> None:
    register, now = Counted(), [TICK + 3 * HOUR]
    history = ListingHistory(register, lambda: now[0])
    assert history.at("NIFTY", TICK + HOUR) == LISTINGS[0]
    later = Listing("NIFTY", (A, B), TICK + 4 * HOUR, TICK + 4 * HOUR)
    register.write(later)
    now[0] += 9 * HOUR
    assert history.at("NIFTY", TICK + 5 * HOUR) == later
    assert history.at("NIFTY", TICK + HOUR) == LISTINGS[0]
