"""A server that is stopped: everything that asks it fails fast, by the project's own error."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from chain_api.store.header_totals import HeaderTotals
from chain_api.store.tick_summary import TickSummary
from chain_api.store.ticks_today import TicksToday
from local.mongod import Mongod
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import open_database
from optionchain.mongo.database_identity import known_identity
from optionchain.mongo.day_stops import DayStops
from optionchain.mongo.documents import header_document
from optionchain.mongo.header_counts import HeaderCounts
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.restored_days import RestoredDays
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.source_register import SourceRegister, SourceState
from optionchain.mongo.storage_reader import StorageReader
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.recorder_stops import DayOrigin
from optionchain.settings import SecretStr, Settings
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase
from tests.support.patience import ends_soon
from tests.support.snapshots import INTERVAL, TICK, snapshot

LATER = TICK + timedelta(hours=1)


@pytest.fixture
def own_mongod(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:  # noqa: ARG001
    """A server that the test may stop; skips where the shared one cannot be started."""
    server = Mongod(tmp_path_factory.mktemp("own-mongod")).start()
    yield server
    server.stop()


def operations(database: AnyDatabase) -> dict[str, Callable[[], object]]:
    """Every kind of work that is done on a database."""
    store, ledger, register = (
        SnapshotWriter(database),
        TickLedger(database),
        ShiftRegister(database),
    )
    source, holidays = SourceRegister(database, "https://source.example"), HolidayRegister(database)
    header = header_document(snapshot())
    return {
        "ensure": lambda: Indexes(database, RETENTION_DAYS).ensure(),
        "commit": lambda: store.commit(Commit(snapshot(tick=TICK + INTERVAL))),
        "confirm": lambda: store.confirm(header, TICK),
        "latest_header": lambda: store.latest_header("NIFTY"),
        "newest_headers": lambda: store.newest_headers("NIFTY", [EXPIRY]),
        "newest_of_symbols": lambda: store.newest_of_symbols({"NIFTY": [EXPIRY]}),
        "nearest_of_symbols": lambda: store.nearest_of_symbols({"NIFTY": EXPIRY}),
        "last_of_symbols": lambda: store.last_of_symbols(["NIFTY"]),
        "nearest_header": lambda: store.nearest_header("NIFTY", EXPIRY),
        "latest_headers": lambda: store.latest_headers("NIFTY", EXPIRY),
        "expiries": lambda: store.expiries("NIFTY", EXPIRY),
        "contracts": lambda: store.contracts(header),
        "contracts_of": lambda: store.contracts_of([header], {}),
        "strikes": lambda: store.strikes(header),
        "symbols": store.symbols,
        "counts.write": lambda: HeaderCounts(database).write(LATER),
        "counts.read": HeaderCounts(database).read,
        "totals": lambda: HeaderTotals(database).read(LATER),
        "size": StorageReader(database).size,
        "compression": StorageReader(database).compression,
        "claim": lambda: ledger.claim("NIFTY", TICK + INTERVAL, "first", TICK),
        "record": lambda: ledger.record("NIFTY", TICK, {"outcome": "stored"}),
        "last": lambda: TickSummary(database).last(["NIFTY"]),
        "ticks_today": lambda: TicksToday(database).read({"NIFTY": timedelta()}, TICK),
        "last_good": lambda: ledger.last_good(["NIFTY"]),
        "last_busy": lambda: ledger.last_busy(["NIFTY"], TICK),
        "last_claim": lambda: ledger.last_claim(["NIFTY"]),
        "take_over": lambda: register.take_over(["NIFTY"], "first", TICK),
        "held_by": lambda: register.held_by("first", ["NIFTY"]),
        "owners": register.owners,
        "enabled": RecorderSwitch(database).enabled,
        "stops": lambda: DayStops(database).of_day("NIFTY", EXPIRY),
        "identity": lambda: known_identity(database),
        "restored": lambda: RestoredDays(database).write("NIFTY", EXPIRY, DayOrigin(None, ())),
        "source.read": source.read,
        "source.write": lambda: source.write(SourceState()),
        "holidays.read": holidays.read,
        "holidays.write": lambda: holidays.write(HOLIDAYS_2026, TICK),
        "holidays.reject": lambda: holidays.reject(None),
        "holidays.note_try": lambda: holidays.note_try(TICK),
        "holidays.note_probe": lambda: holidays.note_probe(TICK),
        "holidays.contradict": lambda: holidays.contradict(date(2026, 9, 14)),
    }


def outcome(work: Callable[[], object]) -> str:
    try:
        work()
    except StoreUnavailable:
        return "unavailable"
    return "answered"


@pytest.mark.time_limits
def test_a_stopped_server_fails_everything_fast_and_keeps_commits(own_mongod: Mongod) -> None:
    database = open_database(Settings(mongodb_uri=SecretStr(own_mongod.uri)))
    try:
        Indexes(database, RETENTION_DAYS).ensure()
        SnapshotWriter(database).commit(Commit(snapshot()))

        own_mongod.stop()
        work = operations(database)
        with ends_soon(), ThreadPoolExecutor(len(work)) as pool:
            results = dict(zip(work, pool.map(outcome, work.values()), strict=True))
        assert results == dict.fromkeys(work, "unavailable")

        own_mongod.start()
        assert {outcome(each) for each in operations(database).values()} == {"answered"}
        header = SnapshotWriter(database).latest_header("NIFTY", EXPIRY, as_of=TICK)
        assert header is not None
        assert len(SnapshotWriter(database).contracts(header)) == 4
    finally:
        database.client.close()


@pytest.mark.time_limits
def test_a_server_that_was_never_there_fails_fast() -> None:
    """Whatever the URI says: a tick must not wait for a minute."""
    uri = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=60000&timeoutMS=60000"
    database = open_database(Settings(mongodb_uri=SecretStr(uri)))
    try:
        with ends_soon():
            assert outcome(SnapshotWriter(database).symbols) == "unavailable"
    finally:
        database.client.close()
