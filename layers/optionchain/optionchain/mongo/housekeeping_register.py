"""What the recorder could not set up in the database, for readers to see."""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors

CONTROL = "control"
_HOUSEKEEPING = {"_id": "housekeeping"}


class HousekeepingRegister:
    """A document in the collection `control`; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._control: Collection[Any] = database[CONTROL]

    def read(self) -> list[str]:
        """Return the warnings of the last start of a recorder."""
        with database_errors():
            document = self._control.find_one(_HOUSEKEEPING)
        return list(document["warnings"]) if document else []

    def write(self, warnings: Sequence[str]) -> None:
        """Keep warnings in the place of those before."""
        if list(warnings) == self.read():
            return
        document = {"warnings": list(warnings)}
        with database_errors():
            self._control.replace_one(_HOUSEKEEPING, document, upsert=True)
