"""A database that outlives its client: operations go through the current RotatingClient.

If MongoDB refuses the user or the password, or no server is found, and the secret holds another URI
by now, a new client replaces the old one and the operation is repeated.
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
from pymongo.server_type import SERVER_TYPE
from pymongo.topology_description import TOPOLOGY_TYPE

from optionchain.errors import SettingInvalid, StoreUnavailable
from optionchain.mongo.client import LONGEST_EXCERPT, Document, refused_right
from optionchain.mongo.rotating_client import RotatingClient

# Codes: authentication failed, and the same from Atlas. A missing right counts too: the user of an
# open connection may be gone.
_ACCESS_DENIED = (18, 8_000)
# No server answers, or its name is unknown: the URI may have been corrected.
_NO_SERVER = (ServerSelectionTimeoutError, ConfigurationError)


def rotating_database(access: RotatingClient) -> Database[Document]:
    """Return a database whose operations go through the current client.

    The first operation opens it. If a setting or the secret is unusable, the operation raises
    StoreUnavailable, and a later one tries again.
    """
    return cast("Database[Document]", _Database(access))


class _Proxy:
    """Stands for a database or a collection: each call goes to that of the current client."""

    def __init__(
        self, access: RotatingClient, target_of: Callable[[Database[Document]], Any]
    ) -> None:
        self._access = access
        self._target_of = target_of

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (what PyMongo has by this name)
        attribute = getattr(self._target_of(self._open()), name)
        return partial(self._call, name) if ismethod(attribute) else attribute

    def find(self, *values: object, **options: object) -> Iterator[Any]:
        """Return the documents; unlike PyMongo's, this has sent its query when it returns."""
        return self._run(lambda target: _started(target.find(*values, **options)))

    def _call(self, name: str, *values: object, **options: object) -> object:
        return self._run(lambda target: getattr(target, name)(*values, **options))

    def _run[Answer](self, operation: Callable[[Any], Answer]) -> Answer:
        database = self._open()
        try:
            answer = operation(self._target_of(database))
        except PyMongoError as error:
            if (failure := _access_failure(error, database)) is None:
                raise
            database = self._renew(database, failure, error)
            # Repeating is safe: a refused operation has changed nothing; writes are idempotent.
            answer = operation(self._target_of(database))
        if _is_secondary(database):
            raise StoreUnavailable("the URI leads to a secondary alone, by directConnection")
        return answer

    def _open(self) -> Database[Document]:
        try:
            return self._access.open()
        except SettingInvalid as error:
            raise StoreUnavailable(str(error)) from error

    def _renew(
        self, old: Database[Document], failure: StoreUnavailable, cause: PyMongoError
    ) -> Database[Document]:
        try:
            database = self._access.renew(old)
        except SettingInvalid as error:
            raise type(failure)(f"{failure}; {error}") from error
        if database is None:
            raise failure from cause
        return database


class _Database(_Proxy):
    """A database whose collections go through the current client, too."""

    def __init__(self, access: RotatingClient) -> None:
        super().__init__(access, lambda database: database)

    def __getitem__(self, name: str) -> _Proxy:
        return self.get_collection(name)

    def get_collection(self, name: str, **options: Any) -> _Proxy:  # noqa: ANN401
        return _Proxy(self._access, lambda database: database.get_collection(name, **options))


def _is_secondary(database: Database[Document]) -> bool:
    """Tell whether a URI with directConnection leads to a secondary, which may lack the newest.

    PyMongo reads from it although it is told to read from the primary.
    """
    known = database.client.topology_description
    if known.topology_type != TOPOLOGY_TYPE.Single:
        return False
    (server,) = known.server_descriptions().values()
    return server.server_type == SERVER_TYPE.RSSecondary


def _started(cursor: Iterator[Any]) -> Iterator[Any]:
    first = list(islice(cursor, 1))
    return chain(first, cursor)


def _access_failure(error: PyMongoError, database: Database[Document]) -> StoreUnavailable | None:
    """Return the error of a URI that failed; None if an error has other reasons.

    After a refusal PyMongo reports for ten seconds that it finds no server. The refusal is then
    found in the descriptions of the servers.
    """
    causes: list[Exception | None] = [error]
    if isinstance(error, ServerSelectionTimeoutError):
        servers = database.client.topology_description.server_descriptions()
        causes += [server.error for server in servers.values()]
    for cause in causes:
        if refused := refused_right(cause):
            return refused
        if isinstance(cause, OperationFailure) and cause.code in _ACCESS_DENIED:
            message = str((cause.details or {}).get("errmsg"))[:LONGEST_EXCERPT]
            text = f"MongoDB refuses the user or the password that it is given: {message}"
            return StoreUnavailable(text)
    if isinstance(error, _NO_SERVER):
        return StoreUnavailable(f"{type(error).__name__}: {error}")
    return None
