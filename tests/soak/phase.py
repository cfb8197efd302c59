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
from tests.soak import documents, ticks
from tests.soak.duty import TakeOver
from tests.soak.evidence import Evidence, Row
from tests.soak.mischief import RECOVERY, Mischief
from tests.soak.reader import Reader
from tests.soak.world import Site, World

_LOOK_SECONDS = 0.02
_LEAVE_SECONDS = 20


class Watch:
    """A context manager: within it a thread notes who takes over, as the database has it."""

    def __init__(self, site: Site) -> None:
        self._site = site
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


class Outcome(NamedTuple):
    """The rows of a report on each site, and how often what went wrong."""

    found: list[list[Row]]
    mishaps: str


def run(
    world: World,
    sites: Sequence[Site],
    seconds: float,
    mix: Sequence[str] = (),
    lateness_limit: float = 100.0,
) -> Outcome:
    """Let the sites record side by side; return what became of it.

    `mix` names what goes wrong, each as often as it is named; nothing does where it is empty.
    """
    mischief = Mischief(world, sites, mix) if mix else None
    with ExitStack() as stack:
        readers = [stack.enter_context(Reader(site.settings)) for site in sites]
        watches = [stack.enter_context(Watch(site)) for site in sites]
        if mischief:
            stack.callback(mischief.stop)
        _work(sites, seconds, mischief)
        if mischief:
            mischief.stop()
            _work(sites, RECOVERY.total_seconds())
        end = datetime.now(UTC)
        _leave(sites)
    found = []
    for site, reader, watch in zip(sites, readers, watches, strict=True):
        database = open_database(site.settings)
        windows = mischief.windows if mischief else []
        takeovers = watch.takeovers()
        evidence = Evidence(
            site, database, reader, takeovers, windows, end, world.seed, lateness_limit
        )
        found.append([*ticks.rows(evidence), *documents.rows(evidence)])
        database.client.close()
    return Outcome(found, mischief.tally() if mischief else "nothing")


def _work(sites: Sequence[Site], seconds: float, mischief: Mischief | None = None) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for site in sites:
            site.crew.tick(datetime.now(UTC))
        if mischief:
            mischief.tick(datetime.now(UTC))
        time.sleep(_LOOK_SECONDS)


def _leave(sites: Sequence[Site]) -> None:
    """Relieve everybody, and wait until they have left."""
    for site in sites:
        database = open_database(site.settings)
        register = ShiftRegister(database)
        deadline = time.monotonic() + _LEAVE_SECONDS
        while site.crew.collect(datetime.now(UTC)) and time.monotonic() < deadline:
            # Each time anew: one that has just begun may have had no shift to leave yet.
            register.take_over(site.settings.nse_symbols, NOBODY, datetime.now(UTC))
            time.sleep(0.2)
        database.client.close()
