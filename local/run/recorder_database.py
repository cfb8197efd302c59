"""The database of a local run: completed ticks for the terminal, and the switch of the API."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors, open_database
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.recorder_switch import NOBODY, RecorderSwitch
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings

# A tick is completed within an interval and a few seconds, or never.
_LONGEST_TICK = timedelta(seconds=75)


class RecorderDatabase:
    """The database of a run, opened at its first use; raises StoreUnavailable.

    `since` is the start of the run, in UTC: ticks completed before belong to another run.
    """

    def __init__(self, settings: Settings, since: datetime) -> None:
        self._settings = settings
        self._since = since
        self._last_read = since
        self._seen: set[tuple[str, datetime]] = set()

    def completed_ticks(self, now: datetime) -> list[Mapping[str, Any]]:
        """Return the ledger entries that were completed since the last call, ordered by tick."""
        # Both ends of the range come from this clock, so an entry that is still to come is in it.
        oldest = self._last_read - _LONGEST_TICK
        symbols = self._symbols.plan().symbols
        query = {
            "symbol": {"$in": list(symbols)},
            "tick": {"$gte": oldest},
            "completed_at": {"$gte": self._since},
        }
        with database_errors():
            found = list(self._database[TICKS].find(query, {"_id": False, "expiries": False}))
        self._last_read = now
        fresh = [entry for entry in found if (entry["symbol"], entry["tick"]) not in self._seen]
        self._seen = {(entry["symbol"], entry["tick"]) for entry in found}
        return sorted(fresh, key=lambda entry: (entry["tick"], symbols.index(entry["symbol"])))

    def relieve(self, owner: str, now: datetime) -> None:
        """Make an invocation leave its own symbols, and no other invocation's."""
        register = ShiftRegister(self._database)
        held = register.held_by(owner, self._symbols.plan().symbols)
        register.take_over(held, NOBODY, now)

    def is_enabled(self) -> bool:
        """Tell whether the recorder is switched on; POST /pipeline/start and /stop switch it."""
        return RecorderSwitch(self._database).enabled()

    def close(self) -> None:
        """Close the connections, if any were opened."""
        if "_database" in vars(self):
            self._database.client.close()

    @cached_property
    def _symbols(self) -> SymbolDirectory:
        register = SymbolListRegister(self._database)
        return SymbolDirectory(self._settings, register, lambda: self._last_read)

    @cached_property
    def _database(self) -> Database[Document]:
        return open_database(self._settings)
