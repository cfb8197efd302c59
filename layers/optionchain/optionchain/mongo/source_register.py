"""Whether the exchange answers or refuses, known to all invocations."""

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
    """Why the exchange refuses, since when, and until when nothing is requested.

    `failures` counts failed ticks in a row. Without `reason` the exchange answers; without `until`
    requests go on.
    """

    reason: Reason | None = None
    detail: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    failures: int = 0

    def waits(self, now: datetime) -> bool:
        """Return whether nothing may be requested at this instant."""
        return self.until is not None and now < self.until

    def until_text(self) -> str:
        """Return the wait in words."""
        return f"nothing is asked until {self.until:%H:%M:%S} UTC: {self.detail}"


class SourceRegister:
    """The collection `source`, a document for each exchange; raises StoreUnavailable."""

    def __init__(self, database: Database[Document], base_url: str) -> None:
        self._source: Collection[Any] = database[SOURCE]
        self._key = {"_id": base_url}

    def read(self) -> SourceState:
        """Return the stored state; without one, the source counts as answering."""
        with database_errors():
            document = self._source.find_one(self._key, {"_id": False})
        return SourceState(**document) if document else SourceState()

    def write(self, state: SourceState) -> None:
        """Store a state."""
        with database_errors():
            self._source.replace_one(self._key, asdict(state), upsert=True)
