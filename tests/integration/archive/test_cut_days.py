"""A day of which MongoDB has deleted a part is never sealed, whatever its time to live is now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chain_archive.dependencies import over
from chain_archive.handler import SealingFailed, lambda_handler
from chain_archive.patience import Patience
from chain_archive.sealing import Sealer
from optionchain.archive.folder_store import FolderStore
from optionchain.errors import DayNotSealed
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase
from tests.support.recorder import Context
from tests.support.sealing import DAY, record_day, visible_days
from tests.support.seals import delete_until, india
from tests.support.snapshots import TICK, snapshot

AFTER_CLOSE = datetime(2026, 6, 19, 10, 45, tzinfo=UTC)
NOTHING = {"sealed": 0, "unchanged": 0, "empty": 0, "left": 0}


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def call(database: AnyDatabase, store: FolderStore, event: object = None) -> dict[str, Any]:
    settings = Settings(archive_url=store.url, retention_days=3_650)
    deps = over(database, settings, lambda: AFTER_CLOSE, patience=Patience(lambda _: None))
    return lambda_handler(event or {}, Context(seconds=600.0), deps)  # type: ignore[arg-type]


def versions(store: FolderStore) -> list[tuple[str, int]]:
    return [(each["day"], each["version"]) for each, _ in visible_days(Path(store.url))]


def test_an_archive_that_is_switched_on_seals_no_half_of_the_oldest_day(
    database: AnyDatabase, store: FolderStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the first run nor a later one, and it is no failure."""
    record_day(database)
    next_day = snapshot(tick=TICK + timedelta(days=1), stamp=TICK)
    SnapshotWriter(database).commit(Commit(next_day))
    database[SNAPSHOTS].delete_one({"fetched_at": TICK})
    delete_until(database, TICK + timedelta(seconds=1))
    assert [call(database, store) for _ in range(2)] == [NOTHING] * 2
    assert versions(store) == []
    said = [vars(each) for each in caplog.records if each.getMessage() == "day_cut_before_archive"]
    assert [(each["symbol"], str(each["day"])) for each in said] == [("NIFTY", "2026-06-19")]
    with pytest.raises(SealingFailed, match="has deleted a part of it"):
        call(database, store, {"symbol": "NIFTY", "day": "2026-06-19"})


def test_a_range_may_begin_before_everything_that_is_stored(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    delete_until(database, india(DAY) - timedelta(days=1))
    event = {"from": "2026-06-16", "to": "2026-06-19"}
    assert call(database, store, event) == NOTHING | {"sealed": 1, "empty": 3}


@pytest.mark.parametrize("step", ["read contracts", "write headers", "store ticks"])
def test_a_day_that_is_cut_while_it_is_sealed_stays_invisible(
    database: AnyDatabase, store: FolderStore, step: str
) -> None:
    """Also where documents are kept longer again before the end."""
    record_day(database)

    def cut(reached: str) -> None:
        if reached == step:
            delete_until(database, TICK)

    with pytest.raises(DayNotSealed, match="NIFTY 2026-06-19"):
        Sealer(database, store, step=cut).seal("NIFTY", DAY)
    assert versions(store) == []


def test_a_day_that_was_sealed_whole_stays_as_it_was(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    assert call(database, store)["sealed"] == 1
    database[SNAPSHOTS].update_many({}, {"$set": {"unlisted_since": TICK}})
    delete_until(database, TICK)
    assert call(database, store) == NOTHING
    sealed = Sealer(database, store).seal("NIFTY", DAY)
    assert (sealed.status, versions(store)) == ("unchanged", [("2026-06-19", 1)])
