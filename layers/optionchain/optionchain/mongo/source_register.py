"""How the exchange takes our requests: remembered in the database, beyond one invocation."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.tick_ledger import Reason

SOURCE = "source"


@dataclass(frozen=True)
class SourceState:
    """Why the exchange refuses, since when, and until when nothing is asked.

    `failures` counts ticks in a row. Without a reason it answers; without `until` it is asked on.
    """

    reason: Reason | None = None
    detail: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    failures: int = 0

    def waits(self, now: datetime) -> bool:
        """Tell whether nothing may be asked at this instant."""
        return self.until is not None and now < self.until

    def until_text(self) -> str:
        """Return what a person reads of a wait."""
        return f"nothing is asked until {self.until:%H:%M:%S} UTC: {self.detail}"


class SourceRegister:
    """The collection `source`, one document an exchange; raises StoreUnavailable."""

    def __init__(self, database: Database[Document], base_url: str) -> None:
        self._source: Collection[Any] = database[SOURCE]
        self._key = {"_id": base_url}

    def read(self) -> SourceState:
        """Return what is remembered; an answering source where nothing is."""
        with database_errors():
            document = self._source.find_one(self._key, {"_id": False})
        return SourceState(**document) if document else SourceState()

    def write(self, state: SourceState) -> None:
        """Remember a state."""
        with database_errors():
            self._source.replace_one(self._key, asdict(state), upsert=True)
