"""MongoDB through PyMongo: how it is opened, read, and how its errors become the project's."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError

from optionchain.errors import StoreUnavailable
from optionchain.mongo.credentials import uri_invalid, uri_of
from optionchain.settings import Settings

type Document = dict[str, Any]

# A tick lasts five seconds by default: a database that has not answered in half of one is away.
# PyMongo looks for a server as long, in steps of half a second: this makes five.
OPERATION_TIMEOUT_MS = 2_400
CONNECT_TIMEOUT_MS = 2_000
# For what is no operation: to close a client ends its sessions, and would look 30 s for a server.
SERVER_SELECTION_TIMEOUT_MS = 2_000
# PyMongo takes text without a scheme for the name of a host.
_SCHEMES = ("mongodb://", "mongodb+srv://")


def open_database(settings: Settings) -> Database[Document]:
    """Connect lazily: nothing but a secret is asked of a network before the first operation."""
    return database_at(uri_of(settings), settings)


def database_at(uri: str, settings: Settings) -> Database[Document]:
    """Return the settings' database at this URI of theirs; raise SettingInvalid, which hides it."""
    allowed = "must be a mongodb:// URI, with user and password percent-encoded"
    if uri.startswith(_SCHEMES) and not _names_a_host_by_a_password(uri):
        try:
            return _database(uri, settings.mongodb_database)
        except (InvalidURI, ValueError):
            pass
        except ConfigurationError:
            allowed = "has options that clash"
    # Out here, so that PyMongo's message, which may quote the URI, is not even this one's context.
    raise uri_invalid(settings, allowed)


def _database(uri: str, name: str) -> Database[Document]:
    client: MongoClient[Document] = MongoClient(
        uri,
        timeoutMS=OPERATION_TIMEOUT_MS,
        connectTimeoutMS=CONNECT_TIMEOUT_MS,
        serverSelectionTimeoutMS=SERVER_SELECTION_TIMEOUT_MS,
        appname="nse-option-chain",
        connect=False,  # nor is the name of a mongodb+srv:// URI resolved here
    )
    options: CodecOptions[Document] = CodecOptions(tz_aware=True)
    return client.get_database(name, codec_options=options)


def _names_a_host_by_a_password(uri: str) -> bool:
    """Tell whether a / that is not encoded splits the password: logs would show a part of it."""
    return "@" in "".join(uri.partition("?")[0].split("/")[3:])


def naive_collection(database: Database[Document], name: str) -> Collection[Any]:
    """Return a collection whose instants are read as naive datetimes in UTC.

    To make one aware takes as long as to read it, and a chain has hundreds.
    """
    options: CodecOptions[Document] = CodecOptions(tz_aware=False)
    return database.get_collection(name, codec_options=options)


def find_documents(
    collection: Collection[Any],
    query: Mapping[str, Any],
    columns: Sequence[str] | None,
    **options: Any,  # noqa: ANN401  (those of find)
) -> list[Any]:
    """Return the documents of a query without their `_id`: these columns of them, None all."""
    if columns:
        wanted = {"_id": False, **dict.fromkeys(columns, True)}
        return list(collection.find(query, wanted, **options))
    # Whole documents are sent as they lie there; one field less would have each of them rebuilt.
    found = list(collection.find(query, **options))
    for document in found:
        del document["_id"]
    return found


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn PyMongo's errors into StoreUnavailable: the one seam between driver and project."""
    try:
        yield
    except PyMongoError as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
