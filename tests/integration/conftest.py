"""What several tests read and none changes: three sessions, stored once a process."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

import pytest
from pydantic import SecretStr
from pymongo.database import Database
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import Settings
from tests.support.api import client
from tests.support.histories import DAYS, Sessions, ist, sessions, store

# In the evening of the last day.
EVENING = ist(DAYS[2], "18:00:30")


class Stored(NamedTuple):
    """Sessions, the database that holds them, and the API over it."""

    sessions: Sessions
    database: Database[Document]
    api: TestClient


@pytest.fixture(scope="session")
def stored(mongod: Mongod) -> Iterator[Stored]:
    """Three sessions as a client sees them in the evening of the last."""
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database=f"t{uuid4().hex}", retention_days=3_650
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    played = sessions()
    store(database, played)
    yield Stored(played, database, client(database, EVENING, settings))
    database.client.drop_database(database.name)
    database.client.close()
