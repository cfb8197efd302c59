"""What each source lists of each symbol's contracts, dated: a list is never overwritten."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.contract_lists import TERM_NAMES, ContractList
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import CONTRACT_TERMS

# A week of lists of every symbol: one batch saves round trips.
_BATCH = 10_000


class ListUnread(NamedTuple):
    """A list of a day that could not be read, and why."""

    day: date
    source: str
    detail: str
    tried_at: datetime


class ContractRegister:
    """The collection `contract_terms`, one document for each symbol, source, day and content.

    A document without a symbol says why a list could not be read.
    Raises StoreUnavailable if MongoDB does not answer.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._lists: Collection[Any] = database[CONTRACT_TERMS]

    def write(self, lists: Iterable[ContractList]) -> None:
        """Store lists; one that says the same as a stored one of its day changes nothing."""
        for each in lists:
            rows = [_row(expiry, terms) for expiry, terms in sorted(each.terms.items())]
            key = {
                "symbol": each.symbol,
                "day": midnight_utc(each.day),
                "source": each.source,
                "content_hash": _hash(rows),
            }
            new = {"$setOnInsert": {"read_at": each.read_at, "terms": rows}}
            with database_errors(), suppress(DuplicateKeyError):
                self._lists.update_one(key, new, upsert=True)

    def between(
        self, first: date, last: date, symbols: Sequence[str] | None = None
    ) -> dict[str, list[ContractList]]:
        """Return the lists of some days, of these symbols or of all, in order of day and time."""
        query: Document = {
            "symbol": {"$ne": None} if symbols is None else {"$in": list(symbols)},
            "day": {"$gte": midnight_utc(first), "$lte": midnight_utc(last)},
        }
        with database_errors():
            rows = list(self._lists.find(query, batch_size=_BATCH))
        found: dict[str, list[ContractList]] = {}
        for each in sorted(map(_list, rows), key=lambda each: (each.day, each.read_at)):
            found.setdefault(each.symbol, []).append(each)
        return found

    def note_failure(self, failure: ListUnread) -> None:
        """Store why a list could not be read; the last failure of its day is kept."""
        key = {"symbol": None, "day": midnight_utc(failure.day), "source": failure.source}
        told = {"detail": failure.detail, "tried_at": failure.tried_at}
        with database_errors(), suppress(DuplicateKeyError):
            self._lists.update_one(key, {"$set": told}, upsert=True)

    def failures(self, first: date) -> list[ListUnread]:
        """Return which lists could not be read since a day, by day and source."""
        query = {"symbol": None, "day": {"$gte": midnight_utc(first)}}
        with database_errors():
            rows = list(self._lists.find(query))
        return sorted(
            ListUnread(row["day"].date(), row["source"], row["detail"], row["tried_at"])
            for row in rows
        )


def _row(expiry: date, terms: ContractTerms) -> Document:
    row: Document = {"expiry": midnight_utc(expiry)}
    row |= {name: value for name in TERM_NAMES if (value := getattr(terms, name)) is not None}
    if differing := [name for name, why in terms.reasons.items() if why == "sources_differ"]:
        row["differing"] = sorted(differing)
    return row


def _hash(rows: list[Document]) -> str:
    return blake2b(orjson.dumps(rows), digest_size=8).hexdigest()


def _list(document: Document) -> ContractList:
    return ContractList(
        document["symbol"],
        document["source"],
        document["day"].date(),
        document["read_at"],
        {row["expiry"].date(): _terms(row) for row in document["terms"]},
    )


def _terms(row: Document) -> ContractTerms:
    return ContractTerms(
        lot_size=row.get("lot_size"),
        tick_size=row.get("tick_size"),
        freeze_quantity=row.get("freeze_quantity"),
        reasons=dict.fromkeys(row.get("differing", ()), "sources_differ"),
    )
