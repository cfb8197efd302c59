"""Which invocation is on duty for each symbol: the newest one, its owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import SHIFTS


class ShiftRegister:
    """The collection `shifts`, a document for each symbol; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._shifts: Collection[Any] = database[SHIFTS]

    def take_over(self, symbols: Sequence[str], owner: str, since: datetime) -> None:
        """Put `owner` on duty for these symbols; their owners before are relieved."""
        with database_errors():
            for symbol in symbols:
                document = {"owner": owner, "since": since}
                self._shifts.replace_one({"_id": symbol}, document, upsert=True)

    def held_by(self, owner: str, symbols: Sequence[str]) -> list[str]:
        """Return the symbols for which `owner` is still on duty, in the given order."""
        query = {"_id": {"$in": list(symbols)}, "owner": owner}
        with database_errors():
            held = {document["_id"] for document in self._shifts.find(query)}
        return [symbol for symbol in symbols if symbol in held]

    def owners(self) -> dict[str, Document]:
        """Return `{owner, since}` by symbol."""
        with database_errors():
            return {document.pop("_id"): document for document in self._shifts.find()}
