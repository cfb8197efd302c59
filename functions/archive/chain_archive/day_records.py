"""What the answers about a day need besides its snapshots and ticks.

Listings, duties, settlements, disagreements, terms of contracts: as many as there were that day.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from pymongo import DESCENDING
from pymongo.database import Database

from chain_archive.stored_day import bounds
from optionchain.contract_lists import LONGEST_AGE
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import (
    CONTRACT_TERMS,
    DISAGREEMENTS,
    DUTIES,
    LISTINGS,
    SETTLEMENTS,
)

_MILLISECOND = timedelta(milliseconds=1)


class DayRecord(NamedTuple):
    """A document of a collection, without its `_id`."""

    collection: str
    document: Document


def records_of(database: Database[Document], symbol: str, day: date) -> list[DayRecord]:
    """Return the documents that are about a symbol's day in India; PyMongo's errors pass.

    What held when the day began is among them: the listing and the shift before it, and the lists
    of contracts that were in force.
    """
    start, end = bounds(day)
    within, midnight = {"$gte": start, "$lt": end}, midnight_utc(day)
    of_symbol = {"symbol": symbol}
    queries: dict[str, dict[str, Any]] = {
        LISTINGS: {**of_symbol, "since": within},
        DUTIES: {"symbols": symbol, "since": within},
        SETTLEMENTS: {**of_symbol, "day": midnight},
        DISAGREEMENTS: {**of_symbol, "at": within},
        CONTRACT_TERMS: {**of_symbol, "day": {"$gte": midnight - LONGEST_AGE, "$lte": midnight}},
    }
    found = [
        DayRecord(collection, document)
        for collection, query in queries.items()
        for document in database[collection].find(query, batch_size=10_000)
    ]
    for collection in (LISTINGS, DUTIES):
        before = {**queries[collection], "since": {"$lt": start}}
        last = database[collection].find_one(before, sort=[("since", DESCENDING)])
        found += [DayRecord(collection, last)] if last else []
    for record in found:
        record.document.pop("_id", None)
    return found
