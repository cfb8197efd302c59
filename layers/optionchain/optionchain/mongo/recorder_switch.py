"""Whether the recorder is meant to run: the switch behind /pipeline/start and /pipeline/stop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.shift_register import ShiftRegister

CONTROL = "control"
_SWITCH = {"_id": "pipeline"}
# An owner that no invocation is: who was on duty is relieved, and nobody takes its place.
NOBODY = "stopped"


class SwitchState(NamedTuple):
    """Whether the recorder is meant to run, and since when; None where nobody ever switched it."""

    enabled: bool
    changed_at: datetime | None


class RecorderSwitch:
    """The collection `control`, a single document; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._control: Collection[Any] = database[CONTROL]
        self._register = ShiftRegister(database)

    def read(self) -> SwitchState:
        """Return how the recorder is switched; it is on until somebody stops it."""
        with database_errors():
            document = self._control.find_one(_SWITCH)
        if document is None:
            return SwitchState(enabled=True, changed_at=None)
        return SwitchState(bool(document["enabled"]), document["changed_at"])

    def enabled(self) -> bool:
        """Return whether the recorder is meant to run."""
        return self.read().enabled

    def switch(self, symbols: Sequence[str], now: datetime, *, enabled: bool) -> None:
        """Start or stop; to switch to what it is already changes nothing.

        Stopping also relieves whoever is on duty, for these symbols and for any other.
        """
        if self.enabled() is not enabled:
            switch = {"enabled": enabled, "changed_at": now}
            with database_errors():
                self._control.replace_one(_SWITCH, switch, upsert=True)
        if not enabled:
            # Also at a second stop: an invocation may have slipped in.
            self._register.take_over(self._on_duty(symbols), NOBODY, now)

    def _on_duty(self, symbols: Sequence[str]) -> list[str]:
        owners = self._register.owners()
        # A symbol without an owner too: its first invocation may be about to take over.
        known = dict.fromkeys([*symbols, *owners])
        return [name for name in known if owners.get(name, {}).get("owner") != NOBODY]
