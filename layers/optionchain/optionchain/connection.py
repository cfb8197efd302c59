"""The one MongoClient of an execution environment, and where its URI comes from."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError

from optionchain.errors import SettingInvalid, StoreUnavailable
from optionchain.settings import Settings

type Document = dict[str, Any]

# A tick lasts five seconds by default: a database that has not answered in three is away.
OPERATION_TIMEOUT_MS = 3_000
SERVER_SELECTION_TIMEOUT_MS = 2_000
CONNECT_TIMEOUT_MS = 2_000
# PyMongo takes text without a scheme for the name of a host.
_SCHEMES = ("mongodb://", "mongodb+srv://")


def open_database(settings: Settings) -> Database[Document]:
    """Connect lazily: nothing is asked of a network before the first operation."""
    uri = _uri(settings)
    allowed = "must be a mongodb:// URI, with user and password percent-encoded"
    if not uri.startswith(_SCHEMES) or _names_a_host_by_a_password(uri):
        raise SettingInvalid("MONGODB_URI", "(hidden)", allowed)
    try:
        client: MongoClient[Document] = MongoClient(
            uri,
            timeoutMS=OPERATION_TIMEOUT_MS,
            serverSelectionTimeoutMS=SERVER_SELECTION_TIMEOUT_MS,
            connectTimeoutMS=CONNECT_TIMEOUT_MS,
            appname="nse-option-chain",
            connect=False,  # nor is the name of a mongodb+srv:// URI resolved here
        )
    except (InvalidURI, ValueError):
        # PyMongo's message may quote the URI, password and all: it is not repeated.
        raise SettingInvalid("MONGODB_URI", "(hidden)", allowed) from None
    except ConfigurationError:
        raise SettingInvalid("MONGODB_URI", "(hidden)", "has options that clash") from None
    options: CodecOptions[Document] = CodecOptions(tz_aware=True)
    return client.get_database(settings.mongodb_database, codec_options=options)


def _names_a_host_by_a_password(uri: str) -> bool:
    """Tell whether a / that is not encoded splits the password: logs would show a part of it."""
    return "@" in "".join(uri.partition("?")[0].split("/")[3:])


def _uri(settings: Settings) -> str:
    if settings.mongodb_uri is not None:
        return settings.mongodb_uri.get_secret_value()
    if settings.mongodb_secret_arn is None:
        raise SettingInvalid(
            "MONGODB_URI", None, "must be a mongodb:// URI, or set MONGODB_SECRET_ARN"
        )
    return _secret(settings.mongodb_secret_arn)


def _secret(arn: str) -> str:
    # Imported where it is used: half of a cold start, and for nothing where the URI is given.
    import boto3  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=arn)
    except ClientError as error:
        allowed = f"must name a secret this function may read ({error.response['Error']['Code']})"
        raise SettingInvalid("MONGODB_SECRET_ARN", arn, allowed) from error
    except BotoCoreError as error:
        allowed = f"cannot be read now: {error}"
        raise SettingInvalid("MONGODB_SECRET_ARN", arn, allowed) from error
    return str(answer["SecretString"])


def naive_collection(database: Database[Document], name: str) -> Collection[Any]:
    """Return a collection whose instants are read as naive datetimes in UTC.

    To make one aware takes as long as to read it, and a chain has hundreds.
    """
    options: CodecOptions[Document] = CodecOptions(tz_aware=False)
    return database.get_collection(name, codec_options=options)


def found_in(
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
