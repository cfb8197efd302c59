"""What is listed now is kept for half a minute: no reason of /health is told later for it."""

from datetime import date, timedelta
from typing import Any

import pytest

from chain_api.store.known_listings import KnownListings
from optionchain.errors import StoreUnavailable
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.settings import Settings
from tests.support.api import NOW, Clock, client, database_with
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

NEAREST, LATER = date(2026, 6, 22), date(2026, 6, 23)
HALF_A_MINUTE, MICROSECOND = timedelta(seconds=30), timedelta(microseconds=1)


def listing(*expiries: date) -> Listing:
    return Listing("NIFTY", expiries, NOW, NOW)


@pytest.mark.parametrize("moved", [HALF_A_MINUTE, -MICROSECOND])
def test_listings_are_read_again_after_half_a_minute(moved: timedelta) -> None:
    database, clock = memory_database(), Clock()
    known, register = KnownListings(ListingRegister(database), clock), ListingRegister(database)
    register.write(listing(LATER))
    assert known.read() == {"NIFTY": listing(LATER)}
    register.write(listing(NEAREST, LATER))
    clock.now += HALF_A_MINUTE - MICROSECOND
    assert known.read() == {"NIFTY": listing(LATER)}
    clock.now = NOW + moved  # or the clock is set back
    assert known.read() == {"NIFTY": listing(NEAREST, LATER)}


def test_listings_that_could_not_be_read_are_read_by_the_next_request() -> None:
    stored, clock = memory_database(), Clock()
    database = ShakyDatabase(stored)
    known = KnownListings(ListingRegister(database), clock)
    database.away = True
    with pytest.raises(StoreUnavailable):
        known.read()
    database.away = False
    ListingRegister(stored).write(listing(LATER))
    assert known.read() == {"NIFTY": listing(LATER)}


def test_an_expiry_that_is_listed_and_not_recorded_is_told_after_a_minute_as_before() -> None:
    """The list was read just before it changed, which is the worst moment."""
    clock, stored = Clock(), database_with(snapshot(expiry=LATER, tick=NOW, stamp=NOW))
    ListingRegister(stored).write(listing(LATER)._replace(since=NOW - timedelta(days=7)))
    api = client(stored, clock, Settings(nse_symbols=("NIFTY",)))

    def codes() -> list[str]:
        health: dict[str, Any] = api.get("/health").json()
        return [reason["code"] for reason in health["reasons"]]

    assert codes() == []
    ListingRegister(stored).write(listing(NEAREST, LATER))
    clock.now += timedelta(seconds=59)
    stored["snapshots"].update_many({}, {"$set": {"last_seen_at": clock.now}})
    assert codes() == []
    clock.now = NOW + timedelta(minutes=1) + MICROSECOND
    assert codes() == ["nearest_not_recorded"]
