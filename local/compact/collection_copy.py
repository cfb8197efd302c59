"""A compressed copy of a collection, made equal to it document by document and byte by byte."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from local.compact.refused import CompactRefused
from optionchain.mongo.client import Document
from optionchain.mongo.compressed_collections import compression_of, make_compressed

type Rows = list[RawBSONDocument]

_BATCH = 1_000
_BY_ID = [("_id", 1)]
_DUPLICATE_KEY = 11_000
# What of an index is not copied: how it is stored is up to the collection.
_OWN = ("ns", "storageEngine")


class CollectionCopy:
    """The collection `name`, and its copy under another name.

    Whatever a run that was cut off has left of the copy is used. `now` is the clock, in UTC.
    """

    def __init__(
        self, database: Database[Document], name: str, now: Callable[[], datetime]
    ) -> None:
        self.name, self.copy_name = name, f"{name}_compact"
        self._database = database
        self._now = now
        raw: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
        self._source: Collection[Any] = database.get_collection(name, codec_options=raw)
        self._copy: Collection[Any] = database.get_collection(self.copy_name, codec_options=raw)

    def make(self) -> None:
        """Make the copy, without a document; raise CompactRefused where zstd is refused."""
        (found,) = self._database.list_collections(filter={"name": self.name})
        if found["type"] != "collection" or set(found["options"]) - {"storageEngine"}:
            raise CompactRefused(f"{self.name} has options of its own, which a copy would lose")
        if refusal := make_compressed(self._database, self.copy_name):
            raise CompactRefused(f"the server makes no collection with zstd: {refusal}")
        stored = compression_of(self._database, self.copy_name)
        if not (stored and stored.is_zstd):
            raise CompactRefused(f"{self.copy_name} exists and is not compressed; drop it")

    def make_indexes(self) -> None:
        """Give the copy every index that the collection has, and no other."""
        wanted = {row["name"]: _index(row) for row in self._source.list_indexes()}
        for row in list(self._copy.list_indexes()):
            if _index(row) != wanted.get(row["name"]):
                self._copy.drop_index(row["name"])
        missing = [each for name, each in wanted.items() if name != "_id_"]
        if missing:
            # All at once: each document is read once, and keys are sorted before they are written.
            self._database.command("createIndexes", self.copy_name, indexes=missing)

    def check(self) -> None:
        """Raise CompactRefused unless the copy is compressed and has every index.

        Where another run has replaced the collection, the next write makes a plain copy.
        """
        stored = compression_of(self._database, self.copy_name)
        wanted, found = (
            {row["name"]: _index(row) for row in each.list_indexes()}
            for each in (self._source, self._copy)
        )
        if not (stored and stored.is_zstd) or wanted != found:
            raise CompactRefused(f"{self.copy_name} was changed by somebody else; run it again")

    def replace(self) -> None:
        """Put the copy in the place of the collection, which is dropped in the same moment."""
        self._copy.rename(self.name, dropTarget=True)

    def update(self, progress: Callable[[int], object]) -> int:
        """Make the copy equal; return the number of documents that differed.

        Expired documents are left to MongoDB, which deletes them in either at its own time.
        """
        differed, alive = 0, self._alive()
        for rows, lower, upper in self._windows(alive):
            copied: Rows = list(_scan(self._copy, alive, lower, upper))
            if [row.raw for row in rows] != [row.raw for row in copied]:
                differed += self._repair(rows, copied)
            progress(len(rows))
        return differed

    def _windows(self, alive: Document) -> Iterator[tuple[Rows, object | None, object | None]]:
        """Yield the documents by `_id`, with lower ≤ _id < upper; None is without a bound."""
        lower = None
        while True:
            rows: Rows = list(_scan(self._source, alive, lower, None, _BATCH + 1))
            upper = rows[_BATCH]["_id"] if len(rows) > _BATCH else None
            yield rows[:_BATCH], lower, upper
            if upper is None:
                return
            lower = upper

    def _repair(self, rows: Sequence[RawBSONDocument], copied: Sequence[RawBSONDocument]) -> int:
        wanted, found = ({_key(row): row.raw for row in each} for each in (rows, copied))
        wrong = [row["_id"] for row in copied if wanted.get(_key(row)) != row.raw]
        absent = [row for row in rows if found.get(_key(row)) != row.raw]
        if wrong:
            self._copy.delete_many({"_id": {"$in": wrong}})
        try:
            if absent:
                self._copy.insert_many(absent, ordered=False)
        except BulkWriteError as error:
            # A document of a later window has the same key, and is deleted there.
            if any(row["code"] != _DUPLICATE_KEY for row in error.details["writeErrors"]):
                raise
        return len(wrong) + len(absent)

    def _alive(self) -> Document:
        """Return the query of what has not expired."""
        expired = [
            {name: {"$lt": self._now() - timedelta(seconds=row["expireAfterSeconds"])}}
            for row in self._source.list_indexes()
            if "expireAfterSeconds" in row
            for name in row["key"]
        ]
        return {"$nor": expired} if expired else {}


def _scan(
    collection: Collection[Any],
    alive: Document,
    lower: object | None,
    upper: object | None,
    limit: int = 0,
) -> Iterator[RawBSONDocument]:
    # Bounds of the index, and not $gte and $lt: these compare values of one type alone.
    bounds = {"min": lower, "max": upper}
    given: Any = {side: {"_id": value} for side, value in bounds.items() if value is not None}
    return collection.find(
        alive, hint=_BY_ID, sort=_BY_ID, limit=limit, batch_size=_BATCH + 1, **given
    )


def _key(row: RawBSONDocument) -> bytes:
    return bson.encode({"_id": row["_id"]})


def _index(row: Any) -> Document:  # noqa: ANN401
    """Return an index as createIndexes takes it."""
    return {name: value for name, value in row.items() if name not in _OWN}
