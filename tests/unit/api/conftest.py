"""Fixtures of the API's unit tests: an application over one chain, databases, the log."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from optionchain.settings import Settings
from tests.support.api import SITE, Log, client, database_with, logged
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase, memory_database
from tests.support.snapshots import snapshot

STRIKES = [float(strike) for strike in range(24_000, 26_000, 50)]


@pytest.fixture(scope="session")
def api() -> TestClient:
    """The API over one snapshot of NIFTY. One application serves all tests that only read."""
    return client(database_with(snapshot(STRIKES)))


@pytest.fixture(scope="session")
def cors_api() -> TestClient:
    """The same API, which lets in the pages of one site."""
    return client(database_with(snapshot(STRIKES)), settings=Settings(cors_origins=(SITE,)))


@pytest.fixture(scope="session")
def failing_api() -> TestClient:
    """The same API, but each read of the database ends in an error that nobody foresaw."""

    def fail() -> None:
        raise ZeroDivisionError("secret host")

    database = ShakyDatabase(memory_database(), fail)
    database.away = True
    return client(database, settings=Settings(cors_origins=(SITE,)))


@pytest.fixture
def database() -> AnyDatabase:
    """An empty database in memory."""
    return memory_database()


@pytest.fixture
def log() -> Iterator[Log]:
    """The log records that the API writes during a test."""
    with logged() as records:
        yield records
