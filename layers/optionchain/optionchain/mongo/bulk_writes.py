"""Unordered writes of many documents, of which some may be there already."""

from collections.abc import Callable

from pymongo.errors import BulkWriteError

_DUPLICATE_KEY = 11_000


def duplicates_of(write: Callable[[], object]) -> frozenset[int]:
    """Do an unordered write; return the places of those that a unique index has refused.

    Raises PyMongo's error if anything failed for another reason.
    """
    try:
        write()
    except BulkWriteError as error:
        details = error.details or {}
        errors = details.get("writeErrors", [])
        if details.get("writeConcernErrors") or any(
            row["code"] != _DUPLICATE_KEY for row in errors
        ):
            raise
        return frozenset(row["index"] for row in errors)
    return frozenset()
