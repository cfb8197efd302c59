"""Whatever goes wrong while a day is sealed, no visible day is ever without a part."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from chain_archive import day_files, parquet_writer
from chain_archive.patience import Patience
from chain_archive.sealing import Sealer, seal
from chain_archive.verification import Verification
from local.mongod import Mongod
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import files_of
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable, StoreRefused, StoreUnavailable
from optionchain.mongo.indexes import TICKS
from tests.conftest import ROOT
from tests.support.mongomock_database import AnyDatabase
from tests.support.s3_server import Fault, S3Server, s3_server
from tests.support.sealing import DAY, record_day, stored, visible_days


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "archive")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with s3_server(monkeypatch) as server:
        yield server


def killed_at(step: str, mongod: Mongod, database: AnyDatabase, store: FolderStore) -> list[str]:
    """Seal in another process, which is killed at a step; return the steps before, all if none."""
    command = (sys.executable, "-m", "tests.support.sealing_process")
    arguments = (mongod.uri, database.name, store.url, step)
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, -9), done.stderr
    return done.stdout.splitlines()


def test_a_sealer_that_is_killed_anywhere_leaves_no_visible_day_that_is_not_whole(
    mongod: Mongod, database: AnyDatabase, tmp_path: Path
) -> None:
    record_day(database, minutes=2)
    whole = stored(database)
    for number in count():
        store = FolderStore(tmp_path / f"{number}")
        steps = killed_at(str(number), mongod, database, store)
        visible = list(visible_days(Path(store.url)))
        assert [documents for _, documents in visible] == [whole] * ("publish" in steps)
        seal(database, store, "NIFTY", DAY)
        ((manifest, documents),) = visible_days(Path(store.url))
        assert (manifest["version"], documents) == (1, whole)
        if len(steps) < number:  # it was not killed: it has no step of this number
            break
    assert steps[-4:] == ["compare", "publish", "register", "delete leftovers"]


@pytest.mark.parametrize("step", ["publish", "register", "delete leftovers"])
def test_a_new_version_takes_the_place_of_the_old_one_at_once(
    mongod: Mongod, database: AnyDatabase, store: FolderStore, step: str
) -> None:
    record_day(database, minutes=2)
    seal(database, store, "NIFTY", DAY)
    old = stored(database)
    database[TICKS].update_many({}, {"$set": {"late": True}})
    new = stored(database)
    killed_at(step, mongod, database, store)
    ((manifest, documents),) = visible_days(Path(store.url))
    expected = (1, old) if step == "publish" else (2, new)
    assert (manifest["version"], documents) == expected
    assert seal(database, store, "NIFTY", DAY)
    ((manifest, documents),) = visible_days(Path(store.url))
    assert (manifest["version"], documents) == (2, new)


def test_two_processes_that_seal_at_once_make_one_version(
    mongod: Mongod, database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    command = (sys.executable, "-m", "tests.support.sealing_process")
    arguments = (mongod.uri, database.name, store.url, "never")
    both = [subprocess.Popen([*command, *arguments], cwd=ROOT) for _ in range(2)]
    assert [each.wait(120) for each in both] == [0, 0]
    ((manifest, documents),) = visible_days(Path(store.url))
    assert (manifest["version"], documents) == (1, stored(database))


def age(store: FolderStore, key: str, hours: float) -> None:
    when = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    os.utime(Path(store.url) / key, (when, when))


def test_what_nobody_names_is_deleted_after_an_hour(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    first = seal(database, store, "NIFTY", DAY)
    assert first
    database[TICKS].update_many({}, {"$set": {"late": True}})
    old = first.files["ticks"].key
    age(store, old, hours=0.9)
    second = seal(database, store, "NIFTY", DAY)
    assert second
    assert old in {each.key for each in store.keys(files_of("NIFTY", DAY))}
    for key in {file.key for file in (*first.files.values(), *second.files.values())}:
        age(store, key, hours=1.1)
    seal(database, store, "NIFTY", DAY)
    left = {each.key for each in store.keys(files_of("NIFTY", DAY))}
    assert left == {file.key for file in second.files.values()}


@pytest.mark.parametrize("name", ["contracts", "headers", "ticks", "records"])
def test_a_full_disk_leaves_nothing(
    database: AnyDatabase,
    store: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
) -> None:
    record_day(database)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    # A folder of its own: other processes may seal in the shared one meanwhile.
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    write = parquet_writer.write_batches

    def full(path: Path, *rest: object) -> None:
        assert path.is_relative_to(temporary)
        if path.name == f"{name}.parquet":
            raise OSError(28, "No space left on device")
        write(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(day_files, "write_batches", full)
    with pytest.raises(OSError, match="No space left"):
        seal(database, store, "NIFTY", DAY)
    assert list(visible_days(Path(store.url))) == []
    assert list(temporary.glob("*/seal-*")) == []


def test_a_file_that_is_not_read_back_as_it_was_written_is_not_published(
    database: AnyDatabase, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_day(database)
    check = Verification.check

    def others(self: Verification, copy: Path, written: day_files.WrittenFile) -> None:
        columns = {**written.columns, "symbol": "another"}
        check(self, copy, written._replace(columns=columns))

    monkeypatch.setattr(Verification, "check", others)
    with pytest.raises(ArchiveDamaged, match="contracts reads back other values of symbol"):
        seal(database, store, "NIFTY", DAY)
    assert list(visible_days(Path(store.url))) == []


CHANGED: dict[str, tuple[str, dict[str, object]]] = {
    "a row is missing": ("contracts reads back 36 rows of 37", {"rows": 37}),
    "rows were mixed up": ("contracts reads back other documents", {"given": (1, 2, 3)}),
}


@pytest.mark.parametrize(("reason", "change"), CHANGED.values(), ids=CHANGED)
def test_what_mongodb_gave_is_what_is_read_back(
    database: AnyDatabase,
    store: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    change: dict[str, object],
) -> None:
    record_day(database)
    check = Verification.check

    def others(self: Verification, copy: Path, written: day_files.WrittenFile) -> None:
        check(self, copy, written._replace(**change))  # type: ignore[arg-type]

    monkeypatch.setattr(Verification, "check", others)
    with pytest.raises(ArchiveDamaged, match=reason):
        seal(database, store, "NIFTY", DAY)


FAULTS = [
    Fault("error", "PUT", 500),
    Fault("error", "PUT", 503, "SlowDown"),
    Fault("cut_upload", "PUT"),
    Fault("lost_answer", "PUT"),
    Fault("error", "GET", 500),
    Fault("cut_download", "GET"),
    Fault("short_length", "GET"),
    Fault("changed", "GET"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.method}")
def test_a_bucket_that_fails_shows_no_day_that_is_not_whole(
    database: AnyDatabase, bucket: S3Server, tmp_path: Path, fault: Fault
) -> None:
    record_day(database, minutes=2)
    # Often enough that no retry hides it, and then it is over.
    bucket.fail(*[fault] * 6)
    for _ in range(4):
        with suppress(ArchiveUnavailable):
            seal(database, bucket.store, "NIFTY", DAY)
        for manifest, documents in visible_days(copy_of(bucket, tmp_path)):
            assert (manifest["version"], documents) == (1, stored(database))
    bucket.faults.clear()
    seal(database, bucket.store, "NIFTY", DAY)
    ((manifest, documents),) = visible_days(copy_of(bucket, tmp_path))
    assert (manifest["version"], documents) == (1, stored(database))


def copy_of(server: S3Server, folder: Path) -> Path:
    """Return a folder with all that is in the bucket; faults wait meanwhile."""
    waiting = list(server.faults)
    server.faults.clear()
    for each in server.store.keys(""):
        path = folder / each.key
        path.parent.mkdir(parents=True, exist_ok=True)
        server.store.download(each.key, path)
    server.fail(*waiting)
    return folder


def test_a_database_that_changes_its_primary_is_waited_for(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    down = {"replSetStepDown": 2, "secondaryCatchUpPeriodSecs": 1, "force": True}
    stepped: list[str] = []

    def step(name: str) -> None:
        if name in ("read contracts", "write ticks") and name not in stepped:
            stepped.append(name)
            with suppress(AutoReconnect):
                database.client.admin.command(down)

    Sealer(database, store, step=step).seal("NIFTY", DAY)
    assert stepped == ["read contracts", "write ticks"]
    ((_, documents),) = visible_days(Path(store.url))
    assert documents == stored(database)


def test_a_database_that_stays_away_is_given_up_after_half_a_minute() -> None:
    pauses: list[float] = []

    def away() -> None:
        raise AutoReconnect("no primary")

    with pytest.raises(StoreUnavailable, match="no primary"):
        Patience(pauses.append).of(away)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 15.0]


def test_a_missing_right_is_not_waited_for() -> None:
    def refused() -> None:
        raise OperationFailure("not allowed", 13)

    with pytest.raises(StoreRefused):
        Patience(lambda _: pytest.fail("waited")).of(refused)
