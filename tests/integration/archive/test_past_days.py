"""`make run` seals what is over by itself: once, and again when there is more of it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from local.processes import ManagedProcess, ModuleStarter
from local.run.past_days import PastDays, evening_is_read, summary
from local.run.sealer import SealerProcess
from optionchain.archive.folder_store import FolderStore
from optionchain.market import Market
from optionchain.mongo.indexes import CONTRACTS
from optionchain.settings import Settings
from tests.support.api import commit
from tests.support.mongomock_database import AnyDatabase
from tests.support.seals import india
from tests.support.snapshots import snapshot

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)


class Run:
    """A run that has recorded, and its sealing, which lives at `now`."""

    def __init__(self, database: AnyDatabase, settings: Settings, folder: Path) -> None:
        self.database = database
        self.now = india(MONDAY, "10:00")
        settings = replace(settings, market_hours="exchange")
        self.past = PastDays(database, FolderStore(folder), settings, lambda: self.now)

    def record(self, day: date, clock: str, symbol: str = "NIFTY") -> None:
        at = india(day, clock)
        commit(self.database, snapshot(symbol=symbol, tick=at, stamp=at))

    def seal(self, at: datetime) -> list[str]:
        self.now = at
        return list(summary(self.past.seal()))


@pytest.fixture
def run(database: AnyDatabase, mongo_settings: Settings, tmp_path: Path) -> Run:
    return Run(database, mongo_settings, tmp_path)


def test_a_run_seals_what_is_over_and_says_it_in_one_line(run: Run) -> None:
    for symbol in ("NIFTY", "M&M"):
        run.record(FRIDAY, "10:00", symbol)
    run.record(MONDAY, "10:00")
    (line,) = run.seal(india(MONDAY, "10:01"))
    assert line.startswith("NIFTY 2026-06-19 is sealed: 4 contracts of 1 snapshot in ")
    assert line.endswith(", and 1 more")
    assert run.seal(india(MONDAY, "10:02")) == run.seal(india(MONDAY, "10:16")) == []


def test_today_is_sealed_after_its_close_and_again_after_its_evening(run: Run) -> None:
    run.record(MONDAY, "10:00")
    said = {clock: run.seal(india(MONDAY, clock)) for clock in ("15:29", "15:45", "19:00")}
    assert [len(lines) for lines in said.values()] == [0, 1, 0]
    run.record(MONDAY, "19:45")
    assert run.seal(india(MONDAY, "19:46")) == []
    (line,) = run.seal(india(MONDAY, "20:10"))
    assert line.endswith("version 2")
    assert run.seal(india(MONDAY, "21:30")) == []


def test_a_day_that_cannot_be_sealed_is_said_and_tried_again_after_a_while(run: Run) -> None:
    run.record(FRIDAY, "10:00")
    run.database[CONTRACTS].delete_one({})
    said = [run.seal(india(MONDAY, clock)) for clock in ("10:00", "10:01", "10:14", "10:15")]
    assert [len(lines) for lines in said] == [1, 0, 0, 1]
    assert said[0][0].startswith("NIFTY 2026-06-19 is not sealed: ")


@pytest.fixture
def talking(tmp_path: Path) -> Iterator[ManagedProcess]:
    program = "import sys; print('one'); print('two', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    managed = ManagedProcess("the sealing", tmp_path / "archive.log", process)
    yield managed
    managed.stop()


def test_a_run_goes_on_when_its_sealing_ends_and_says_so_once(talking: ManagedProcess) -> None:
    sealer, lines = SealerProcess(talking), list[str]()
    while len(lines) < 2:
        lines += sealer.lines()
    assert talking.process.stdin is not None
    talking.process.stdin.close()
    talking.process.wait()
    lines += [*sealer.lines(), *sealer.lines()]
    assert lines == ["one", "two", f"Past days are not sealed any more: see {talking.log}"]


def test_the_process_seals_with_the_least_priority_and_ends_when_it_is_told_to(
    run: Run, mongo_settings: Settings, tmp_path: Path
) -> None:
    run.record(FRIDAY, "10:00")
    uri = mongo_settings.mongodb_uri
    assert uri
    given = {
        "MONGODB_URI": uri.get_secret_value(),
        "MONGODB_DATABASE": mongo_settings.mongodb_database,
        "ARCHIVE_URL": str(tmp_path / "archive"),
    }
    starter = ModuleStarter(tmp_path / "logs")
    process = starter.start(
        "the sealing",
        "local.run.sealer",
        "--after=0",
        env=os.environ | given,
        log="archive",
        piped=True,
    )
    try:
        assert process.process.stdout is not None
        line = process.process.stdout.readline().decode()
        priority = os.getpriority(os.PRIO_PROCESS, process.process.pid)
    finally:
        process.stop()
    assert line.startswith("NIFTY 2026-06-19 is sealed: 4 contracts of 1 snapshot")
    assert (priority, process.process.returncode) == (19, 0)


@pytest.mark.parametrize(
    ("clock", "is_read"),
    [("19:44", False), ("19:45", True), ("20:04", False), ("21:18", True), ("21:20", False)],
)
def test_while_the_evening_is_read_nothing_is_sealed(clock: str, *, is_read: bool) -> None:
    assert evening_is_read(Market(), india(FRIDAY, clock)) is is_read
    assert not evening_is_read(Market("always"), india(FRIDAY, clock))
