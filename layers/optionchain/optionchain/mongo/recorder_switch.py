"""The switch behind /pipeline/start and /pipeline/stop: whether the recorder is to run."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.housekeeping_register import CONTROL
from optionchain.mongo.shift_register import NOBODY, ShiftRegister
from optionchain.recorder_stops import Stop

__all__ = ["CONTROL", "NOBODY", "RecorderSwitch", "SwitchState", "stops_of"]

_SWITCH = {"_id": "pipeline"}
# How many times it was switched last are kept, for readers who ask why a tick is missing.
_MOST_KEPT = 500


class SwitchState(NamedTuple):
    """Whether the recorder is to run, and since when; None if it was never switched."""

    enabled: bool
    changed_at: datetime | None


class RecorderSwitch:
    """The collection `control`, which has a single document; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._control: Collection[Any] = database[CONTROL]
        self._register = ShiftRegister(database)

    def read(self) -> SwitchState:
        """Return the state of the switch; it is on until it is first switched off."""
        with database_errors():
            document = self._control.find_one(_SWITCH)
        if document is None:
            return SwitchState(enabled=True, changed_at=None)
        return SwitchState(bool(document["enabled"]), document["changed_at"])

    def history(self) -> list[SwitchState]:
        """Return how the recorder was switched, in order of time; the newest 500 times."""
        with database_errors():
            document = self._control.find_one(_SWITCH)
        return [SwitchState(**row) for row in _history(document)]

    def stops(self) -> list[Stop]:
        """Return when recording was switched off, in order of time, as far as `history` tells."""
        return stops_of(self.history())

    def enabled(self) -> bool:
        """Return whether the recorder is to run."""
        return self.read().enabled

    def switch(self, symbols: Sequence[str], now: datetime, *, enabled: bool) -> None:
        """Switch the recorder on or off; `changed_at` stays if it is so already.

        Switching off also relieves the invocations on duty, for these and for all other symbols.
        """
        if self.enabled() is not enabled:
            switch = {"enabled": enabled, "changed_at": now}
            with database_errors():
                history = [*_history(self._control.find_one(_SWITCH)), dict(switch)][-_MOST_KEPT:]
                self._control.replace_one(_SWITCH, {**switch, "history": history}, upsert=True)
        if not enabled:
            # Done even if it was off before: an invocation may have started in between.
            self._register.take_over(self._running_symbols(symbols), NOBODY, now)

    def _running_symbols(self, symbols: Sequence[str]) -> list[str]:
        owners = self._register.owners()
        # A symbol without an owner counts as well: its first invocation may be about to take over.
        known = dict.fromkeys([*symbols, *owners])
        return [name for name in known if owners.get(name, {}).get("owner") != NOBODY]


def stops_of(switched: Iterable[SwitchState]) -> list[Stop]:
    """Return the stops of a history of the switch, which is in order of time."""
    found: list[Stop] = []
    since: datetime | None = None
    for state in switched:
        if not state.enabled:
            since = since or state.changed_at
        elif since and state.changed_at:
            found.append(Stop(since, state.changed_at))
            since = None
    if since:
        found.append(Stop(since, None))
    return found


def _history(document: Document | None) -> list[Document]:
    """Return the history that a document holds; an older version kept the last time alone."""
    if document is None:
        return []
    last = {"enabled": bool(document["enabled"]), "changed_at": document["changed_at"]}
    return list(document.get("history", [last]))
