"""The lists of expiries, dated, and the list of underlyings: what one has read all know."""

from datetime import date, timedelta

import pytest

from optionchain.mongo.listing_register import Listing, ListingRegister, SourceList
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.source_listings import SourceListings
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


def of_source(database: AnyDatabase, name: str) -> SourceListings:
    return SourceListings(ListingRegister(database), name, ("upstox", "nse"))


def test_what_is_listed_is_what_any_source_lists(
    listings: ListingRegister, database: AnyDatabase
) -> None:
    """NSE's list came before the other source was a setting; each source knows its own."""
    later = TICK + 24 * INTERVAL
    of_source(database, "upstox").write(Listing("NIFTY", (A, B), later, later))
    both = listings.newest()["NIFTY"]
    assert both.expiries == (A, B, C)
    assert both.by_source == {
        "nse": SourceList((B, C), MOVED.read_at),
        "upstox": SourceList((A, B), later),
    }
    for name, expiries in (("nse", (B, C)), ("upstox", (A, B))):
        assert of_source(database, name).newest(["NIFTY"])["NIFTY"].expiries == expiries


def test_an_expiry_ends_when_the_last_source_drops_it(
    listings: ListingRegister, database: AnyDatabase
) -> None:
    at = TICK + 24 * INTERVAL
    for name, expiries in (("upstox", (B, C)), ("nse", (B,)), ("upstox", (B,))):
        of_source(database, name).write(Listing("NIFTY", expiries, at, at))
        at += INTERVAL
    assert [each.expiries for each in listings.history("NIFTY")] == [(A, C), (B, C), (B,)]


def test_a_source_without_a_list_begins_with_what_is_listed_and_reads_its_own(
    listings: ListingRegister,  # noqa: ARG001  (it fills the database)
    database: AnyDatabase,
) -> None:
    found = of_source(database, "upstox").newest(["NIFTY"])["NIFTY"]
    assert found.expiries == MOVED.expiries
    assert found.read_at == MOVED.read_at - timedelta(days=1)


def test_the_list_of_a_source_that_is_not_read_any_more_is_forgotten(
    listings: ListingRegister, database: AnyDatabase
) -> None:
    later = MOVED.read_at + timedelta(days=15)
    of_source(database, "upstox").write(Listing("NIFTY", (C,), later, later))
    assert listings.newest()["NIFTY"].expiries == (C,)


def test_a_recorder_of_nse_alone_writes_its_lists_as_before(
    empty_database: AnyDatabase,
) -> None:
    SourceListings(ListingRegister(empty_database), "nse", ("nse",)).write(FIRST)
    assert ListingRegister(empty_database).newest() == {"NIFTY": FIRST}
