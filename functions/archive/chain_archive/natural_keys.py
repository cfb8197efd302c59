"""What names a document, whatever its `_id` is, and whether two documents are equal."""

from collections.abc import Iterable, Mapping
from typing import Any

import bson
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from optionchain.mongo.client import Document
from optionchain.mongo.indexes import (
    CONTRACT_TERMS,
    CONTRACTS,
    DISAGREEMENTS,
    DUTIES,
    LISTINGS,
    SETTLEMENTS,
    SNAPSHOTS,
    TICKS,
)

NATURAL_KEYS: Mapping[str, tuple[str, ...]] = {
    CONTRACTS: ("identifier", "fetched_at"),
    SNAPSHOTS: ("symbol", "expiry", "fetched_at"),
    TICKS: ("symbol", "tick"),
    LISTINGS: ("symbol", "since"),
    DUTIES: ("symbols", "owner", "since"),
    SETTLEMENTS: ("symbol", "day", "expiry"),
    DISAGREEMENTS: ("symbol", "at"),
    CONTRACT_TERMS: ("symbol", "day", "source", "content_hash"),
}
_DUPLICATE_KEY = 11_000

type Key = bytes
type Content = bytes


def key_of(collection: str, document: Mapping[str, Any]) -> Document:
    """Return the query for the document of a collection that has the same natural key."""
    return {name: document.get(name) for name in NATURAL_KEYS[collection]}


def by_key(collection: str, documents: Iterable[Document]) -> dict[Key, Content]:
    """Return the content of documents by their keys, both as BSON."""
    return {bson.encode(key_of(collection, each)): content_of(each) for each in documents}


def content_of(document: Mapping[str, Any]) -> Content:
    """Return the content with its BSON types; neither `_id` nor the order of fields matters."""
    members = {name: value for name, value in document.items() if name != "_id"}
    return bson.encode(dict(sorted(members.items())))


def insert_missing(collection: Collection[Any], documents: list[Document]) -> None:
    """Insert the documents that a collection lacks; its unique index refuses the others."""
    if not documents:
        return
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        if any(row["code"] != _DUPLICATE_KEY for row in error.details["writeErrors"]):
            raise
