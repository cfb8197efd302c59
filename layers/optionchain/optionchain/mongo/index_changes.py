"""Single changes of indexes, each of which MongoDB may refuse."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

from optionchain.errors import StoreRefused
from optionchain.mongo.client import LONGEST_EXCERPT, Document

type Keys = Sequence[tuple[str, int]]


class Index(NamedTuple):
    """One index; with `ttl_seconds` MongoDB deletes documents of this age.

    The values of the fields `implied` follow from those of the keys.
    """

    collection: str
    keys: Keys
    unique: bool = False
    ttl_seconds: int | None = None
    implied: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Return the index in words: `unique index (symbol, tick) of ticks`."""
        kind = "unique index" if self.unique else "index"
        return f"{kind} ({', '.join(name for name, _ in self.keys)}) of {self.collection}"


class ExistingIndex(NamedTuple):
    """An index as the database has it; without `ttl_seconds` it deletes nothing."""

    name: str
    keys: Keys
    unique: bool
    ttl_seconds: int | None

    def serves(self, index: Index) -> bool:
        """Tell whether it does what this index does, under whatever name.

        A unique index keeps its promise in any order of its keys, and with fields that follow from
        them.
        """
        if index.unique:
            names, wanted = dict(self.keys).keys(), dict(index.keys).keys()
            return self.unique and wanted <= names <= wanted | index.implied
        return list(self.keys) == list(index.keys)


def existing_indexes(database: Database[Document], collection: str) -> list[ExistingIndex]:
    """Return the indexes of a collection; none if the user may not list them."""
    try:
        found = database[collection].index_information()
    except (OperationFailure, StoreRefused):
        return []
    return [_existing(name, row) for name, row in found.items()]


def _existing(name: str, row: dict[str, Any]) -> ExistingIndex:
    # An index of a part of the documents keeps no promise about all of them.
    whole = "partialFilterExpression" not in row and not row.get("sparse")
    unique = bool(row.get("unique")) and whole
    return ExistingIndex(name, row["key"], unique, row.get("expireAfterSeconds"))


def make_index(
    database: Database[Document], collection: str, keys: Keys, **options: object
) -> str | None:
    """Make an index; return why MongoDB refuses, None if it does not."""
    model = IndexModel(keys, **options)
    return _refusal(lambda: database[collection].create_indexes([model]))


def change_ttl(
    database: Database[Document], collection: str, name: str, seconds: int
) -> str | None:
    """Change the TTL of an index; return why MongoDB refuses, None if it does not."""
    # MongoDB refuses to create an existing index with another TTL, so it is changed in place.
    change = {"name": name, "expireAfterSeconds": seconds}
    return _refusal(lambda: database.command("collMod", collection, index=change))


def _refusal(change: Callable[[], object]) -> str | None:
    try:
        change()
    except StoreRefused as error:
        return str(error)
    except OperationFailure as error:
        return refusal_text(error)
    return None


def refusal_text(error: OperationFailure) -> str:
    """Return MongoDB's name of an error and the beginning of its message."""
    details = error.details or {}
    return f"{details.get('codeName')}: {details.get('errmsg', error)}"[:LONGEST_EXCERPT]
