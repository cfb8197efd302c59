"""What the ledger says of many symbols together: by a few queries, however many there are."""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.newest_of_each import newest_having

_OF_OUTCOME = ("outcome", "tick", "reason", "detail")


class TickSummary:
    """The collection `ticks`, of many symbols; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._ticks: Collection[Any] = database[TICKS]

    def last(self, symbols: Sequence[str]) -> dict[str, Document]:
        """Return `{outcome, tick, reason, detail}` of each symbol's newest tick with an outcome."""
        return newest_having(self._ticks, "tick", symbols, _OF_OUTCOME)

    def sources(self, symbols: Sequence[str]) -> dict[str, str]:
        """Return the source of each symbol's newest tick that names one."""
        found = newest_having(self._ticks, "tick", symbols, ["source"])
        return {symbol: row["source"] for symbol, row in found.items()}
