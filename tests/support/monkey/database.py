"""A database of which each operation may fail, before or after it is done."""

from collections.abc import Callable
from inspect import ismethod
from typing import Any, cast

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document
from tests.support.mongomock_database import AnyDatabase

# Called before and after each operation with its name; may raise.
type Hook = Callable[[str], None]
_READS = ("find", "find_one", "aggregate", "distinct", "count_documents")


class DisturbedDatabase(Database[Document]):
    """The given database; `before` and `after` are called around each of its operations."""

    def __init__(self, database: AnyDatabase, before: Hook, after: Hook) -> None:
        self._true = database
        self._before = before
        self._after = after

    @property
    def name(self) -> str:
        return self._true.name

    @property
    def client(self) -> Any:  # noqa: ANN401
        return self._true.client

    def __getitem__(self, name: str) -> Collection[Document]:
        return self.get_collection(name)

    def get_collection(self, name: str, **options: Any) -> Collection[Document]:  # type: ignore[override]  # noqa: ANN401
        return self.around(self._true.get_collection(name, **options))

    def create_collection(self, name: str, **options: Any) -> Collection[Document]:  # type: ignore[override]  # noqa: ANN401
        return self.around(self._true.create_collection(name, **options))

    def with_options(self, **options: Any) -> "DisturbedDatabase":  # type: ignore[override]  # noqa: ANN401
        return DisturbedDatabase(self._true.with_options(**options), self._before, self._after)

    def around(self, collection: Collection[Document]) -> Collection[Document]:
        """Return a collection of this database with the hooks around its operations."""
        return cast("Collection[Document]", _DisturbedCollection(self, collection))

    def command(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        return self.operate("command", lambda: self._true.command(*arguments, **options))

    def operate[T](self, name: str, work: Callable[[], T]) -> T:
        """Do an operation between the hooks."""
        self._before(name)
        done = work()
        self._after(name)
        return done


class _DisturbedCollection:
    def __init__(self, database: DisturbedDatabase, collection: Collection[Document]) -> None:
        self._database = database
        self._collection = collection

    def with_options(self, **options: Any) -> Collection[Document]:  # noqa: ANN401
        return self._database.around(self._collection.with_options(**options))

    def __getattr__(self, name: str) -> object:
        attribute = getattr(self._collection, name)
        if not ismethod(attribute):
            return attribute

        def operation(*arguments: object, **options: object) -> object:
            return self._database.operate(name, lambda: attribute(*arguments, **options))

        return operation
