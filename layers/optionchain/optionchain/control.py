"""Whether the recorder is meant to run: the switch behind /pipeline/start and /pipeline/stop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.connection import Document, database_errors
from optionchain.shifts import ShiftRegister

CONTROL = "control"
_SWITCH = {"_id": "pipeline"}
# An owner that no invocation is: who was on duty is relieved, and nobody takes its place.
NOBODY = "stopped"


class Control:
    """The collection `control`, a single document; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._control: Collection[Any] = database[CONTROL]
        self._register = ShiftRegister(database)

    def enabled(self) -> bool:
        """Return whether the recorder is meant to run; it is until somebody stops it."""
        with database_errors():
            document = self._control.find_one(_SWITCH)
        return document is None or bool(document["enabled"])

    def switch(self, symbols: Sequence[str], now: datetime, *, enabled: bool) -> None:
        """Start or stop; stopping also relieves whoever is on duty for these symbols."""
        with database_errors():
            self._control.replace_one(_SWITCH, {"enabled": enabled, "changed_at": now}, upsert=True)
        if not enabled:
            self._register.take_over(symbols, NOBODY, now)
