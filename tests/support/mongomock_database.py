"""A database in this process: mongomock, set up to behave like the real one."""

import mongomock
import pytest
from pymongo.database import Database

from optionchain.mongo.client import Document

type AnyDatabase = Database[Document]

# mongomock sweeps by the clock of this machine, so documents of fixed dates must be kept long.
RETENTION_DAYS = 3650

# mongomock asks for the time in a way that Python 3.12 deprecated.
uses_mongomock = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def memory_database() -> AnyDatabase:
    """Return an empty database that reads aware datetimes, without indexes."""
    database: AnyDatabase = mongomock.MongoClient(tz_aware=True)["test"]
    return database
