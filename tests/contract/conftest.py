"""One suite, two databases: the in-process fake and the real server must keep the same promises."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from local.mongod import Mongod
from optionchain.mongo.client import open_database
from optionchain.mongo.housekeeping_register import CONTROL
from optionchain.mongo.indexes import (
    CONTRACT_TERMS,
    CONTRACTS,
    DISAGREEMENTS,
    HEADER_COUNTS,
    LISTINGS,
    REQUEST_COUNTS,
    SEALS,
    SETTLEMENTS,
    SHIFTS,
    SNAPSHOTS,
    SYMBOL_DAYS,
    SYMBOL_LISTS,
    TICKS,
    Indexes,
)
from optionchain.mongo.restored_days import RESTORED_DAYS
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import SecretStr, Settings
from tests.support.mongomock_database import (
    RETENTION_DAYS,
    AnyDatabase,
    memory_database,
    uses_mongomock,
)


@pytest.fixture(scope="session")
def connection(mongod: Mongod) -> Iterator[AnyDatabase]:
    """One client for all tests: to close one takes longer than most of them."""
    database = open_database(Settings(mongodb_uri=SecretStr(mongod.uri)))
    yield database
    database.client.close()


@pytest.fixture
def real_database(connection: AnyDatabase) -> Iterator[AnyDatabase]:
    """An empty database on the real mongod, without indexes; dropped after the test."""
    name = f"t{uuid4().hex}"
    yield connection.client.get_database(name, codec_options=connection.codec_options)
    connection.client.drop_database(name)


@pytest.fixture(scope="session")
def indexed_database(connection: AnyDatabase) -> AnyDatabase:
    """The real database with its indexes, which take longer to make than most tests last."""
    Indexes(connection, RETENTION_DAYS).ensure()
    return connection


@pytest.fixture(params=[pytest.param("mongomock", marks=uses_mongomock), "mongod"])
def empty_database(request: pytest.FixtureRequest) -> AnyDatabase:
    """A database without indexes."""
    if request.param == "mongomock":
        return memory_database()
    database: AnyDatabase = request.getfixturevalue("real_database")
    return database


@pytest.fixture(params=[pytest.param("mongomock", marks=uses_mongomock), "mongod"])
def database(request: pytest.FixtureRequest) -> AnyDatabase:
    """A database with its indexes and without a document."""
    if request.param == "mongomock":
        memory = memory_database()
        Indexes(memory, RETENTION_DAYS).ensure()
        return memory
    database: AnyDatabase = request.getfixturevalue("indexed_database")
    recorded = (CONTRACTS, SNAPSHOTS, HEADER_COUNTS, TICKS, SHIFTS)
    for name in (*recorded, LISTINGS, SETTLEMENTS, CONTRACT_TERMS, DISAGREEMENTS):
        database[name].delete_many({})
    for name in (REQUEST_COUNTS, SEALS, SYMBOL_DAYS, SYMBOL_LISTS, CONTROL, RESTORED_DAYS):
        database[name].delete_many({})
    return database


@pytest.fixture
def store(database: AnyDatabase) -> SnapshotWriter:
    return SnapshotWriter(database)


@pytest.fixture
def ledger(database: AnyDatabase) -> TickLedger:
    return TickLedger(database)


@pytest.fixture
def register(database: AnyDatabase) -> ShiftRegister:
    return ShiftRegister(database)
