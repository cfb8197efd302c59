"""The newest headers of many symbols at once are those that are found symbol by symbol."""

from datetime import date, timedelta
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.documents import HeaderDocument, header_document
from optionchain.mongo.header_reader import HeaderReader
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

NEXT, LAST = date(2026, 6, 30), date(2026, 12, 29)
# More expiry dates than one query has branches.
DAYS = [EXPIRY + timedelta(days=7 * week) for week in range(50)]

symbols = st.sampled_from(["NIFTY", "NIFTY50", "M&M", "360ONE"])
keys = st.tuples(symbols, st.sampled_from(DAYS[:3]), st.integers(0, 3))
wanted = st.dictionaries(symbols, st.lists(st.sampled_from(DAYS[:4])))


def test_the_newest_header_of_each_expiry_of_each_symbol_is_found(store: SnapshotWriter) -> None:
    for symbol, expiry, tick in (
        ("NIFTY", EXPIRY, 0),
        ("NIFTY", EXPIRY, 1),
        ("NIFTY", NEXT, 0),
        ("IDEA", EXPIRY, 0),
        ("M&M", NEXT, 2),
    ):
        at = TICK + tick * INTERVAL
        store.commit(Commit(snapshot(symbol=symbol, expiry=expiry, tick=at)))
    asked = {"NIFTY": [NEXT, EXPIRY, LAST], "M&M": [EXPIRY, NEXT], "IDEA": [LAST], "NONE": [NEXT]}
    found = store.newest_of_symbols(asked)
    assert found == {
        "NIFTY": {
            EXPIRY: store.latest_header("NIFTY", EXPIRY),
            NEXT: store.latest_header("NIFTY", NEXT),
        },
        "M&M": {NEXT: store.latest_header("M&M", NEXT)},
    }
    assert store.newest_of_symbols({}) == store.newest_of_symbols({"NIFTY": []}) == {}


def test_only_the_columns_that_are_asked_for_are_read(store: SnapshotWriter) -> None:
    store.commit(Commit(snapshot()))
    found = store.newest_of_symbols({"NIFTY": [EXPIRY]}, ["calls", "analytics.pcr_oi", "other"])
    names = {"symbol": "NIFTY", "expiry": midnight_utc(EXPIRY), "calls": 2}
    assert found == {"NIFTY": {EXPIRY: names}}


def test_as_many_expiry_dates_as_may_be_are_found(store: SnapshotWriter) -> None:
    for day in DAYS:
        store.commit(Commit(snapshot([24000.0], expiry=day)))
    assert list(store.newest_of_symbols({"NIFTY": DAYS})["NIFTY"]) == DAYS


def fill(database: AnyDatabase, stored: list[tuple[str, date, int]]) -> HeaderReader:
    headers = database[SNAPSHOTS]
    headers.delete_many({})
    for symbol, day, tick in stored:
        each = snapshot(symbol=symbol, expiry=day, tick=TICK + tick * INTERVAL)
        headers.insert_one(dict(header_document(each)))
    return HeaderReader(database)


@settings(deadline=None)
@given(st.lists(keys, unique=True, max_size=20), wanted)
def test_many_symbols_are_found_as_one_after_another(
    indexed_database: AnyDatabase,
    stored: list[tuple[str, date, int]],
    asked: dict[str, list[date]],
) -> None:
    reader = fill(indexed_database, stored)
    one_by_one = {symbol: reader.newest_headers(symbol, days) for symbol, days in asked.items()}
    expected = {symbol: found for symbol, found in one_by_one.items() if found}
    assert reader.newest_of_symbols(asked) == expected


@settings(deadline=None)
@given(
    st.lists(keys, unique=True, max_size=20),
    st.dictionaries(symbols, st.sampled_from(DAYS[:4]).map(lambda day: day - timedelta(days=1))),
)
def test_recorded_expiries_are_found_as_one_symbol_after_another(
    indexed_database: AnyDatabase,
    stored: list[tuple[str, date, int]],
    since: dict[str, date],
) -> None:
    reader = fill(indexed_database, stored)
    current = {
        symbol: reader.newest_headers(symbol, reader.expiries(symbol, day))
        for symbol, day in since.items()
    }
    current = {symbol: found for symbol, found in current.items() if found}
    assert reader.current_of_symbols(since) == current
    nearest = {symbol: found[min(found)] for symbol, found in current.items()}
    assert reader.nearest_of_symbols(since) == nearest
    last = {symbol: header for symbol in since if (header := reader.latest_header(symbol))}
    found = reader.last_of_symbols(list(since))
    assert {each: header["fetched_at"] for each, header in found.items()} == {
        each: header["fetched_at"] for each, header in last.items()
    }


@settings(deadline=None)
@given(st.lists(keys, unique=True, max_size=20), wanted, wanted)
def test_of_further_expiries_only_the_newest_tick_is_told(
    indexed_database: AnyDatabase,
    stored: list[tuple[str, date, int]],
    asked: dict[str, list[date]],
    further: dict[str, list[date]],
) -> None:
    reader, columns = fill(indexed_database, stored), ("fetched_at", "content_hash", "calls")
    further = {symbol: list({*days} - {*asked.get(symbol, ())}) for symbol, days in further.items()}
    expected = reader.newest_of_symbols(asked, columns)
    for symbol, found in reader.newest_of_symbols(further, ("fetched_at", "calls")).items():
        for day, header in found.items():
            named = ("symbol", "expiry", "fetched_at")
            told = {name: each for name, each in header.items() if name in named}
            expected.setdefault(symbol, {})[day] = cast("HeaderDocument", told)
    assert reader.newest_and_ticks(asked, further, columns) == expected
