"""A sealed day comes back into MongoDB as it was, document by document, or not at all."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import bson
import pymongo
import pytest

from chain_archive.natural_keys import NATURAL_KEYS, by_key
from chain_archive.restoring import RestoredDay, Restorer
from chain_archive.sealing import seal
from local.mongod import Mongod
from local.run.simulated_day import record_day
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import FileKind
from optionchain.errors import ArchiveDamaged, RestoreRefused
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import CONTRACTS, LISTINGS, SNAPSHOTS, TICKS, Indexes
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.settings import SecretStr, Settings
from tests.conftest import empty
from tests.support.mongomock_database import AnyDatabase

WEDNESDAY, THURSDAY = date(2026, 9, 16), date(2026, 9, 17)
# Some minutes of a session and the evening; what the next morning proves belongs to the day.
SPELLS = ((time(9, 14), time(9, 22)), (time(19, 44), time(19, 48)))
MORNING = datetime(2026, 9, 17, 3, 50, tzinfo=UTC)
LATER = datetime(2026, 9, 20, tzinfo=UTC)
SYMBOLS = ("NIFTY", "M&M")

type Dump = dict[str, dict[bytes, bytes]]


@dataclass
class World:
    """A database with a recorded day, its archive, and what was in the database."""

    database: AnyDatabase
    store: FolderStore
    before: Dump
    steps: list[str]

    @property
    def reader(self) -> ArchiveReader:
        return ArchiveReader(self.store)

    def restore(self, symbol: str = "NIFTY", now: datetime = LATER) -> RestoredDay:
        restorer = Restorer(self.database, self.reader, lambda: now, self.steps.append)
        # In the place of the client's limit: on a busy machine nothing is wrong with a slow answer.
        with pymongo.timeout(60):
            return restorer.restore(symbol, WEDNESDAY)

    def evict(self) -> None:
        """Delete as time does: everything of that day and before it."""
        empty(self.database)


def dump(database: AnyDatabase) -> Dump:
    """Return every document by its natural key, with the types of BSON."""
    return {name: by_key(name, database[name].find()) for name in NATURAL_KEYS}


@pytest.fixture(scope="module")
def recorded(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri),
        mongodb_database=f"r{uuid4().hex}",
        retention_days=3_650,
        market_hours="exchange",
        nse_symbols=SYMBOLS,
        nse_expiries=2,
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    record_day(settings, WEDNESDAY, MORNING, spells=SPELLS)
    store = FolderStore(tmp_path_factory.mktemp("archive"))
    for symbol in SYMBOLS:
        assert seal(database, store, symbol, WEDNESDAY, lambda: LATER)
    yield World(database, store, dump(database), [])
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture
def world(recorded: World) -> World:
    recorded.evict()
    recorded.steps.clear()
    return recorded


def test_every_document_comes_back_as_it_was(world: World) -> None:
    """Of both symbols: each collection has what it had of the day, with the types of BSON."""
    done = [world.restore(symbol) for symbol in SYMBOLS]
    after = dump(world.database)
    for name in (CONTRACTS, SNAPSHOTS, TICKS):
        of_day = {key: row for key, row in world.before[name].items() if _is_of_day(name, key)}
        assert after[name] == of_day
        assert len(of_day) > 10
    for name in NATURAL_KEYS:
        differing = [key for key, row in after[name].items() if world.before[name].get(key) != row]
        assert not differing or name == LISTINGS, "a list is read again on later days"
    assert {name for name in NATURAL_KEYS if after[name]} >= {LISTINGS, "duties", "settlements"}
    assert sum(each.stored for each in done) == sum(map(len, after.values()))
    assert [each.kept for each in done] == [0, 0]
    sealed = SealRegister(world.database).of_days(WEDNESDAY, WEDNESDAY)
    assert [(each.symbol, each.version) for each in sealed] == [("M&M", 1), ("NIFTY", 1)]


def _is_of_day(collection: str, key: bytes) -> bool:
    found = bson.decode(key)[NATURAL_KEYS[collection][-1]]
    return bool((found + timedelta(hours=5, minutes=30)).date() == WEDNESDAY)


def test_what_is_there_already_is_not_stored_again(world: World) -> None:
    first = world.restore()
    after, register = dump(world.database), SealRegister(world.database)
    (sealed,) = register.of_days(WEDNESDAY, WEDNESDAY)
    register.write(sealed._replace(evidence="of a sealer"))
    again = world.restore()
    assert register.of_days(WEDNESDAY, WEDNESDAY)[0].evidence == "of a sealer"
    assert (again.stored, again.known, again.kept) == (0, first.stored, 0)
    assert dump(world.database) == after


def test_a_run_that_is_cut_off_anywhere_is_completed_by_the_next_one(world: World) -> None:
    world.restore()
    whole, steps = dump(world.database), list(world.steps)
    assert steps[0] == "compare"
    assert steps[-1] == "seal"
    for number in range(len(steps)):
        world.evict()
        with pytest.raises(_Killed):
            Restorer(world.database, world.reader, lambda: LATER, _KillAt(number)).restore(
                "NIFTY", WEDNESDAY
            )
        _check_whole(world.database)
        assert world.restore().stored <= sum(map(len, whole.values()))
        assert dump(world.database) == whole


_PROGRAM = """
import os, signal, sys
from datetime import date
from chain_archive.restoring import Restorer
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.object_stores import open_store
from optionchain.mongo.client import open_database
from optionchain.settings import Settings

def step(name):
    if name == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)

settings = Settings.from_env()
reader = ArchiveReader(open_store(settings.archive_url))
Restorer(open_database(settings), reader, step=step).restore("NIFTY", date(2026, 9, 16))
"""


@pytest.mark.parametrize("step", ["records", "headers", "seal"])
def test_a_process_that_is_killed_leaves_whole_snapshots_and_no_work_twice(
    step: str, world: World, mongod: Mongod
) -> None:
    given = {
        "MONGODB_URI": mongod.uri,
        "MONGODB_DATABASE": world.database.name,
        "ARCHIVE_URL": world.store.url,
    }
    killed = subprocess.run(
        [sys.executable, "-c", _PROGRAM, step], env=os.environ | given, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    _check_whole(world.database)
    left = {key: set(rows) for key, rows in dump(world.database).items()}
    done = world.restore()
    assert done.known == sum(map(len, left.values()))
    assert done.known + done.stored == sum(map(len, dump(world.database).values()))


class _Killed(BaseException):
    """Nothing catches it."""


class _KillAt:
    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, step: str) -> None:
        if not self._left:
            raise _Killed(step)
        self._left -= 1


def _check_whole(database: AnyDatabase) -> None:
    """Every header that is there has all of its contracts."""
    reader = SnapshotReader(database)
    for symbol in reader.symbols():
        for header in reader.latest_headers(symbol, WEDNESDAY):
            assert reader.contracts(header)


def test_a_day_that_would_expire_at_once_is_refused_with_what_to_do(world: World) -> None:
    Indexes(world.database, 30).ensure()
    refusal = r"31 days ago, .* after 30 days\. Set RETENTION_DAYS=34 or more, here and for"
    with pytest.raises(RestoreRefused, match=refusal) as refused:
        world.restore(now=LATER + timedelta(days=27))
    url = world.reader.catalogue.store.url
    assert f"ARCHIVE_URL={url} RETENTION_DAYS=34 MONGODB_DATABASE=past" in str(refused.value)
    Indexes(world.database, 3_650).ensure()
    assert world.restore(now=LATER + timedelta(days=27)).stored


@pytest.mark.parametrize("collection", [CONTRACTS, SNAPSHOTS, TICKS])
def test_other_documents_are_not_overwritten(collection: str, world: World) -> None:
    world.restore()
    changed = world.database[collection].find_one_and_update({}, {"$set": {"source": "another"}})
    left = dump(world.database)
    with pytest.raises(RestoreRefused, match=f"^{collection} has 1 documents of NIFTY 2026-09-16"):
        world.restore()
    assert changed is not None
    assert dump(world.database) == left


@pytest.mark.parametrize("collection", [SNAPSHOTS, TICKS])
def test_a_day_of_which_the_database_has_more_is_refused(collection: str, world: World) -> None:
    name = "tick" if collection == TICKS else "fetched_at"
    at = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)
    world.database[collection].insert_one({"symbol": "NIFTY", "expiry": at, name: at})
    with pytest.raises(RestoreRefused, match="that the archive lacks: seal the day first"):
        world.restore()
    assert world.database[CONTRACTS].count_documents({}) == 0


def test_records_that_went_on_stay_as_they_are(world: World) -> None:
    world.restore()
    newer = {"$set": {"read_at": LATER}}
    world.database[LISTINGS].update_many({}, newer)
    kept = world.restore().kept
    assert kept == world.database[LISTINGS].count_documents({"read_at": LATER}) > 0


def test_a_day_that_is_not_sealed_is_refused(world: World) -> None:
    with pytest.raises(RestoreRefused, match=r"NIFTY 2026-09-17 is not sealed in /"):
        Restorer(world.database, world.reader).restore("NIFTY", THURSDAY)


@pytest.mark.parametrize("kind", ["contracts", "headers", "ticks", "records"])
def test_of_a_damaged_day_nothing_is_stored(kind: FileKind, world: World) -> None:
    manifest = world.reader.catalogue.manifest("NIFTY", WEDNESDAY)
    assert manifest is not None
    path = Path(world.store.url) / manifest.files[kind].key
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + b"x" + whole[-8:])
    try:
        with pytest.raises(ArchiveDamaged):
            world.restore()
    finally:
        path.write_bytes(whole)
    assert sum(world.database[name].count_documents({}) for name in NATURAL_KEYS) == 0
