"""Unordered writes of many documents, of which some may be there already."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from pymongo.collection import Collection
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


def insert_groups(
    collection: Collection[Any], groups: Sequence[Sequence[Any]]
) -> list[int | BulkWriteError]:
    """Insert all documents by one unordered insert.

    Returns for each group how many of its documents were there already, or its own error if one of
    them was refused for another reason. Raises PyMongo's error if the insert as a whole failed.
    """
    if not groups:
        return []
    try:
        collection.insert_many([*chain.from_iterable(groups)], ordered=False)
    except BulkWriteError as error:
        details = error.details or {}
        if details.get("writeConcernErrors"):
            raise
        return _by_group(groups, details.get("writeErrors", []))
    return [0] * len(groups)


def _by_group(
    groups: Sequence[Sequence[Any]], errors: Sequence[dict[str, Any]]
) -> list[int | BulkWriteError]:
    group_of = [number for number, group in enumerate(groups) for _ in group]
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in errors:
        found[group_of[row["index"]]].append(row)
    return [_told(found[number]) for number in range(len(groups))]


def _told(errors: Sequence[dict[str, Any]]) -> int | BulkWriteError:
    if all(row["code"] == _DUPLICATE_KEY for row in errors):
        return len(errors)
    return BulkWriteError({"writeErrors": errors})
