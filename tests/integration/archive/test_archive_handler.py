"""The archive function seals what is due, says what it did, and fails where a day is not sealed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chain_archive.dependencies import Dependencies, connect, over
from chain_archive.handler import SealingFailed, lambda_handler
from chain_archive.patience import Patience
from optionchain.errors import ArchiveUnavailable, SettingInvalid
from optionchain.mongo.indexes import CONTRACTS, SETTLEMENTS, SNAPSHOTS, TICKS
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.conftest import ROOT
from tests.support.mongomock_database import AnyDatabase
from tests.support.recorder import Context
from tests.support.sealing import DAY, record_day, stored, visible_days
from tests.support.snapshots import TICK, snapshot

# Friday; the day before, and a day without anything.
THURSDAY, WEDNESDAY = DAY - timedelta(days=1), DAY - timedelta(days=2)
AFTER_CLOSE = datetime(2026, 6, 19, 10, 45, tzinfo=UTC)


@dataclass
class Scene:
    """The function over a database and a folder; its clock stands."""

    deps: Dependencies
    folder: Path
    seconds: float = 600.0

    def call(self, event: object = None) -> dict[str, Any]:
        """Call the handler."""
        return lambda_handler(event or {}, Context(seconds=self.seconds), self.deps)  # type: ignore[arg-type]

    def at(self, now: datetime) -> "Scene":
        """Return the same function at another time."""
        settings = Settings(archive_url=str(self.folder), retention_days=3_650)
        deps = over(self.deps.database, settings, lambda: now, patience=Patience(lambda _: None))
        return replace(self, deps=deps)

    def versions(self) -> dict[tuple[str, str], int]:
        """Return the version of every visible day."""
        found = visible_days(self.folder)
        return {(each["symbol"], each["day"]): each["version"] for each, _ in found}


@pytest.fixture
def here(database: AnyDatabase, tmp_path: Path) -> Scene:
    """Two symbols with two days each, and the function on Friday at 16:15 IST."""
    settings = Settings(archive_url=str(tmp_path), retention_days=3_650)
    for symbol in ("M&M", "NIFTY"):
        record_day(database, symbol)
        chain = snapshot(symbol=symbol, tick=TICK - timedelta(days=1), stamp=TICK)
        SnapshotWriter(database).commit(Commit(chain))
    deps = over(database, settings, lambda: AFTER_CLOSE, patience=Patience(lambda _: None))
    return Scene(deps, tmp_path)


ALL = {(symbol, f"{day}"): 1 for symbol in ("M&M", "NIFTY") for day in (THURSDAY, DAY)}


@pytest.mark.parametrize(
    ("name", "sealed"), [("archive", 4), ("archive-day", 1), ("archive-days", 2)]
)
def test_an_event_seals_its_days(here: Scene, name: str, sealed: int) -> None:
    event = json.loads((ROOT / "events" / f"{name}.json").read_text())
    answer = here.call(event)
    assert answer == {"sealed": sealed, "unchanged": 0, "empty": 0, "left": 0}
    assert len(here.versions()) == sealed


def test_what_is_sealed_is_not_due_until_it_changes(here: Scene, database: AnyDatabase) -> None:
    here.call()
    assert here.versions() == ALL
    assert here.call() == {"sealed": 0, "unchanged": 0, "empty": 0, "left": 0}
    change = {"$set": {"status": "matched"}}
    database[SETTLEMENTS].update_one({"symbol": "NIFTY", "day": {"$gt": TICK - DAY_LONG}}, change)
    assert here.at(AFTER_CLOSE + 3 * DAY_LONG).call()["sealed"] == 1
    assert here.versions() == ALL | {("NIFTY", "2026-06-19"): 2}


def test_chains_that_are_filled_in_later_are_sealed_whatever_the_age_of_their_day(
    here: Scene, database: AnyDatabase
) -> None:
    """More than five sealed days later; contracts and instants of those days are not compared."""
    for number in range(1, 8):
        chain = snapshot(tick=TICK - number * DAY_LONG, stamp=TICK)
        SnapshotWriter(database).commit(Commit(chain))
    night = here.at(AFTER_CLOSE + timedelta(hours=12))
    assert night.call()["sealed"] == 10
    filled = snapshot(tick=TICK - 7 * DAY_LONG + timedelta(hours=1), stamp=TICK)
    SnapshotWriter(database).commit(Commit(filled))
    later = here.at(AFTER_CLOSE + 20 * DAY_LONG)
    assert [later.call()["sealed"] for _ in range(2)] == [1, 0]
    assert night.versions()["NIFTY", "2026-06-12"] == 2
    database[SNAPSHOTS].delete_one({"fetched_at": TICK - 6 * DAY_LONG})
    assert later.call() == {"sealed": 0, "unchanged": 0, "empty": 0, "left": 0}


def test_a_new_archive_gets_every_day_that_the_database_has(
    here: Scene, database: AnyDatabase, tmp_path: Path
) -> None:
    """Also the days that the one before had as a later version."""
    here.call()
    evening = snapshot(tick=TICK + timedelta(hours=5), stamp=TICK)
    SnapshotWriter(database).commit(Commit(evening, settled=True))
    assert here.at(AFTER_CLOSE + timedelta(hours=5)).call()["sealed"] == 1
    new = replace(here, folder=tmp_path / "new").at(AFTER_CLOSE + timedelta(hours=5))
    assert [new.call()["sealed"] for _ in range(2)] == [4, 0]
    assert new.versions() == ALL
    assert new.call()["unchanged"] == 0


DAY_LONG = timedelta(days=1)


def test_the_chains_of_the_evening_are_another_version(here: Scene, database: AnyDatabase) -> None:
    here.call()
    evening = snapshot(tick=TICK + timedelta(hours=5), stamp=TICK)
    SnapshotWriter(database).commit(Commit(evening, settled=True))
    assert here.at(AFTER_CLOSE + timedelta(hours=5)).call()["sealed"] == 1
    assert here.versions() == ALL | {("NIFTY", "2026-06-19"): 2}


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2026, 6, 19, 10, 1, tzinfo=UTC), {THURSDAY}),
        (datetime(2026, 6, 19, 10, 7, tzinfo=UTC), {THURSDAY, DAY}),
        (datetime(2026, 6, 18, 10, 7, tzinfo=UTC), {THURSDAY}),
    ],
)
def test_a_day_is_over_when_the_tick_after_its_close_is_recorded(
    here: Scene, now: datetime, days: set[date]
) -> None:
    here.at(now).call()
    assert {day for _, day in here.versions()} == {f"{day}" for day in days}


def test_a_day_without_a_session_is_over_at_its_end(here: Scene, database: AnyDatabase) -> None:
    database[TICKS].insert_one({"symbol": "IDEA", "tick": TICK + DAY_LONG, "outcome": "skipped"})
    saturday = ("IDEA", "2026-06-20")
    here.at(AFTER_CLOSE + DAY_LONG).call()
    assert saturday not in here.versions()
    here.at(AFTER_CLOSE + 2 * DAY_LONG).call()
    assert saturday in here.versions()


def test_a_bad_day_fails_the_invocation_and_keeps_no_other_back(
    here: Scene, database: AnyDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    database[CONTRACTS].delete_one({"symbol": "M&M", "fetched_at": TICK})
    with pytest.raises(SealingFailed, match=r"M&M 2026-06-19: The snapshot .* has 3 of 4"):
        here.call()
    assert here.versions().keys() == ALL.keys() - {("M&M", "2026-06-19")}
    metrics = metrics_of(capsys)
    assert (metrics["SealedDays"], metrics["UnsealedDays"], metrics["SealFailures"]) == (3, 1, 1)


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Return the metrics of a run by name."""
    (line,) = [each for each in map(json.loads, output(capsys)) if "SealedDays" in each]
    return {name: value[0] for name, value in line.items() if isinstance(value, list)}


def output(capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    return (line for line in capsys.readouterr().out.splitlines() if line.startswith("{"))


def test_when_the_time_is_up_the_next_invocation_goes_on(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    here.seconds = 4.0
    assert here.call() == {"sealed": 0, "unchanged": 0, "empty": 0, "left": 4}
    assert metrics_of(capsys)["UnsealedDays"] == 4
    here.seconds = 600.0
    assert here.call()["sealed"] == 4


def test_an_archive_that_is_away_fails_every_day(here: Scene, database: AnyDatabase) -> None:
    class Away:
        url = "away"

        def read(self, key: str) -> None:
            raise ArchiveUnavailable(f"no answer about {key}")

    store: Any = Away()
    with pytest.raises(SealingFailed, match=r"no answer about manifests/M_M/2026-06-18\.json"):
        lambda_handler({}, Context(seconds=600.0), replace(here.deps, store=store))
    assert SealRegister(database).of_days(WEDNESDAY, DAY) == []


def test_the_retention_shrinks_when_everything_is_sealed(
    here: Scene, database: AnyDatabase
) -> None:
    here.call()
    ttl = database[SNAPSHOTS].index_information()["fetched_at_1"]["expireAfterSeconds"]
    assert ttl == 3_650 * 86_400


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"symbols": ["NIFTY"]}, "event="),
        ({"symbol": "NIFTY", "day": "19-06-2026"}, "day of the event='19-06-2026'"),
        ({"symbol": "NIFTY", "day": 5}, "must be like 2026-11-27"),
        ({"from": "2026-06-19", "to": "2026-06-18"}, "must have from ≤ to"),
        ({"from": "2020-06-19", "to": "2026-06-18"}, "a year at most"),
        ({"from": "2026-06-18", "to": "2026-06-20"}, "2026-06-20 is not"),
        ({"from": "2026-06-18", "to": "2026-06-18", "symbols": "nifty!"}, "symbols of the event"),
        ("NIFTY", "event='NIFTY'"),
    ],
)
def test_an_unusable_event_is_refused_by_name(here: Scene, event: object, reason: str) -> None:
    with pytest.raises(SettingInvalid, match=reason):
        here.call(event)
    assert here.versions() == {}


def test_the_real_parts_seal_a_day(
    mongo_settings: Settings, database: AnyDatabase, tmp_path: Path
) -> None:
    record_day(database)
    deps = connect(replace(mongo_settings, archive_url=str(tmp_path)))
    event = {"symbol": "NIFTY", "day": f"{DAY}"}
    assert lambda_handler(event, Context(seconds=600.0), deps)["sealed"] == 1
    ((_, documents),) = visible_days(tmp_path)
    assert documents == stored(database)
    deps.database.client.close()


def test_without_an_archive_nothing_can_be_sealed(database: AnyDatabase) -> None:
    with pytest.raises(SettingInvalid, match="ARCHIVE_URL=None"):
        over(database, Settings(), lambda: AFTER_CLOSE)
