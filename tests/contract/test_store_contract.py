"""Snapshots are seen whole or not at all, and never twice."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import cast

import pytest
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from optionchain.analytics import analytics_of
from optionchain.errors import SnapshotTorn, StoreUnavailable
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument, stamp_of
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.mongo.snapshot_writer import Commit, CommitResult, SnapshotWriter
from optionchain.mongo.storage_reader import StorageReader
from optionchain.mongo.stored_snapshot import facts_in, snapshot_of
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.bodies import EXPIRY, STAMP
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, quote, snapshot

NEXT = date(2026, 6, 30)
LAST = date(2026, 12, 29)
FRIDAY, DAY = date(2026, 6, 19), timedelta(days=1)


class HeaderlessDatabase(Database[Document]):
    """A database that takes contracts and goes away before a header is written."""

    def __init__(self, database: AnyDatabase) -> None:
        self._whole = database

    def __getitem__(self, name: str) -> Collection[Document]:
        return cast("Collection[Document]", self) if name == SNAPSHOTS else self._whole[name]

    def insert_many(self, *_args: object, **_options: object) -> None:
        raise AutoReconnect("gone")


def commit(store: SnapshotWriter, *snapshots: Snapshot) -> CommitResult:
    """Commit snapshots one after another; return the result of the last."""
    for each in snapshots:
        result = store.commit(Commit(each))
    return result


def latest(store: SnapshotWriter, expiry: date | None = None) -> HeaderDocument:
    header = store.latest_header("NIFTY", expiry)
    assert header is not None
    return header


def read(store: SnapshotWriter, expiry: date | None = None) -> Snapshot:
    header = latest(store, expiry)
    return snapshot_of(header, store.contracts(header))


def test_a_snapshot_is_read_as_it_was_committed(store: SnapshotWriter) -> None:
    chain = replace(
        snapshot([24000.0, 24050.5], last_price=None, implied_volatility=None, bid_qty=0),
        underlying_value=None,
    )
    assert commit(store, chain) == CommitResult(inserted=4, duplicates=0)
    assert read(store) == chain


def test_a_header_has_the_analytics_that_were_derived_or_none(store: SnapshotWriter) -> None:
    commit(store, snapshot(expiry=NEXT))
    store.commit(Commit(snapshot(), derive=partial(analytics_of, rate=5.5)))
    assert latest(store, EXPIRY)["analytics"] == analytics_of(snapshot(), rate=5.5)
    assert "analytics" not in latest(store, NEXT)


def test_a_commit_without_header_is_not_seen(store: SnapshotWriter, database: AnyDatabase) -> None:
    """The header is written last: it is the commit mark, and readers start from it."""
    with pytest.raises(StoreUnavailable):
        commit(SnapshotWriter(HeaderlessDatabase(database)), snapshot())
    assert database["option_chain"].count_documents({}) == 4
    assert store.latest_header("NIFTY") is store.nearest_header("NIFTY", EXPIRY) is None
    assert (store.symbols(), store.newest_header()) == ([], None)


def test_a_second_attempt_completes_the_first(store: SnapshotWriter, database: AnyDatabase) -> None:
    with pytest.raises(StoreUnavailable):
        commit(SnapshotWriter(HeaderlessDatabase(database)), snapshot([24000.0]))
    assert commit(store, snapshot()) == CommitResult(inserted=2, duplicates=2)
    assert read(store) == snapshot()


def test_a_repeated_commit_changes_nothing(store: SnapshotWriter, database: AnyDatabase) -> None:
    commit(store, snapshot())
    assert commit(store, snapshot()) == CommitResult(inserted=0, duplicates=4)
    assert database["option_chain"].count_documents({}) == 4
    assert database["snapshots"].count_documents({}) == 1


def test_the_final_chain_of_a_day_is_found_by_its_day_in_india(store: SnapshotWriter) -> None:
    evening = ist(FRIDAY, "19:45")
    for tick, settled in ((TICK, False), (evening, True), (ist(FRIDAY, "23:59:55"), False)):
        store.commit(Commit(snapshot(tick=tick), settled=settled))
    store.commit(Commit(snapshot(expiry=NEXT, tick=evening)))
    store.commit(Commit(snapshot(tick=ist(FRIDAY + DAY, "00:00"))))
    found = store.settled_header("NIFTY", EXPIRY, FRIDAY)
    assert found is not None
    assert (found["fetched_at"], found["settled"]) == (evening, True)
    for symbol, expiry, day in (
        ("NIFTY", NEXT, FRIDAY),
        ("NIFTY", EXPIRY, FRIDAY + DAY),
        ("NIFTY", EXPIRY, FRIDAY - DAY),
        ("BANKNIFTY", EXPIRY, FRIDAY),
    ):
        assert store.settled_header(symbol, expiry, day) is None


def test_a_chain_that_the_evening_finds_unchanged_becomes_the_final_one(
    store: SnapshotWriter,
) -> None:
    store.commit(Commit(snapshot()))
    header, evening = latest(store), ist(FRIDAY, "21:00")
    store.confirm(header, evening)
    assert store.settled_header("NIFTY", EXPIRY, FRIDAY) is None
    store.confirm(header, evening, settled=True)
    store.confirm(header, evening + INTERVAL)  # what is final stays so
    store.confirm(header, evening + 2 * INTERVAL, settled=True)
    found = store.settled_header("NIFTY", EXPIRY, FRIDAY)
    marks = {"settled": True, "settled_at": evening, "last_seen_at": evening + 2 * INTERVAL}
    assert found == {**header, **marks}


def test_a_chain_that_was_stored_as_the_final_one_has_been_so_since_then(
    store: SnapshotWriter,
) -> None:
    """A tick that read it at the same time as the one before finds it: the past stays."""
    evening = ist(FRIDAY, "19:45")
    store.commit(Commit(snapshot(tick=evening), settled=True))
    store.confirm(latest(store), evening + INTERVAL, settled=True)
    found = store.settled_header("NIFTY", EXPIRY, FRIDAY)
    assert found is not None
    assert "settled_at" not in found
    assert found["last_seen_at"] == evening + INTERVAL


OTHERS = {
    "other numbers": snapshot(last_price=7.0),
    "one other number": replace(
        snapshot(), quotes=(*snapshot().quotes[:3], quote("PE", 24050.0, ask_qty=1))
    ),
    "fewer strikes": snapshot([24000.0]),
    "more strikes": snapshot([24000.0, 24050.0, 24100.0]),
    "other strikes": snapshot([25000.0, 25050.0]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_content_under_a_committed_tick_is_torn_and_leaves_it_as_it_was(
    name: str, store: SnapshotWriter, database: AnyDatabase
) -> None:
    commit(store, snapshot())
    with pytest.raises(SnapshotTorn, match="NIFTY 23-Jun-2026"):
        commit(store, OTHERS[name])
    assert read(store) == snapshot()
    assert database["option_chain"].count_documents({}) == 4


@pytest.mark.parametrize("name", list(OTHERS)[:3])
def test_other_content_beside_a_failed_attempt_is_torn_and_commits_nothing(
    name: str, store: SnapshotWriter, database: AnyDatabase
) -> None:
    with pytest.raises(StoreUnavailable):
        commit(SnapshotWriter(HeaderlessDatabase(database)), snapshot())
    with pytest.raises(SnapshotTorn):
        commit(store, OTHERS[name])
    assert store.latest_header("NIFTY") is None


def test_other_content_at_the_next_tick_is_stored_as_well(store: SnapshotWriter) -> None:
    later = snapshot(tick=TICK + INTERVAL, last_price=7.0)
    commit(store, snapshot(), later)
    assert read(store) == later
    first = store.latest_header("NIFTY", as_of=TICK)
    assert first is not None
    assert snapshot_of(first, store.contracts(first)) == snapshot()


def test_a_revision_is_marked_and_keeps_earlier_hashes(store: SnapshotWriter) -> None:
    store.commit(Commit(snapshot(), revised=True, earlier_hashes=("a", "b")))
    assert (latest(store)["revised"], latest(store)["earlier_hashes"]) == (True, ["a", "b"])


def test_stored_times_are_read_aware_and_in_utc(store: SnapshotWriter) -> None:
    commit(store, snapshot())
    header = latest(store)
    instants = [header["fetched_at"], header["last_seen_at"], stamp_of(header)]
    assert {each.utcoffset() for each in (*instants, header["expiry"])} == {timedelta()}
    assert instants == [TICK, TICK, STAMP]


def test_a_confirmation_moves_last_seen_forward_and_never_back(store: SnapshotWriter) -> None:
    commit(store, snapshot(), snapshot(expiry=NEXT))
    header = latest(store, EXPIRY)
    for tick in (TICK + 2 * INTERVAL, TICK + INTERVAL, TICK - INTERVAL):
        store.confirm(header, tick)
        assert latest(store, EXPIRY) == header | {"last_seen_at": TICK + 2 * INTERVAL}
    assert latest(store, NEXT)["last_seen_at"] == TICK


@pytest.fixture
def recorded(store: SnapshotWriter) -> SnapshotWriter:
    """Three ticks of the nearest expiry, two of the next, one of another symbol."""
    commit(
        store,
        *(snapshot(tick=TICK + number * INTERVAL) for number in range(3)),
        *(snapshot([25000.0], expiry=NEXT, tick=TICK + number * INTERVAL) for number in (0, 1)),
        snapshot([7.5], symbol="IDEA", expiry=NEXT, tick=TICK + INTERVAL),
    )
    return store


def tick_of(header: HeaderDocument | None) -> int | None:
    return None if header is None else (header["fetched_at"] - TICK) // INTERVAL


@pytest.mark.parametrize(
    ("expiry", "seconds", "tick"),
    [
        (None, None, 2),
        (EXPIRY, None, 2),
        (NEXT, None, 1),
        (EXPIRY, 0, 0),
        (EXPIRY, 4, 0),
        (EXPIRY, 5, 1),
        (EXPIRY, 3600, 2),
        (EXPIRY, -1, None),
        (LAST, None, None),
    ],
)
def test_the_latest_header_is_the_newest_at_or_before_an_instant(
    expiry: date | None, seconds: int | None, tick: int | None, recorded: SnapshotWriter
) -> None:
    as_of = None if seconds is None else TICK + timedelta(seconds=seconds)
    assert tick_of(recorded.latest_header("NIFTY", expiry, as_of)) == tick


def test_a_believable_header_is_not_stamped_after_its_own_tick(store: SnapshotWriter) -> None:
    """Two minutes are the difference of two clocks; more is the stamp of no body of that tick."""
    late = TICK + 9 * INTERVAL
    assert store.believable_header("NIFTY", EXPIRY, late) is None
    leads = [-86_400, 120, 121, 10**10]
    for number, lead in enumerate(leads):
        tick = TICK + number * INTERVAL
        commit(store, snapshot(tick=tick, stamp=tick + timedelta(seconds=lead)))
    for as_of, expected in ((late, 1), (TICK + INTERVAL, 1), (TICK, 0)):
        found = store.believable_header("NIFTY", EXPIRY, as_of)
        assert found is not None
        assert found["fetched_at"] == TICK + expected * INTERVAL
    assert store.believable_header("NIFTY", NEXT, late) is None


def test_a_header_without_a_stamp_is_believable(store: SnapshotWriter) -> None:
    store.commit(Commit(replace(snapshot(), exchange_timestamp=None)))
    found = store.believable_header("NIFTY", EXPIRY, TICK)
    assert found is not None
    assert stamp_of(found) == TICK


def test_a_symbol_that_is_not_recorded_has_no_header(recorded: SnapshotWriter) -> None:
    assert recorded.latest_header("NIFT") is None
    assert recorded.first_header("NIFT") is None
    assert recorded.nearest_header("NIFT", EXPIRY) is None
    assert recorded.latest_headers("NIFT", EXPIRY) == []
    assert recorded.newest_headers("NIFT", [EXPIRY]) == {}
    assert recorded.expiries("NIFT", EXPIRY) == []


def test_the_first_header_is_the_oldest_of_its_symbol(recorded: SnapshotWriter) -> None:
    assert tick_of(recorded.first_header("NIFTY")) == 0
    assert tick_of(recorded.first_header("IDEA")) == 1


@pytest.mark.parametrize(
    ("today", "seconds", "expiry", "tick"),
    [
        (EXPIRY - timedelta(days=4), None, EXPIRY, 2),
        (EXPIRY, None, EXPIRY, 2),  # it trades until the end of its day
        (EXPIRY + timedelta(days=1), None, NEXT, 1),
        (LAST, None, EXPIRY, 2),  # all have passed: the newest there is
        (EXPIRY, 3600, EXPIRY, 2),
        (EXPIRY, 10, EXPIRY, 2),
        (EXPIRY, 9.999, EXPIRY, 1),
        (EXPIRY, 0, EXPIRY, 0),
        (NEXT, 3600, NEXT, 1),
        (NEXT, 4, NEXT, 0),
        (LAST, 7, None, 1),  # all have passed: the newest there was, of either expiry
        (EXPIRY, -0.001, None, None),
    ],
)
def test_the_nearest_header_is_of_the_first_expiry_not_passed(
    today: date,
    seconds: float | None,
    expiry: date | None,
    tick: int | None,
    recorded: SnapshotWriter,
) -> None:
    as_of = None if seconds is None else TICK + timedelta(seconds=seconds)
    header = recorded.nearest_header("NIFTY", today, as_of)
    assert tick_of(header) == tick
    assert expiry is None or (header and header["expiry"].date()) == expiry


def test_an_expiry_not_recorded_by_then_was_not_the_nearest(store: SnapshotWriter) -> None:
    commit(store, snapshot(expiry=NEXT), snapshot(tick=TICK + INTERVAL))
    header = store.nearest_header("NIFTY", EXPIRY, TICK)
    assert header is not None
    assert header["expiry"].date() == NEXT


@pytest.mark.parametrize(
    ("today", "seconds", "expected"),
    [
        (EXPIRY, None, [(EXPIRY, 2), (NEXT, 1)]),
        (NEXT, None, [(NEXT, 1)]),
        (LAST, None, [(EXPIRY, 2), (NEXT, 1)]),  # all have passed: the last ones
        (EXPIRY, 3600, [(EXPIRY, 2), (NEXT, 1)]),
        (EXPIRY, 9, [(EXPIRY, 1), (NEXT, 1)]),
        (EXPIRY, 0, [(EXPIRY, 0), (NEXT, 0)]),
        (NEXT, 9, [(NEXT, 1)]),
        (LAST, 12, [(EXPIRY, 2), (NEXT, 1)]),
        (EXPIRY, -1, []),
    ],
)
def test_the_latest_headers_are_those_of_every_expiry_not_passed(
    today: date, seconds: float | None, expected: list[tuple[date, int]], recorded: SnapshotWriter
) -> None:
    as_of = None if seconds is None else TICK + timedelta(seconds=seconds)
    headers = recorded.latest_headers("NIFTY", today, as_of)
    assert [(each["expiry"].date(), tick_of(each)) for each in headers] == expected


def test_the_newest_header_of_each_expiry_is_found_at_once(recorded: SnapshotWriter) -> None:
    headers = recorded.newest_headers("NIFTY", [EXPIRY, NEXT, LAST])
    assert {day: tick_of(header) for day, header in headers.items()} == {EXPIRY: 2, NEXT: 1}
    assert headers[EXPIRY] == latest(recorded, EXPIRY)


def test_expiries_are_in_the_order_of_dates(recorded: SnapshotWriter) -> None:
    """As text, 04-Aug-2026 would come before 23-Jun-2026."""
    august = date(2026, 8, 4)
    commit(recorded, snapshot(expiry=august))
    assert recorded.expiries("NIFTY", EXPIRY) == [EXPIRY, NEXT, august]
    assert recorded.expiries("NIFTY", NEXT) == [NEXT, august]


def test_newest_header_is_that_of_the_last_tick(recorded: SnapshotWriter) -> None:
    assert recorded.symbols() == ["IDEA", "NIFTY"]
    newest = recorded.newest_header()
    assert newest is not None
    assert newest["fetched_at"] == TICK + 2 * INTERVAL


def test_contracts_of_a_header_are_sorted_by_strike_call_first(recorded: SnapshotWriter) -> None:
    header = latest(recorded, EXPIRY)
    rows = recorded.contracts(header)
    assert [(row["strike_price"], row["type"]) for row in rows] == [
        (24000.0, "CE"),
        (24000.0, "PE"),
        (24050.0, "CE"),
        (24050.0, "PE"),
    ]
    assert {row["fetched_at"] for row in rows} == {header["fetched_at"]}
    assert all("_id" not in row for row in rows)
    assert recorded.strikes(header) == [24000.0, 24050.0]


def test_a_condition_narrows_contracts_and_never_widens_them(recorded: SnapshotWriter) -> None:
    header = latest(recorded, EXPIRY)
    rows = recorded.contracts(header, {"type": "PE", "strike_price": {"$gte": 24050.0}})
    assert [row["identifier"] for row in rows] == ["NIFTY_PE_24050_23-Jun-2026"]
    assert recorded.contracts(header, {"symbol": "IDEA"}) == recorded.contracts(header)


COLUMNS = ("expiry", "strike_price", "type", "identifier")


@pytest.mark.parametrize("columns", [None, COLUMNS])
def test_contracts_of_several_headers_are_sorted_by_expiry(
    columns: tuple[str, ...] | None, recorded: SnapshotWriter
) -> None:
    headers = recorded.latest_headers("NIFTY", EXPIRY)
    rows = recorded.contracts_of(list(reversed(headers)), {"type": "CE"}, columns)
    assert [row["identifier"] for row in rows] == [
        "NIFTY_CE_24000_23-Jun-2026",
        "NIFTY_CE_24050_23-Jun-2026",
        "NIFTY_CE_25000_30-Jun-2026",
    ]
    assert columns is None or all(set(row) == set(columns) for row in rows)


def test_wanted_columns_are_read_alone_in_the_same_order(recorded: SnapshotWriter) -> None:
    header = latest(recorded, EXPIRY)
    rows = recorded.contracts(header, None, COLUMNS)
    whole = recorded.contracts(header)
    assert rows == [{name: row[name] for name in COLUMNS} for row in map(dict, whole)]
    assert recorded.contracts(header, {}, None) == whole


def test_the_size_of_a_database_grows_with_what_is_in_it(real_database: AnyDatabase) -> None:
    """On the real server alone: mongomock knows no dbStats."""
    storage = StorageReader(real_database)
    before = storage.size()
    commit(SnapshotWriter(real_database), snapshot())
    after = storage.size()
    assert set(after) == {"data", "storage", "indexes"}
    assert after["data"] > before["data"]


def test_what_the_record_knows_of_a_snapshot_is_read_as_it_was_committed(
    store: SnapshotWriter,
) -> None:
    facts = SnapshotFacts(
        underlying_since=STAMP,
        iv_as_of={(24000.0, "CE"): STAMP},
        listed_on={(24050.0, "PE"): date(2026, 6, 19)},
        new_legs=frozenset({(24050.0, "CE"), (24050.0, "PE")}),
        doubted_legs=frozenset({(24000.0, "PE")}),
    )
    store.commit(Commit(snapshot(), facts=facts))
    header = latest(store)
    assert facts_in(header, store.contracts(header)) == facts


def test_contracts_of_an_older_version_have_no_facts(
    store: SnapshotWriter, database: AnyDatabase
) -> None:
    store.commit(Commit(snapshot()))
    added = ("iv_as_of", "listed_on", "newly_listed")
    database[CONTRACTS].update_many({}, {"$unset": dict.fromkeys(added, 1)})
    header = latest(store)
    assert [row["listed_on"] for row in store.contracts(header)] == [None] * 4
    columns = ("strike_price", "type", "newly_listed")
    for found in (store.contracts(header, columns=columns), store.contracts_of([header], {})):
        assert [row["newly_listed"] for row in found] == [None] * 4
    assert "iv_as_of" not in store.contracts(header, columns=columns)[0]
    facts = facts_in(header, store.contracts(header))
    assert (facts.new_legs, facts.doubted_legs) == (frozenset(), snapshot().legs)


def test_the_newest_document_of_a_contract_is_found_whatever_came_after_it(
    store: SnapshotWriter,
) -> None:
    later, latest_tick = TICK + INTERVAL, TICK + 2 * INTERVAL
    commit(
        store,
        snapshot(),
        snapshot(tick=later, stamp=STAMP + INTERVAL, open_interest=7.0),
        snapshot([24050.0], tick=latest_tick, stamp=STAMP + 2 * INTERVAL, open_interest=9.0),
    )
    wanted = ["NIFTY_CE_24000_23-Jun-2026", "NIFTY_PE_24050_23-Jun-2026", "NIFTY_CE_1_23-Jun-2026"]
    columns = ("type", "strike_price", "open_interest")
    found = {
        (row["strike_price"], row["type"]): row["open_interest"]
        for row in store.newest_documents(wanted, columns)
    }
    assert found == {(24000.0, "CE"): 7.0, (24050.0, "PE"): 9.0}
