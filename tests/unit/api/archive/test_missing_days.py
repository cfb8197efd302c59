"""Which sealed days neither the archive nor the database shows any more."""

from datetime import timedelta
from pathlib import Path

import pytest

from chain_api.archive.cold_days import ColdDays
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.layout import manifest_key
from optionchain.errors import ArchiveDamaged
from optionchain.exchange_time import exchange_date
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.seal_register import SealRegister
from optionchain.settings import Settings
from tests.support.manifests import seal as put_manifest
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.seals import record, seal
from tests.support.snapshots import TICK
from tests.support.watched_store import WatchedStore

pytestmark = uses_mongomock

RETENTION = Settings().retention_days
TODAY = exchange_date(TICK)
COLD, COLDER = (TODAY - timedelta(days=RETENTION + number) for number in (2, 3))


@pytest.fixture
def database() -> AnyDatabase:
    """Two cold days that are sealed, and today, which is not."""
    database = memory_database()
    record(database, "NIFTY", TODAY)
    for day in (COLDER, COLD):
        SealRegister(database).write(seal("NIFTY", day))
    return database


@pytest.fixture
def store(tmp_path: Path) -> WatchedStore:
    """An archive that shows the first of them alone."""
    store = WatchedStore(tmp_path)
    put_manifest(store, "NIFTY", COLDER)
    return store


def cold_days(database: AnyDatabase, store: WatchedStore) -> ColdDays:
    """Return the cold days at the time of the tick."""
    return ColdDays(ArchiveReader(store), database, RETENTION, lambda: TICK)


def test_day_without_a_manifest_is_missing(database: AnyDatabase, store: WatchedStore) -> None:
    cold = cold_days(database, store)
    assert cold.missing.of("NIFTY") == {COLD}
    assert cold.missing.of("M&M") == set()
    assert cold.missing.of_all() == {"NIFTY": [COLD]}
    assert cold.days("NIFTY") == [COLDER, COLD]
    assert [day.day for day in cold.newest_first("NIFTY", COLDER)] == [COLDER]
    named = manifest_key("NIFTY", COLD)
    with pytest.raises(ArchiveDamaged, match=named):
        cold.sealed("NIFTY", COLD)
    with pytest.raises(ArchiveDamaged, match=named):
        next(cold.newest_first("NIFTY"))


def test_day_that_was_sealed_a_moment_ago_is_not_missing(
    database: AnyDatabase, store: WatchedStore
) -> None:
    """The listing that is kept does not show it yet."""
    cold = cold_days(database, store)
    assert cold.reader.catalogue.days("NIFTY") == [COLDER]
    put_manifest(store, "NIFTY", COLD)
    assert cold.missing.of("NIFTY") == set()
    assert cold.days("NIFTY") == [COLDER, COLD]


def test_archive_is_compared_once_a_minute(database: AnyDatabase, store: WatchedStore) -> None:
    cold = cold_days(database, store)
    cold.days("NIFTY")
    store.asked.clear()
    cold.days("NIFTY")
    assert store.asked == []


@pytest.mark.parametrize(("headers", "is_missing"), [(0, True), (1, False)])
def test_cold_day_that_the_database_has_as_a_whole_is_not_missing(
    database: AnyDatabase, store: WatchedStore, headers: int, *, is_missing: bool
) -> None:
    """Its seal counts one header."""
    record(database, "NIFTY", COLDER, *[COLD] * headers)
    cold = cold_days(database, store)
    assert (COLD in cold.missing.of("NIFTY")) is is_missing


def test_day_of_a_database_without_headers_is_missing_however_young(store: WatchedStore) -> None:
    database = memory_database()
    SealRegister(database).write(seal("NIFTY", TODAY))
    assert cold_days(database, store).missing.of("NIFTY") == {TODAY}
    assert database[SNAPSHOTS].count_documents({}) == 0
