"""Which moments are answered by the database, and which by the archive."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from chain_api.archive.all_snapshots import AllSnapshots
from chain_api.archive.all_ticks import AllTicks
from chain_api.archive.cold_days import ColdDays
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable, SnapshotIncomplete
from optionchain.exchange_time import exchange_date, expiry_text
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import CHAIN, client, commit, database_with, problem
from tests.support.archived_days import archive_day
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import TICK, snapshot
from tests.support.watched_store import WatchedStore

pytestmark = uses_mongomock

DAY = timedelta(days=1)
RETENTION = Settings().retention_days
# A month later nothing of the tick's day is left in the database.
LATER = TICK + (RETENTION + 1) * DAY
SINCE_THEN = TICK + 20 * DAY
NEXT = EXPIRY + 35 * DAY


@pytest.fixture
def store(tmp_path: Path) -> WatchedStore:
    return WatchedStore(tmp_path)


def sealed(database: AnyDatabase, store: WatchedStore, *symbols: str) -> None:
    """Seal the day of the tick, and forget what was asked for that."""
    for symbol in symbols or ("NIFTY",):
        archive_day(database, store, symbol, exchange_date(TICK))
    store.asked.clear()


def snapshots(database: AnyDatabase, store: WatchedStore, retention_days: int) -> AllSnapshots:
    """Return the reader a month later."""
    cold = ColdDays(ArchiveReader(store), database, retention_days, lambda: LATER)
    return AllSnapshots(database, cold)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"expiry": "all"},
        {"expiry": "28-Jul-2026"},
        {"as_of": (SINCE_THEN + DAY).isoformat()},
        {"as_of": (SINCE_THEN + DAY).isoformat(), "expiry": "all"},
        {"as_of": SINCE_THEN.isoformat(), "strikes_around_atm": "1", "greeks": "true"},
    ],
)
@pytest.mark.parametrize("expiry", [EXPIRY, NEXT], ids=["passed", "alive"])
def test_answers_of_the_database_ask_nothing_of_the_archive(
    store: WatchedStore, expiry: date, asked: dict[str, str]
) -> None:
    database = database_with(snapshot())
    sealed(database, store)
    commit(database, snapshot(tick=SINCE_THEN, stamp=SINCE_THEN, expiry=expiry))
    store.away = True
    api = client(database, LATER, archive=store)
    named = asked | ({"expiry": expiry_text(expiry)} if "28-Jul-2026" in asked.values() else {})
    for path in ("", "/analytics") if asked.get("expiry") != "all" else ("",):
        response = api.get(CHAIN + path, params=named if path == "" else {})
        assert response.status_code == 200
    assert store.asked == []


def test_moment_of_a_day_that_is_gone_is_read_from_the_archive(store: WatchedStore) -> None:
    database = database_with(snapshot())
    sealed(database, store)
    header = snapshots(memory_database(), store, RETENTION).latest_header("NIFTY", EXPIRY, TICK)
    assert header == database[SNAPSHOTS].find_one({}, {"_id": False})


def test_newest_headers_of_symbols_that_are_gone_are_read_from_the_archive(
    store: WatchedStore,
) -> None:
    database = database_with(snapshot(), snapshot(symbol="M&M"))
    sealed(database, store, "NIFTY", "M&M")
    kept = database_with(snapshot(symbol="IDEA", tick=SINCE_THEN, stamp=SINCE_THEN))
    reader = snapshots(kept, store, RETENTION)
    asked = {symbol: [EXPIRY] for symbol in ("NIFTY", "IDEA", "M&M", "NONE")}
    found = reader.newest_of_symbols(asked)
    assert found == {name: reader.newest_headers(name, [EXPIRY]) for name in list(asked)[:3]}
    assert reader.newest_of_symbols(asked, ["calls"]).keys() == found.keys()


def test_day_without_a_seal_is_read_from_the_database(store: WatchedStore) -> None:
    database = database_with(snapshot())
    reader = snapshots(database, store, RETENTION)
    header = reader.latest_header("NIFTY", EXPIRY, TICK)
    assert header
    assert len(reader.contracts(header)) == 4


def test_day_of_which_a_part_is_left_is_read_from_the_archive(store: WatchedStore) -> None:
    database = database_with(snapshot(), snapshot(tick=TICK + timedelta(hours=1)))
    sealed(database, store)
    database[SNAPSHOTS].delete_one({"fetched_at": TICK})
    database[CONTRACTS].delete_many({"fetched_at": TICK})
    reader = snapshots(database, store, RETENTION)
    header = reader.latest_header("NIFTY", EXPIRY, TICK)
    assert header
    assert header["fetched_at"] == TICK
    assert len(reader.contracts(header)) == 4


def test_day_that_a_shorter_retention_took_is_read_from_the_archive(store: WatchedStore) -> None:
    """The setting was raised since, so the day counts as one of the database."""
    database = database_with(snapshot())
    sealed(database, store)
    reader = snapshots(memory_database(), store, 2 * RETENTION)
    header = reader.latest_header("NIFTY", EXPIRY, TICK)
    assert header
    assert len(reader.contracts(header)) == len(reader.contracts_of([header], {})) == 4
    assert reader.strikes(header) == [24000.0, 24050.0]


def test_what_came_after_the_seal_waits_for_the_next_seal(store: WatchedStore) -> None:
    """A cold day is read from the archive as a whole; what it lacks hides no day before it."""
    database = database_with(snapshot())
    sealed(database, store)
    commit(database, snapshot(tick=TICK + timedelta(hours=1), expiry=EXPIRY))
    commit(database, snapshot(tick=TICK + timedelta(hours=1), expiry=NEXT))
    commit(database, snapshot(tick=TICK - DAY, expiry=NEXT))
    reader = snapshots(database, store, RETENTION)
    end = TICK + timedelta(hours=2)
    for found in (
        [reader.latest_header("NIFTY", expiry, end) for expiry in (EXPIRY, NEXT)],
        reader.newest_of("NIFTY", [EXPIRY, NEXT], end),
    ):
        assert [header and header["fetched_at"] for header in found] == [TICK, TICK - DAY]


def test_expiries_that_a_new_database_lacks_are_found(store: WatchedStore) -> None:
    """The database was begun anew, and has the nearest expiry alone of the first tick."""
    archived = database_with(snapshot(tick=SINCE_THEN - DAY, expiry=NEXT))
    commit(archived, snapshot(tick=SINCE_THEN - DAY, expiry=NEXT + 7 * DAY))
    archive_day(archived, store, "NIFTY", exchange_date(SINCE_THEN - DAY))
    database = database_with(snapshot(tick=SINCE_THEN, expiry=NEXT + 7 * DAY))
    commit(database, snapshot(tick=SINCE_THEN + DAY, expiry=NEXT))
    reader = snapshots(database, store, RETENTION)
    found = reader.nearest_header("NIFTY", exchange_date(SINCE_THEN), SINCE_THEN)
    assert found
    assert (found["expiry_date"], found["fetched_at"]) == (expiry_text(NEXT), SINCE_THEN - DAY)
    every = reader.newest_of("NIFTY", [NEXT, NEXT + 7 * DAY], SINCE_THEN)
    assert [header["fetched_at"] for header in every] == [SINCE_THEN - DAY, SINCE_THEN]


def test_snapshot_that_lacks_a_contract_everywhere_is_not_served(store: WatchedStore) -> None:
    database = database_with(snapshot())
    database[CONTRACTS].delete_one({})
    header = database[SNAPSHOTS].find_one({}, {"_id": False})
    assert header
    with pytest.raises(SnapshotIncomplete):
        snapshots(database, store, 2 * RETENTION).contracts(header)  # type: ignore[arg-type]


def test_snapshot_that_the_archive_has_in_part_is_not_served(store: WatchedStore) -> None:
    database = database_with(snapshot())
    sealed(database, store)
    reader = snapshots(memory_database(), store, RETENTION)
    header = reader.latest_header("NIFTY", EXPIRY, TICK)
    assert header
    header["calls"] += 1
    for where in (None, {"type": "CE"}):
        with pytest.raises(ArchiveDamaged, match=r"contracts-.* has 4 of 5 contracts"):
            reader.contracts(header, where)


def test_archive_that_is_away_is_said(store: WatchedStore) -> None:
    database = database_with(snapshot())
    sealed(database, store)
    store.away = True
    with pytest.raises(ArchiveUnavailable):
        snapshots(memory_database(), store, RETENTION).latest_header("NIFTY", EXPIRY, TICK)


def test_request_about_a_cold_day_is_refused_while_the_archive_is_away(
    store: WatchedStore,
) -> None:
    database = database_with(snapshot())
    sealed(database, store)
    store.away = True
    api = client(memory_database(), LATER, archive=store)
    for path in ("", "/strikes", "/analytics/smile"):
        response = api.get(CHAIN + path, params={"as_of": TICK.isoformat()})
        problem(response, 503, "archive-unavailable")
        assert int(response.headers["Retry-After"]) > 0
    store.away = False
    assert api.get(CHAIN, params={"as_of": TICK.isoformat()}).status_code == 200


def test_many_requests_at_once_get_the_same_answer(store: WatchedStore) -> None:
    database = database_with(snapshot(), snapshot(symbol="M&M"))
    sealed(database, store, "NIFTY", "M&M")
    reader = snapshots(memory_database(), store, RETENTION)

    def strikes(symbol: str) -> list[float]:
        header = reader.latest_header(symbol, EXPIRY, TICK)
        assert header
        assert {row["symbol"] for row in reader.contracts(header)} == {symbol}
        return reader.strikes(header)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(strikes, ["NIFTY", "M&M"] * 40))
    assert found == [[24000.0, 24050.0]] * 80


def test_damaged_file_gives_no_number(store: WatchedStore, tmp_path: Path) -> None:
    database = database_with(snapshot())
    sealed(database, store)
    (file,) = tmp_path.glob("files/NIFTY/*/contracts-*")
    reader = snapshots(memory_database(), store, RETENTION)
    header = reader.latest_header("NIFTY", EXPIRY, TICK)
    assert header
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ArchiveDamaged):
        reader.contracts(header)
    api = client(memory_database(), LATER, archive=store)
    problem(api.get(CHAIN, params={"as_of": TICK.isoformat()}), 503, "archive-damaged")


def test_symbol_that_only_the_archive_has_is_known(store: WatchedStore) -> None:
    gone = database_with(snapshot(symbol="M&M"))
    sealed(gone, store, "M&M")
    database = database_with(snapshot(tick=SINCE_THEN, stamp=SINCE_THEN))
    api = client(database, LATER, archive=store)
    unknown = problem(api.get("/option-chain/NEVER"), 404, "unknown-symbol")
    assert unknown["known_symbols"] == ["M&M", "NIFTY"]
    assert api.get("/option-chain/M%26M").status_code == 200


def test_newest_of_a_long_time_ago_is_found_in_few_reads(store: WatchedStore) -> None:
    database = database_with(snapshot(symbol="OLD"))
    archive_day(database, store, "OLD", exchange_date(TICK))
    for number in range(1, 40):
        other = database_with(snapshot(tick=TICK - number * DAY, expiry=EXPIRY + DAY))
        archive_day(other, store, "NIFTY", exchange_date(TICK) - number * DAY)
    commit(database, snapshot(tick=TICK - 40 * DAY))
    archive_day(database, store, "NIFTY", exchange_date(TICK) - 40 * DAY)
    store.asked.clear()
    header = snapshots(memory_database(), store, RETENTION).latest_header("NIFTY", EXPIRY, TICK)
    assert header
    assert header["fetched_at"] == TICK - 40 * DAY
    assert len({name for name in store.asked if name.startswith("files/")}) == 1


def test_confirmations_of_both_places_are_one_ledger(store: WatchedStore) -> None:
    database = memory_database()
    ledger = TickLedger(database)
    asked = {"expiry_date": "23-Jun-2026", "outcome": "unchanged", "verdict": "unchanged"}
    ticks = [TICK + timedelta(seconds=5 * number) for number in range(4)]
    for tick in ticks[:3]:
        ledger.record("NIFTY", tick, {"outcome": "unchanged", "expiries": [asked]})
    ledger.claim("NIFTY", ticks[3], "owner", ticks[3])
    sealed(database, store)
    before = ledger.completed("NIFTY", ticks[0], ticks[3])
    database["ticks"].delete_many({"tick": {"$lt": ticks[1]}})
    cold = ColdDays(ArchiveReader(store), database, RETENTION, lambda: LATER)
    both = AllTicks(database, cold)
    assert both.completed("NIFTY", ticks[0], ticks[3]) == before
    assert both.confirmed_at("NIFTY", "23-Jun-2026", ticks[0], ticks[3]) == ticks[2]
    assert both.confirmed_at("NIFTY", "23-Jun-2026", ticks[2], ticks[3]) is None
    assert both.confirmed_at("NIFTY", "30-Jun-2026", ticks[0], ticks[3]) is None
