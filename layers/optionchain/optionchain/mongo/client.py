"""How MongoDB is opened and read through PyMongo, and how PyMongo's errors are translated."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from optionchain.errors import StoreRefused, StoreUnavailable
from optionchain.mongo.credentials import uri_invalid, uri_of
from optionchain.settings import Settings

type Document = dict[str, Any]

# Half of a tick of five seconds: a database that has not answered by then counts as away. PyMongo
# searches for a server for as long, in steps of half a second, so this makes five attempts.
OPERATION_TIMEOUT_MS = 2_400
CONNECT_TIMEOUT_MS = 2_000
# For closing a client, which is no operation: it ends sessions, and would search 30 s for a server.
SERVER_SELECTION_TIMEOUT_MS = 2_000
# A claim is a promise only if most members have it, and only the primary has everything that was
# written. Both are set here, whatever a URI says: a tick was claimed twice with w=0.
_WRITE_CONCERN = WriteConcern("majority")
_READ_CONCERN = ReadConcern("local")
# These clash with reading from the primary, so they are refused by name.
_REFUSED_OPTIONS = ("readPreferenceTags", "maxStalenessSeconds")
# MongoDB's code for a missing right. Atlas has one code for all its errors.
_NOT_AUTHORISED, _ATLAS_ERROR = 13, 8_000
_ATLAS_REFUSES = "not allowed to do action"
# The longest part of MongoDB's message that is shown: it may quote a whole command.
LONGEST_EXCERPT = 100
# PyMongo would take text without one of these schemes for the name of a host.
_SCHEMES = ("mongodb://", "mongodb+srv://")


def open_database(settings: Settings) -> Database[Document]:
    """Return the database. Before its first operation, only a secret is read from a network."""
    return database_at(uri_of(settings), settings)


def database_at(uri: str, settings: Settings) -> Database[Document]:
    """Return the settings' database at a URI; raise SettingInvalid, which does not show the URI."""
    allowed = "must be a mongodb:// URI, with user and password percent-encoded"
    if uri.startswith(_SCHEMES) and not _has_slash_in_password(uri):
        if refused := _refused_option(uri):
            raise uri_invalid(settings, f"must not have {refused}: reads go to the primary")
        try:
            return _database(uri, settings.mongodb_database)
        except (InvalidURI, ValueError):
            pass
        except ConfigurationError:
            allowed = "has options that clash"
    # Raised outside of `except`: PyMongo's message may quote the URI, and would be the context.
    raise uri_invalid(settings, allowed)


def _database(uri: str, name: str) -> Database[Document]:
    client: MongoClient[Document] = MongoClient(
        uri,
        timeoutMS=OPERATION_TIMEOUT_MS,
        connectTimeoutMS=CONNECT_TIMEOUT_MS,
        serverSelectionTimeoutMS=SERVER_SELECTION_TIMEOUT_MS,
        appname="nse-option-chain",
        w=_WRITE_CONCERN.document["w"],
        readPreference="primary",
        readConcernLevel=_READ_CONCERN.level,
        retryWrites=True,
        retryReads=True,
        connect=False,  # this also keeps PyMongo from resolving the name of a mongodb+srv:// URI
    )
    options: CodecOptions[Document] = CodecOptions(tz_aware=True)
    # Not the client's own write concern: a URI may add a journal or a time-out to it.
    return client.get_database(name, options, ReadPreference.PRIMARY, _WRITE_CONCERN, _READ_CONCERN)


def _refused_option(uri: str) -> str | None:
    """Return the first option of a URI that clashes with how the database is read."""
    given = {part.partition("=")[0].lower() for part in uri.partition("?")[2].split("&")}
    return next((name for name in _REFUSED_OPTIONS if name.lower() in given), None)


def _has_slash_in_password(uri: str) -> bool:
    """Return whether the password has a / that is not encoded.

    PyMongo would take a part of the password for a host, and logs would show it.
    """
    return "@" in "".join(uri.partition("?")[0].split("/")[3:])


def naive_collection(database: Database[Document], name: str) -> Collection[Any]:
    """Return a collection whose datetimes are read as naive ones, in UTC.

    Making one aware takes as long as reading it, and a chain has hundreds.
    """
    options: CodecOptions[Document] = CodecOptions(tz_aware=False)
    return database.get_collection(name, codec_options=options)


def find_documents(
    collection: Collection[Any],
    query: Mapping[str, Any],
    columns: Sequence[str] | None,
    **options: Any,  # noqa: ANN401  (those of find)
) -> list[Any]:
    """Return the documents of a query without `_id`, with these columns or with all (None)."""
    if columns:
        wanted = {"_id": False, **dict.fromkeys(columns, True)}
        return list(collection.find(query, wanted, **options))
    # MongoDB sends whole documents as they are stored; without `_id` it would rebuild each of them.
    found = list(collection.find(query, **options))
    for document in found:
        del document["_id"]
    return found


@contextmanager
def database_errors() -> Iterator[None]:
    """Translate PyMongo's errors into StoreUnavailable; this is done nowhere else.

    A missing right is StoreRefused.
    """
    try:
        yield
    except PyMongoError as error:
        if refused := refused_right(error):
            raise refused from error
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


def refused_right(error: Exception | None) -> StoreRefused | None:
    """Return the error of a user without a right, None if this is another error."""
    if not isinstance(error, OperationFailure):
        return None
    message = str((error.details or {}).get("errmsg") or error)
    if error.code != _NOT_AUTHORISED and not (
        error.code == _ATLAS_ERROR and _ATLAS_REFUSES in message
    ):
        return None
    return StoreRefused(f"MongoDB refuses the user this right: {message[:LONGEST_EXCERPT]}")
