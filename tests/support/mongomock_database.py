"""A database in this process: mongomock, set up to behave like the real one."""

from collections.abc import Callable, Sequence
from functools import wraps
from threading import RLock
from typing import Any

import mongomock
import pytest
from mongomock import aggregate
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from optionchain.mongo.client import Document

type AnyDatabase = Database[Document]

# mongomock sweeps by the clock of this machine, so documents of fixed dates must be kept long.
RETENTION_DAYS = 3650

# mongomock asks for the time in a way that Python 3.12 deprecated.
uses_mongomock = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def _union(rows: list[Document], database: AnyDatabase, union: Document) -> list[Document]:
    return [*rows, *database[union["coll"]].aggregate(union["pipeline"])]


def _lookup(rows: list[Document], database: AnyDatabase, lookup: Document) -> list[Document]:
    """Join each row with what a pipeline makes of the documents that belong to it."""
    foreign = database[lookup["from"]]
    for row in rows:
        own = {"$match": {lookup["foreignField"]: row[lookup["localField"]]}}
        row[lookup["as"]] = list(foreign.aggregate([own, *lookup.get("pipeline", ())]))
    return rows


# What mongomock lacks of the stages that are used.
aggregate._PIPELINE_HANDLERS |= {"$unionWith": _union, "$lookup": _lookup}


class _Database(mongomock.Database):  # type: ignore[type-arg]
    """A database that takes the options of a new collection, which mean nothing in memory."""

    def create_collection(self, name: str, **options: Any) -> Any:  # type: ignore[override]  # noqa: ANN401, ARG002
        return super().create_collection(name)

    def get_collection(self, name: str, *more: Any, **options: Any) -> Any:  # noqa: ANN401
        made = super().get_collection(name, *more, **options)
        made.__class__ = _Collection
        return made


# Held by each operation on a document: MongoDB does them one after another, mongomock does not.
_ONE_AT_A_TIME = RLock()


def _alone[**Given, Result](operation: Callable[Given, Result]) -> Callable[Given, Result]:
    """Do an operation while no other thread does one."""

    @wraps(operation)
    def alone(*args: Given.args, **options: Given.kwargs) -> Result:
        with _ONE_AT_A_TIME:
            return operation(*args, **options)

    return alone


class _Collection(mongomock.Collection):  # type: ignore[type-arg]
    """A collection that takes updates in bulk and `$unionWith`, which mongomock does not know."""

    _insert = _alone(mongomock.Collection._insert)  # type: ignore[attr-defined]
    _update = _alone(mongomock.Collection._update)
    _delete = _alone(mongomock.Collection._delete)
    _find_and_modify = _alone(mongomock.Collection._find_and_modify)
    find_one = _alone(mongomock.Collection.find_one)

    def aggregate(self, pipeline: Sequence[Any], *_: object, **options: Any) -> Any:  # noqa: ANN401
        own = [stage for stage in pipeline if "$unionWith" not in stage]
        rows = list(super().aggregate(own, **options))
        for union in (stage["$unionWith"] for stage in pipeline[len(own) :]):
            rows += self.database[union["coll"]].aggregate(union["pipeline"])
        return iter(rows)

    def bulk_write(self, requests: Sequence[Any], **options: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        assert not options["ordered"]
        refused = [
            {"index": place, "code": 11_000, "errmsg": str(error)}
            for place, request in enumerate(requests)
            if (error := self._refusal_of(request))
        ]
        if refused:
            raise BulkWriteError({"writeErrors": refused})

    def _refusal_of(self, request: Any) -> DuplicateKeyError | None:  # noqa: ANN401
        write = self.update_one if isinstance(request, UpdateOne) else self.replace_one
        try:
            write(request._filter, request._doc, upsert=bool(request._upsert))
        except DuplicateKeyError as error:
            return error
        return None


def memory_database() -> AnyDatabase:
    """Return an empty database that reads aware datetimes, without indexes."""
    made: Any = mongomock.MongoClient(tz_aware=True)["test"]
    made_with: Any = {"_store": made._store, "codec_options": made.codec_options}
    database: AnyDatabase = _Database(made.client, made.name, **made_with)
    return database
