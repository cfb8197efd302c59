"""Fixtures of every test: the captured bodies, and a real mongod shared by a test process."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from anyio.from_thread import start_blocking_portal
from pymongo.database import Database
from starlette.testclient import TestClient

from chain_fetch.http.sending import BEFORE_SENDING
from local.mongod import Mongod, MongodUnavailable
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.patience import patient_clients, real_time_limits

ROOT = Path(__file__).parents[1]
CAPTURED = ROOT.parent / "shared" / "market-data"
BROKERS = ROOT.parent / "shared" / "brokers"


@pytest.fixture(scope="session", autouse=True)
def event_loop_of_clients() -> Iterator[None]:
    """One event loop for the requests of every TestClient; by default each request starts one."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Clients wait long for MongoDB and for sources: the machine may be busy."""
    with patient_clients():
        yield


@pytest.fixture(autouse=True)
def time_limits(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that is marked `time_limits` makes clients as they are in use."""
    marked = request.node.get_closest_marker("time_limits")
    with real_time_limits() if marked else nullcontext():
        yield


@pytest.fixture(autouse=True)
def nothing_to_send() -> Iterator[None]:
    """A test that took a place for a request and sent none leaves no later request waiting."""
    yield
    BEFORE_SENDING.set(None)


@pytest.fixture(scope="session")
def captured() -> Callable[[str], bytes]:
    """Return the bytes of a captured body by its path under the folder of captures."""
    if not CAPTURED.is_dir():
        pytest.skip(f"the captured responses are not here: {CAPTURED}")

    def read(name: str) -> bytes:
        data = (CAPTURED / name).read_bytes()
        return gzip.decompress(data) if name.endswith(".gz") else data

    return read


@pytest.fixture(scope="session")
def captured_body(captured: Callable[[str], bytes]) -> Callable[[str], dict[str, object]]:
    """Return a captured body, decoded."""

    def decode(name: str) -> dict[str, object]:
        body: dict[str, object] = orjson.loads(captured(name))
        return body

    return decode


@pytest.fixture(scope="session")
def vendor_sample() -> Callable[[str], bytes]:
    """Return the bytes of a vendor's sample by its name."""
    if not BROKERS.is_dir():
        pytest.skip(f"the samples of vendors are not here: {BROKERS}")
    return lambda name: (BROKERS / name).read_bytes()


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A real mongod, one for all tests of a process."""
    options = ("--setParameter", "ttlMonitorSleepSecs=1", "--setParameter", "enableTestCommands=1")
    server = Mongod(tmp_path_factory.mktemp("mongod"), options=options)
    try:
        server.start()
    except MongodUnavailable as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_settings(mongod: Mongod) -> Settings:
    """Settings for the database that the tests of a process use one after another.

    The server sweeps every second: what tests store under past ticks must not expire.
    """
    return Settings(
        mongodb_uri=SecretStr(mongod.uri),
        mongodb_database=f"t{uuid4().hex}",
        retention_days=3_650,
    )


@pytest.fixture(scope="session")
def shared_database(shared_settings: Settings) -> Iterator[Database[Document]]:
    """The database with its indexes, which take a third of a second to make."""
    database = open_database(shared_settings)
    Indexes(database, shared_settings.retention_days).ensure()
    yield database
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture
def mongo_settings(
    shared_settings: Settings, shared_database: Database[Document]
) -> Iterator[Settings]:
    """Settings for a database with its indexes and without a document; emptied after the test."""
    yield shared_settings
    empty(shared_database)


def empty(database: Database[Document]) -> None:
    """Delete every document; the indexes stay."""
    for name in database.list_collection_names():
        database[name].delete_many({})


@pytest.fixture
def database(
    mongo_settings: Settings,  # noqa: ARG001  (empties the database after the test)
    shared_database: Database[Document],
) -> Database[Document]:
    """The database of `mongo_settings`."""
    return shared_database
