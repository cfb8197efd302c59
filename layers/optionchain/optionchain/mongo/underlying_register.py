"""Which symbols have options and of which kind they are, as the exchange last listed them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors

UNDERLYINGS = "underlyings"


class Underlying(NamedTuple):
    """The source's own word for a symbol's kind, and when it last listed the symbol."""

    kind: str
    listed_at: datetime


@dataclass(frozen=True)
class Underlyings:
    """Every symbol that the source ever listed. `read_at` is when its list was last read."""

    read_at: datetime
    by_symbol: Mapping[str, Underlying] = field(default_factory=dict)

    def lacks(self, symbol: str) -> bool:
        """Tell whether the list last read does not have a symbol that an earlier one had."""
        known = self.by_symbol.get(symbol)
        return known is not None and known.listed_at < self.read_at


class UnderlyingRegister:
    """The collection `underlyings`, a document for each exchange; raises StoreUnavailable."""

    def __init__(self, database: Database[Document], base_url: str) -> None:
        self._underlyings: Collection[Any] = database[UNDERLYINGS]
        self._key = {"_id": base_url}

    def read(self) -> Underlyings | None:
        """Return what is stored, None if there is nothing."""
        with database_errors():
            document = self._underlyings.find_one(self._key)
        if document is None:
            return None
        rows = document["symbols"]
        known = {row["symbol"]: Underlying(row["kind"], row["listed_at"]) for row in rows}
        return Underlyings(document["read_at"], known)

    def write(self, underlyings: Underlyings) -> None:
        """Store what was read."""
        rows = [
            {"symbol": symbol, **known._asdict()} for symbol, known in underlyings.by_symbol.items()
        ]
        document = {"read_at": underlyings.read_at, "symbols": rows}
        with database_errors():
            self._underlyings.replace_one(self._key, document, upsert=True)
