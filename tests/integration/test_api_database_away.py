"""While the database is away, every route says so in time and shows no secret."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from chain_api import schemas
from local.mongod import Mongod, MongodUnavailable, free_port
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import Settings
from tests.support.api import FILTER, client, commit, logged, problem
from tests.support.invocation import until
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase
from tests.support.patience import real_time_limits
from tests.support.snapshots import snapshot

STOP = "/pipeline/stop"
START = "/pipeline/start"
POSTS = (FILTER, STOP, START)
ROUTES = (
    *("/health", "/stats", "/symbols", "/screener", "/pipeline/status", FILTER),
    *("/option-chain/NIFTY", "/option-chain/NIFTY/strikes", "/option-chain/NIFTY/expiry-dates"),
    *("/option-chain/NIFTY/gaps?date=2026-06-19", "/option-chain/NIFTY?greeks=true"),
    *("/option-chain/NIFTY/analytics", "/option-chain/NIFTY/analytics/history"),
    *("/option-chain/NIFTY/analytics/smile", "/option-chain/NIFTY/analytics/open-interest"),
    *("/option-chain/NIFTY/analytics/gamma-exposure", "/option-chain/NIFTY/analytics/surface"),
    *("/option-chain/NIFTY/analytics/term-structure", "/option-chain/NIFTY/analytics/iv-rank"),
    "/option-chain/NIFTY/analytics/open-interest/history",
)
# As long as API Gateway waits.
SECONDS = 29.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A mongod of its own, to be stopped and frozen."""
    own = Mongod(tmp_path_factory.mktemp("own"))
    try:
        own.start()
    except MongodUnavailable as error:
        pytest.skip(str(error))
    yield own
    own.stop()


@pytest.fixture(scope="module")
def filled(server: Mongod) -> Iterator[AnyDatabase]:
    """A database that holds a snapshot of NIFTY."""
    with real_time_limits():
        database = open_database(Settings.from_env({"MONGODB_URI": server.uri}))
    Indexes(database, RETENTION_DAYS).ensure()
    commit(database, snapshot())
    yield database
    database.client.close()


def ask(database: AnyDatabase, path: str) -> tuple[Response, float]:
    """Return the answer of a route and the seconds it took."""
    return ask_of(client(database, settings=Settings(nse_symbols=("NIFTY",))), path)


def ask_of(api: TestClient, path: str) -> tuple[Response, float]:
    started = time.monotonic()
    response = api.post(path, json={"symbol": "NIFTY"}) if path in POSTS else api.get(path)
    return response, time.monotonic() - started


def ask_all(database: AnyDatabase) -> dict[str, tuple[Response, float]]:
    # One application, asked side by side, as a server would be.
    api = client(database, settings=Settings(nse_symbols=("NIFTY",)))
    with ThreadPoolExecutor(len(ROUTES)) as pool:
        answers = dict(zip(ROUTES, pool.map(lambda path: ask_of(api, path), ROUTES), strict=True))
    # /health is 503 while the recorder is stopped, so the switches come after it, start last.
    return answers | {path: ask_of(api, path) for path in (STOP, START)}


def check_away(database: AnyDatabase, hidden: tuple[str, ...]) -> None:
    """Check that every route answers 503 in time and shows nothing that must stay hidden."""
    for path, (response, seconds) in ask_all(database).items():
        assert seconds < SECONDS, path
        assert response.headers["retry-after"] == "5"
        assert not any(text in response.text for text in (*hidden, "Traceback", "pymongo"))
        if path == "/health":
            assert response.status_code == 503
            health = schemas.Health.model_validate_json(response.content)
            assert (health.status, health.database_connected) == ("unhealthy", False)
            assert [reason.code for reason in health.reasons] == ["database_unavailable"]
        else:
            problem(response, 503, "database-unavailable")
    for path in ("/", "/docs", "/openapi.json"):
        assert ask(database, path)[0].status_code == 200


def check_back(database: AnyDatabase) -> None:
    """Check that soon every route answers again."""
    until(lambda: all(answer.status_code == 200 for answer, _ in ask_all(database).values()))


def test_stopped_database_is_away_until_it_is_started(server: Mongod, filled: AnyDatabase) -> None:
    check_back(filled)
    server.stop()
    check_away(filled, (f":{server.port}", "127.0.0.1"))
    server.start()
    check_back(filled)


def test_frozen_database_is_away(server: Mongod, filled: AnyDatabase) -> None:
    """It accepts connections and answers nothing."""
    check_back(filled)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        check_away(filled, (f":{server.port}", "127.0.0.1"))
    finally:
        os.kill(server.pid, signal.SIGCONT)
    check_back(filled)


def test_database_that_never_was_there_is_away_and_hides_its_address() -> None:
    """Only the log says why."""
    uri = f"mongodb://reader:hush@127.0.0.1:{free_port()}/?replicaSet=rs0"
    with real_time_limits():
        database = open_database(Settings.from_env({"MONGODB_URI": uri}))
    with logged() as records, database.client:
        check_away(database, ("reader", "hush", "127.0.0.1"))
    errors = [record for record in records if record.levelname == "ERROR"]
    assert len(errors) >= len(ROUTES)
    for error in errors:
        assert error.getMessage() == "database_unavailable"
        assert "Connection refused" in vars(error)["error"]
        assert "hush" not in str(vars(error))
