"""One phase of a soak: sites that record for some seconds, while something goes wrong or not."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from threading import Event, Thread
from typing import NamedTuple, Self

from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import open_database
from optionchain.mongo.recorder_switch import NOBODY
from optionchain.mongo.shift_register import ShiftRegister
from tests.soak import document_checks, tick_checks
from tests.soak.api_reader import ApiReader
from tests.soak.disturbance_schedule import RECOVERY, DisturbanceSchedule
from tests.soak.phase_record import PhaseRecord, ReportRow
from tests.soak.servers import RecorderInstance, SoakServers
from tests.soak.shift_coverage import TakeOver

_LOOK_SECONDS = 0.02
_LEAVE_SECONDS = 20


class ShiftWatcher:
    """A context manager: within it a thread notes who takes over, as the database has it."""

    def __init__(self, recorder: RecorderInstance) -> None:
        self._site = recorder
        self._seen: set[TakeOver] = set()
        self._enough = Event()
        self._thread = Thread(target=self._look, name="watch", daemon=True)

    def takeovers(self) -> list[TakeOver]:
        """Return what was seen, in order of time."""
        return sorted(self._seen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _look(self) -> None:
        database = open_database(self._site.settings)
        register = ShiftRegister(database)
        while not self._enough.wait(2 * _LOOK_SECONDS):
            with suppress(StoreUnavailable):
                self._seen |= {
                    TakeOver(shift["since"], shift["owner"]) for shift in register.owners().values()
                }
        database.client.close()


class PhaseReport(NamedTuple):
    """The rows of a report on each site, and how often what went wrong."""

    found: list[list[ReportRow]]
    disturbance_counts: str


def run(
    servers: SoakServers,
    recorders: Sequence[RecorderInstance],
    seconds: float,
    kinds: Sequence[str] = (),
    lateness_limit: float = 100.0,
) -> PhaseReport:
    """Let the sites record side by side; return what became of it.

    `mix` names what goes wrong, each as often as it is named; nothing does where it is empty.
    """
    disturbances = DisturbanceSchedule(servers, recorders, kinds) if kinds else None
    with ExitStack() as stack:
        readers = [stack.enter_context(ApiReader(recorder.settings)) for recorder in recorders]
        watches = [stack.enter_context(ShiftWatcher(recorder)) for recorder in recorders]
        if disturbances:
            stack.callback(disturbances.stop)
        _work(recorders, seconds, disturbances)
        if disturbances:
            disturbances.stop()
            _work(recorders, RECOVERY.total_seconds())
        end = datetime.now(UTC)
        _leave(recorders)
    found = []
    for recorder, reader, watch in zip(recorders, readers, watches, strict=True):
        database = open_database(recorder.settings)
        windows = disturbances.windows if disturbances else []
        takeovers = watch.takeovers()
        record = PhaseRecord(
            recorder, database, reader, takeovers, windows, end, servers.seed, lateness_limit
        )
        found.append([*tick_checks.rows(record), *document_checks.rows(record)])
        database.client.close()
    return PhaseReport(found, disturbances.counts_text() if disturbances else "nothing")


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
        time.sleep(_LOOK_SECONDS)


def _leave(recorders: Sequence[RecorderInstance]) -> None:
    """Relieve everybody, and wait until they have left."""
    for recorder in recorders:
        database = open_database(recorder.settings)
        register = ShiftRegister(database)
        deadline = time.monotonic() + _LEAVE_SECONDS
        while recorder.invoker.collect(datetime.now(UTC)) and time.monotonic() < deadline:
            # Each time anew: one that has just begun may have had no shift to leave yet.
            register.take_over(recorder.settings.nse_symbols, NOBODY, datetime.now(UTC))
            time.sleep(0.2)
        database.client.close()
