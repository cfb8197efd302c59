"""The lists of expiries, dated, and the list of underlyings: what one has read all know."""

from datetime import date, timedelta

import pytest

from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.underlying_register import (
    UNDERLYINGS,
    Underlying,
    UnderlyingRegister,
    Underlyings,
)
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

A, B, C = date(2026, 6, 23), date(2026, 6, 30), date(2026, 7, 28)
FIRST = Listing("NIFTY", (A, C), TICK, TICK)
MOVED = Listing("NIFTY", (B, C), TICK + 12 * INTERVAL, TICK + 12 * INTERVAL)
OTHER = Listing("M&M", (C,), TICK + INTERVAL, TICK + INTERVAL, unlisted=(C,))
NSE = "https://www.nseindia.com"


@pytest.fixture
def listings(database: AnyDatabase) -> ListingRegister:
    writer = ListingRegister(database)
    for listing in (FIRST, OTHER, MOVED):
        writer.write(listing)
    return ListingRegister(database)


@pytest.mark.parametrize(("ticks", "expected"), [
    (-1, None),
    (0, FIRST),
    (11, FIRST),
    (12, MOVED),
    (10_000, MOVED),
])  # fmt: skip
def test_a_list_holds_from_its_tick_until_the_next_one(
    listings: ListingRegister, ticks: int, expected: Listing | None
) -> None:
    assert listings.at("NIFTY", TICK + ticks * INTERVAL) == expected
    assert listings.at("IDEA", TICK + ticks * INTERVAL) is None


def test_the_history_of_a_symbol_is_in_order_of_time(listings: ListingRegister) -> None:
    assert listings.history("NIFTY") == [FIRST, MOVED]
    assert listings.history("IDEA") == []


def test_the_newest_list_of_each_symbol_is_found_by_one_query(listings: ListingRegister) -> None:
    assert listings.newest() == {"NIFTY": MOVED, "M&M": OTHER}
    assert listings.newest(["NIFTY", "IDEA"]) == {"NIFTY": MOVED}
    assert listings.newest([]) == {}


def test_a_list_that_is_confirmed_stays_one_document(
    listings: ListingRegister, database: AnyDatabase
) -> None:
    confirmed = MOVED._replace(read_at=TICK + timedelta(days=1), unlisted=(B,))
    listings.write(confirmed)
    assert listings.newest(["NIFTY"]) == {"NIFTY": confirmed}
    assert database["listings"].count_documents({}) == 3


def test_the_last_list_of_underlyings_is_kept_with_what_it_lacks(
    empty_database: AnyDatabase,
) -> None:
    writer, reader = (UnderlyingRegister(empty_database, NSE) for _ in range(2))
    assert reader.read() is None
    before = TICK - timedelta(days=1)
    known = {"NIFTY": Underlying("Indices", TICK), "M&M": Underlying("Equity", before)}
    for read_at in (before, TICK):
        writer.write(Underlyings(read_at, known))
    found = reader.read()
    assert found == Underlyings(TICK, known)
    assert [found.lacks(symbol) for symbol in ("NIFTY", "M&M", "IDEA")] == [False, True, False]
    assert UnderlyingRegister(empty_database, "http://127.0.0.1:8001").read() is None
    assert empty_database[UNDERLYINGS].count_documents({}) == 1


def test_a_withdrawn_expiry_is_marked_in_its_newest_header_alone(database: AnyDatabase) -> None:
    store, register = SnapshotWriter(database), ListingRegister(database)
    for day, tick in ((A, TICK), (A, TICK + INTERVAL), (C, TICK)):
        store.commit(Commit(snapshot(expiry=day, tick=tick)))
    since = TICK + timedelta(days=2)
    for listing in (FIRST, MOVED._replace(since=since)):
        register.write(listing)
    marks = [
        (header["expiry"].date(), header["fetched_at"], header["unlisted_since"])
        for header in database["snapshots"].find({"unlisted_since": {"$exists": True}})
    ]
    assert marks == [(A, TICK + INTERVAL, since)]


def test_the_passing_of_an_expiry_marks_nothing(database: AnyDatabase) -> None:
    SnapshotWriter(database).commit(Commit(snapshot(expiry=A)))
    for listing in (FIRST, MOVED._replace(since=TICK + timedelta(days=5))):
        ListingRegister(database).write(listing)
    assert database["snapshots"].count_documents({"unlisted_since": {"$exists": True}}) == 0
