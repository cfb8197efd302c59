"""One phase of a soak: recorders run for some seconds, with or without disturbances."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from threading import Event, Thread
from typing import NamedTuple, Self

from pymongo import timeout

from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import open_database
from optionchain.mongo.recorder_switch import NOBODY
from optionchain.mongo.shift_register import ShiftRegister
from tests.soak import document_checks, tick_checks
from tests.soak.api_reader import ApiReader
from tests.soak.disturbance_schedule import RECOVERY, DisturbanceSchedule
from tests.soak.phase_record import PhaseRecord
from tests.soak.report import ReportRow
from tests.soak.servers import RecorderInstance, SoakServers
from tests.soak.shift_coverage import TakeOver

_POLL_SECONDS = 0.02
_LEAVE_SECONDS = 20
_REPORT_SECONDS = 120


class ShiftWatcher:
    """A context manager: within it a thread notes each take-over in the database."""

    def __init__(self, recorder: RecorderInstance) -> None:
        self._site = recorder
        self._seen: set[TakeOver] = set()
        self._stop = Event()
        self._thread = Thread(target=self._read, name="watch", daemon=True)

    def takeovers(self) -> list[TakeOver]:
        """Return the take-overs, in order of time."""
        return sorted(self._seen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        database = open_database(self._site.settings)
        register = ShiftRegister(database)
        while not self._stop.wait(2 * _POLL_SECONDS):
            with suppress(StoreUnavailable):
                self._seen |= {
                    TakeOver(shift["since"], shift["owner"]) for shift in register.owners().values()
                }
        database.client.close()


class PhaseReport(NamedTuple):
    """The report rows of each recorder, and the number of disturbances as text."""

    columns: list[list[ReportRow]]
    disturbance_counts: str


def run(
    servers: SoakServers,
    recorders: Sequence[RecorderInstance],
    seconds: float,
    kinds: Sequence[str] = (),
    lateness_limit: float = 100.0,
) -> PhaseReport:
    """Let the recorders run side by side for some seconds; return their report.

    `kinds` names the disturbances, a name as often as it is to be drawn; empty means none.
    """
    disturbances = DisturbanceSchedule(servers, recorders, kinds) if kinds else None
    with ExitStack() as stack:
        readers = [stack.enter_context(ApiReader(each.settings)) for each in recorders]
        watchers = [stack.enter_context(ShiftWatcher(each)) for each in recorders]
        if disturbances:
            stack.callback(disturbances.stop)
        _work(recorders, seconds, disturbances)
        if disturbances:
            disturbances.stop()
            _work(recorders, RECOVERY.total_seconds())
        end = datetime.now(UTC)
        _leave(recorders)
    windows = disturbances.windows if disturbances else []
    columns = []
    for recorder, reader, watcher in zip(recorders, readers, watchers, strict=True):
        database, takeovers = open_database(recorder.settings), watcher.takeovers()
        record = PhaseRecord(
            recorder, database, reader, takeovers, windows, end, servers.seed, lateness_limit
        )
        with timeout(_REPORT_SECONDS):  # the recorder's own time-out is too short for a report
            columns.append([*tick_checks.rows(record), *document_checks.rows(record)])
        database.client.close()
    return PhaseReport(columns, disturbances.counts_text() if disturbances else "none")


def _work(
    recorders: Sequence[RecorderInstance],
    seconds: float,
    disturbances: DisturbanceSchedule | None = None,
) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for recorder in recorders:
            recorder.invoker.tick(datetime.now(UTC))
        if disturbances:
            disturbances.tick(datetime.now(UTC))
        time.sleep(_POLL_SECONDS)


def _leave(recorders: Sequence[RecorderInstance]) -> None:
    """Relieve all invocations, and wait until they have ended."""
    for recorder in recorders:
        database = open_database(recorder.settings)
        register = ShiftRegister(database)
        deadline = time.monotonic() + _LEAVE_SECONDS
        while recorder.invoker.collect(datetime.now(UTC)) and time.monotonic() < deadline:
            # Repeated, because an invocation that has just begun may hold no shift yet.
            register.take_over(recorder.settings.nse_symbols, NOBODY, datetime.now(UTC))
            time.sleep(0.2)
        database.client.close()
