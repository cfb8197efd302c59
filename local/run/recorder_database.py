"""What the recorder writes in the database, as the terminal needs it: completed ticks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors, open_database
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.recorder_switch import NOBODY, RecorderSwitch
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.settings import Settings

# A tick is completed within an interval and a few seconds, or never.
_LONGEST_TICK = timedelta(seconds=75)


class RecorderDatabase:
    """The database of a run, opened at its first use; raises StoreUnavailable.

    `since` is when the run began, UTC: ticks completed before are another run's.
    """

    def __init__(self, settings: Settings, since: datetime) -> None:
        self._settings = settings
        self._since = since
        self._looked = since
        self._seen: set[tuple[str, datetime]] = set()

    def completed(self, now: datetime) -> list[Mapping[str, Any]]:
        """Return the ledger's entries that were completed since the last call, by tick."""
        # Both ends by the same clock: what is still to come is not older than this.
        oldest = self._looked - _LONGEST_TICK
        query = {
            "symbol": {"$in": list(self._settings.nse_symbols)},
            "tick": {"$gte": oldest},
            "completed_at": {"$gte": self._since},
        }
        with database_errors():
            found = list(self._database[TICKS].find(query, {"_id": False, "expiries": False}))
        self._looked = now
        fresh = [entry for entry in found if (entry["symbol"], entry["tick"]) not in self._seen]
        self._seen = {(entry["symbol"], entry["tick"]) for entry in found}
        return sorted(fresh, key=lambda entry: (entry["tick"], self._place(entry["symbol"])))

    def relieve(self, owner: str, now: datetime) -> None:
        """Make an invocation leave the symbols that it is on duty for, and no other's."""
        register = ShiftRegister(self._database)
        held = register.held_by(owner, self._settings.nse_symbols)
        register.take_over(held, NOBODY, now)

    def enabled(self) -> bool:
        """Return whether the recorder is meant to run, by the switch of the API."""
        return RecorderSwitch(self._database).enabled()

    def close(self) -> None:
        """Close the connections, if any were opened."""
        if "_database" in vars(self):
            self._database.client.close()

    def _place(self, symbol: str) -> int:
        return self._settings.nse_symbols.index(symbol)

    @cached_property
    def _database(self) -> Database[Document]:
        return open_database(self._settings)
