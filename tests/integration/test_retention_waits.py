"""The real recorder with an archive: it lets nothing unsealed go, and says what is not sealed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.run.simulated_day import record_day
from optionchain.mongo.indexes import SNAPSHOTS, Indexes
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase
from tests.support.recorder import recorder
from tests.support.seals import seal
from tests.support.snapshots import snapshot

WEDNESDAY = date(2026, 9, 16)
# Some minutes of a session, and what is left of the evening after nine.
SPELLS = ((time(9, 14), time(9, 18)), (time(20, 59), time(21, 6)))
NIGHT = datetime(2026, 9, 16, 17, 0, tzinfo=UTC)


@pytest.fixture
def settings(mongo_settings: Settings, database: AnyDatabase, tmp_path: Path) -> Iterator[Settings]:
    yield replace(mongo_settings, archive_url=str(tmp_path), nse_symbols=("NIFTY",))
    Indexes(database, mongo_settings.retention_days).ensure()


def days_kept(database: AnyDatabase) -> float:
    found = database[SNAPSHOTS].index_information().values()
    (seconds,) = [row["expireAfterSeconds"] for row in found if "expireAfterSeconds" in row]
    return float(seconds / 86_400)


@pytest.mark.parametrize(("has_archive", "kept"), [(True, 33), (False, 30)])
def test_a_recorder_keeps_what_is_not_sealed(
    kept: int, settings: Settings, database: AnyDatabase, *, has_archive: bool
) -> None:
    """By the wall clock: MongoDB deletes by it."""
    first = datetime.now(UTC) - timedelta(days=30.5)
    SnapshotWriter(database).commit(Commit(snapshot(tick=first)))
    url = settings.archive_url if has_archive else None
    settings = replace(settings, retention_days=30, archive_url=url)
    with recorder(settings) as deps:
        deps.warm_up()
    assert days_kept(database) == kept


@pytest.mark.parametrize("sealed", [False, True])
def test_after_nine_the_recorder_counts_once_what_is_not_sealed(
    settings: Settings,
    database: AnyDatabase,
    capfd: pytest.CaptureFixture[str],
    *,
    sealed: bool,
) -> None:
    if sealed:
        SealRegister(database).write(seal("NIFTY", WEDNESDAY, clock="16:15"))
    record_day(replace(settings, market_hours="exchange"), WEDNESDAY, NIGHT, spells=SPELLS)
    written: list[Any] = [
        json.loads(line) for line in capfd.readouterr().out.splitlines() if "Unsealed" in line
    ]
    assert [row["UnsealedSessions"][0] for row in written] == [int(not sealed)]


def test_without_an_archive_nothing_is_counted(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    plain = replace(settings, market_hours="exchange", archive_url=None)
    record_day(plain, WEDNESDAY, NIGHT, spells=SPELLS[1:])
    assert "Unsealed" not in capfd.readouterr().out
