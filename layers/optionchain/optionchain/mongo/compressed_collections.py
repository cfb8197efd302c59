"""Collections whose data and indexes are compressed with zstd, and how a collection is stored."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from pymongo.database import Database
from pymongo.errors import OperationFailure, WriteConcernError

from optionchain.errors import StoreRefused
from optionchain.mongo.client import Document, database_errors, refused_right
from optionchain.mongo.index_changes import refusal_text

ZSTD = "zstd"
NONE, MIXED = "none", "mixed"
# MongoDB's own choice is snappy for data, and no block compressor for indexes.
_ENGINE = {"wiredTiger": {"configString": f"block_compressor={ZSTD}"}}
# The options of one index would not reach `_id_`; these defaults of the collection do.
_OPTIONS: Document = {
    "storageEngine": _ENGINE,
    "indexOptionDefaults": {"storageEngine": _ENGINE},
}
_EXISTS, _NOT_FOUND = 48, 26
_COMPRESSOR = re.compile(r"(?:^|,)block_compressor=([^,]*)")
# How each table was created, in WiredTiger's words: a small part of what $collStats tells.
_INDEXES = {"$objectToArray": {"$ifNull": ["$storageStats.indexDetails", {}]}}
_CREATED: Document = {
    "data": "$storageStats.wiredTiger.creationString",
    "indexes": {"$map": {"input": _INDEXES, "in": "$$this.v.creationString"}},
}


class Compression(NamedTuple):
    """The compressors of a collection's data and of its indexes, as WiredTiger names them.

    `none` is said where there is no compressor, `mixed` where indexes differ. None means that the
    server does not tell.
    """

    data: str | None
    indexes: str | None

    @property
    def is_zstd(self) -> bool:
        """Tell whether data and every index are compressed with zstd."""
        return self == (ZSTD, ZSTD)


def make_compressed(database: Database[Document], name: str) -> str | None:
    """Make a collection with zstd unless it exists; return why MongoDB refuses, None if not.

    An error that passes is raised as PyMongo's: a collection that is made plain stays so.
    """
    try:
        # Asking whether it exists would need one more right, and another recorder may make it.
        database.create_collection(name, check_exists=False, **_OPTIONS)
    except StoreRefused as error:
        return str(error)
    except OperationFailure as error:
        if error.code == _EXISTS:
            return None
        if _passes(error):
            raise
        return refusal_text(error)
    return None


def compression_of(database: Database[Document], name: str) -> Compression | None:
    """Return how a collection is stored, None if it does not exist.

    Raises StoreUnavailable, or StoreRefused without the right collStats.
    """
    with database_errors():
        try:
            stages: list[Document] = [{"$collStats": {"storageStats": {}}}, {"$project": _CREATED}]
            found: Document = next(iter(database[name].aggregate(stages)), {})
        except OperationFailure as error:
            if error.code == _NOT_FOUND:
                return None
            if _passes(error) or refused_right(error):
                raise
            return Compression(None, None)
    return Compression(_compressor([found.get("data")]), _compressor(found.get("indexes") or ()))


def _compressor(creation_strings: Iterable[Any]) -> str | None:
    found = {_COMPRESSOR.search(each or "") for each in creation_strings}
    names = {match[1] or NONE if match else None for match in found}
    return names.pop() if len(names) == 1 else MIXED if names else None


def _passes(error: OperationFailure) -> bool:
    """Tell whether an error is one of a moment, such as a change of the primary."""
    return (
        error.timeout
        or isinstance(error, WriteConcernError)
        or error.has_error_label("RetryableWriteError")
    )
