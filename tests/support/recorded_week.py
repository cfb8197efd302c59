"""The simulated week in a database, and in an archive beside it, for the client to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from starlette.testclient import TestClient

from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from optionchain_client import Client
from tests.support.api import client
from tests.support.api_transport import ApiTransport
from tests.support.archived_week import FRIDAY, Week, at, seal_week
from tests.support.mongomock_database import AnyDatabase

NOW = at(FRIDAY, "12:00:00").replace(day=20)


@dataclass
class RecordedWeek:
    """The week, and the ways to it."""

    settings: Settings
    database: AnyDatabase
    folder: Path
    pauses: list[float] = field(default_factory=list)

    def api(self) -> TestClient:
        """Return the API on the Saturday after the week."""
        return client(self.database, NOW, self.settings)

    def transport(self, *faults: int | Exception) -> ApiTransport:
        """Return the way to the API, with these faults first."""
        return ApiTransport(self.api(), faults)

    def source(self) -> Client:
        """Return a client of the API behind a stage, as API Gateway has one."""
        return Client(
            "http://api.example/dev", transport=self.transport(), sleep=self.pauses.append
        )


@contextmanager
def recorded_week(mongodb_uri: str, folder: Path) -> Iterator[RecordedWeek]:
    """Record the week in a new database, and seal it into a folder."""
    settings = Settings(
        mongodb_uri=SecretStr(mongodb_uri),
        mongodb_database=f"t{uuid4().hex}",
        retention_days=3_650,
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    Week(database).record()
    seal_week(database, FolderStore(folder))
    yield RecordedWeek(settings, database, folder)
    database.client.drop_database(database.name)
    database.client.close()
