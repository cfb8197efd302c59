"""What a preflight sees of the database: a ping with the URI of the secret."""

from pydantic import SecretStr
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from local.preflight.observations import PingResult
from optionchain.errors import SettingInvalid
from optionchain.mongo.client import open_database
from optionchain.settings import Settings

# As it was wrong at the handshake: MongoDB's own code, and Atlas's.
_AUTHENTICATION = (18, 8000)


def ping(uri: SecretStr) -> PingResult:
    """Connect as the functions do, and return what came of it; a few seconds at most."""
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
            return "not_found"  # a mongodb+srv:// name is looked up now
        except PyMongoError:
            return "unreachable"
    return "answers"
