"""A database that follows its access: it outlives the client that it was opened with.

Where MongoDB refuses user or password, or is not there, and the secret holds another URI by now, a
new client takes the place of the old one, and what led nowhere is asked again.
"""

from collections.abc import Callable, Iterator
from functools import partial
from inspect import ismethod
from itertools import chain, islice
from typing import Any, cast

from pymongo.database import Database
from pymongo.errors import (
    ConfigurationError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from optionchain.errors import SettingInvalid, StoreUnavailable
from optionchain.mongo.client import Document
from optionchain.mongo.rotation import RotatingClient

# Not authorised (an open connection whose user is gone), authentication failed, the same of Atlas.
_REFUSED = (13, 18, 8_000)
# What is not authorised is quoted with its whole command.
_LONGEST_QUOTE = 100
# No server, no such name: the URI may have been put right.
_NOBODY_THERE = (ServerSelectionTimeoutError, ConfigurationError)


def rotating_database(access: RotatingClient) -> Database[Document]:
    """Return a database each of whose operations goes through the client of the moment.

    It is opened by the first of them. Where a setting or the secret is unusable, that raises
    StoreUnavailable, and a later one tries again.
    """
    return cast("Database[Document]", _Database(access))


class _Follower:
    """Stands for a database or a collection: each call goes to that of the client of the moment."""

    def __init__(self, access: RotatingClient, of: Callable[[Database[Document]], Any]) -> None:
        self._access = access
        self._of = of

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (what PyMongo has by this name)
        found = getattr(self._of(self._now()), name)
        return partial(self._call, name) if ismethod(found) else found

    def find(self, *values: object, **options: object) -> Iterator[Any]:
        """Return what is found; unlike a cursor it has asked by then, and been answered."""
        return self._ask(lambda found: _begun(found.find(*values, **options)))

    def _call(self, name: str, *values: object, **options: object) -> object:
        return self._ask(lambda found: getattr(found, name)(*values, **options))

    def _ask[Answer](self, ask: Callable[[Any], Answer]) -> Answer:
        database = self._now()
        try:
            return ask(self._of(database))
        except PyMongoError as error:
            if (words := _turned_away(error, database)) is None:
                raise
            database = self._another(database, words, error)
        # Safe to ask again: who is turned away has changed nothing, and writes bear repeating.
        return ask(self._of(database))

    def _now(self) -> Database[Document]:
        try:
            return self._access.open()
        except SettingInvalid as error:
            raise StoreUnavailable(str(error)) from error

    def _another(
        self, old: Database[Document], words: str, why: PyMongoError
    ) -> Database[Document]:
        try:
            database = self._access.renew(old)
        except SettingInvalid as error:
            raise StoreUnavailable(f"{words}; {error}") from error
        if database is None:
            raise StoreUnavailable(words) from why
        return database


class _Database(_Follower):
    """A database whose collections follow the client of the moment, too."""

    def __init__(self, access: RotatingClient) -> None:
        super().__init__(access, lambda database: database)

    def __getitem__(self, name: str) -> _Follower:
        return self.get_collection(name)

    def get_collection(self, name: str, **options: Any) -> _Follower:  # noqa: ANN401
        return _Follower(self._access, lambda database: database.get_collection(name, **options))


def _begun(found: Iterator[Any]) -> Iterator[Any]:
    first = list(islice(found, 1))
    return chain(first, found)


def _turned_away(error: PyMongoError, database: Database[Document]) -> str | None:
    """Return in words how the URI led nowhere; None where an error has other reasons.

    PyMongo gives up a server that has refused it until it next looks, after ten seconds, and says
    meanwhile that there is none.
    """
    causes: list[Exception | None] = [error]
    if isinstance(error, ServerSelectionTimeoutError):
        servers = database.client.topology_description.server_descriptions()
        causes += [server.error for server in servers.values()]
    for each in causes:
        if isinstance(each, OperationFailure) and each.code in _REFUSED:
            said = str((each.details or {}).get("errmsg"))[:_LONGEST_QUOTE]
            return f"MongoDB refuses the user or the password that it is given: {said}"
    return f"{type(error).__name__}: {error}" if isinstance(error, _NOBODY_THERE) else None
