"""The simulated week in a database of its own, sealed in an archive, and what is left of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import open_database
from optionchain.mongo.disagreement_register import (
    CrossComparison,
    DifferingContract,
    DisagreementRegister,
    FieldComparison,
)
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.api import client
from tests.support.archived_week import DAYS, FRIDAY, SYMBOLS, Week, at, seal_week
from tests.support.mongomock_database import AnyDatabase
from tests.support.settings import changed

# On the Saturday after the week.
NOW = at(FRIDAY, "12:00:00") + timedelta(days=1)
EXPIRY = DAYS[4] + timedelta(days=4)


@dataclass(frozen=True)
class SealedWeek:
    """The week, and the folder of its archive."""

    settings: Settings
    database: AnyDatabase
    folder: Path

    def api(self, retention_days: int, folder: Path | None = None) -> TestClient:
        """Return the API over what is left in the database, and over an archive."""
        url = str(folder or self.folder)
        settings = changed(self.settings, retention_days=retention_days, archive_url=url)
        return client(self.database, NOW, settings)


@contextmanager
def sealed_week(mongod: Mongod, folder: Path) -> Iterator[SealedWeek]:
    """Give the week for as long as the block lasts; all of it is in the database at first."""
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database=f"t{uuid4().hex}", retention_days=3_650
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    Week(database).record()
    disagree(DisagreementRegister(database))
    seal_week(database, FolderStore(folder))
    yield SealedWeek(settings, database, folder)
    database.client.drop_database(database.name)
    database.client.close()


def disagree(register: DisagreementRegister) -> None:
    """Let two sources differ on each day, once of each expiry, and one check fail."""
    for number, day in enumerate(DAYS):
        for symbol in SYMBOLS:
            first, second, third = (at(day, text) for text in ("10:00:00", "10:05:00", "15:30:00"))
            largest = tuple(DifferingContract(f"{symbol}_{leg}", 1.5, 2.5) for leg in "AB")
            fields = (FieldComparison("last_price", 0.05, 9, number, 1, largest[:number]),)
            for moment, expiry in ((first, EXPIRY), (second, EXPIRY + timedelta(days=7))):
                found = (symbol, moment, expiry, "nse", "dhan", moment, moment, moment)
                register.complete(CrossComparison(*found, fields))
            register.claim(symbol, third, EXPIRY)
            register.fail(symbol, third, "dhan", "timeout")
