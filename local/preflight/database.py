"""The state of the database, asked with the URI of the secret."""

from collections.abc import Iterable
from datetime import date, timedelta

from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from local.preflight.observations import ArchiveDays, PingResult
from local.shards.sharding import is_prepared
from optionchain.errors import OptionChainError, SettingInvalid
from optionchain.mongo.client import open_database
from optionchain.mongo.compressed_collections import Compression
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.storage_reader import StorageReader
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.mongo.unsealed_days import UnsealedDay, UnsealedDays
from optionchain.mongo.wait_register import WaitRegister
from optionchain.settings import SecretStr, Settings
from optionchain.symbol_list import SymbolList

# Before any record.
_EVER = date(2000, 1, 1)
# The error codes of a failed authentication: MongoDB's, and Atlas's.
_AUTHENTICATION = (18, 8000)


def ping(uri: SecretStr) -> PingResult:
    """Connect as the functions do and return the result, within a few seconds."""
    try:
        client = open_database(Settings(mongodb_uri=uri)).client
    except SettingInvalid:
        return "invalid"
    with client:
        try:
            client.admin.command("ping")
        except OperationFailure as error:
            return "refused" if error.code in _AUTHENTICATION else "unreachable"
        except ConfigurationError:
            return "not_found"  # the DNS lookup of a mongodb+srv:// name failed
        except PyMongoError:
            return "unreachable"
    return "answers"


def archive_days(uri: SecretStr, name: str, today: date) -> ArchiveDays | None:
    """Return which past days of a database are sealed and which are not, None if nobody tells."""
    try:
        database = open_database(Settings(mongodb_uri=uri, mongodb_database=name))
        with database.client:
            waits = WaitRegister(database).read()
            unsealed = UnsealedDays(database).find(_EVER, today - timedelta(days=1))
            sealed = SealRegister(database).number()
    except (OptionChainError, PyMongoError):
        return None
    return ArchiveDays(sealed, _named(unsealed), waits.extra_days, _named(waits.lost))


def symbol_list(uri: SecretStr, name: str, today: date) -> SymbolList | None:
    """Return which symbols are listed as the recorder believes it, None if nobody tells."""
    try:
        database = open_database(Settings(mongodb_uri=uri, mongodb_database=name))
        with database.client:
            return SymbolListRegister(database).in_force(today)
    except (OptionChainError, PyMongoError):
        return None


def _named(days: Iterable[UnsealedDay]) -> tuple[str, ...]:
    return tuple(f"{each.symbol} {each.day}" for each in days)


def compression(uri: SecretStr, name: str) -> dict[str, Compression | None] | None:
    """Return how the large collections of a database are stored, None if nobody tells."""
    try:
        database = open_database(Settings(mongodb_uri=uri, mongodb_database=name))
        with database.client:
            return StorageReader(database).compression()
    except (OptionChainError, PyMongoError):
        return None


def prepared_for_shards(uri: SecretStr, name: str) -> bool | None:
    """Tell whether `make shards` was run on a sharded cluster; None on another, or if untold."""
    try:
        database = open_database(Settings(mongodb_uri=uri, mongodb_database=name))
        with database.client:
            return is_prepared(database)
    except (OptionChainError, PyMongoError):
        return None
