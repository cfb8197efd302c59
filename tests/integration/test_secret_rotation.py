"""The password of the database changes while both functions run, on a real mongod."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson.codec_options import CodecOptions
from mangum import Mangum
from pymongo.errors import InvalidOperation

from chain_api import dependencies as api_deps
from chain_api import handler as api
from chain_api.app import create_app
from chain_fetch import handler as fetch
from local.mongod import Mongod
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.settings import Settings
from tests.support.api import commit
from tests.support.gateway import answer, get
from tests.support.invocation import at_work, every_second, gaps, until
from tests.support.mongomock_database import RETENTION_DAYS
from tests.support.recorder import Context, recorder
from tests.support.secret import USER, Guarded, Secret, guarded, simulated_aws
from tests.support.snapshots import snapshot

ROUTES = (
    *("/option-chain/NIFTY", "/option-chain/NIFTY/strikes", "/option-chain/NIFTY/gaps"),
    *("/stats", "/symbols", "/pipeline/status", "/health"),
)


@pytest.fixture(scope="module")
def mongo(tmp_path_factory: pytest.TempPathFactory, mongod: Mongod) -> Iterator[Guarded]:  # noqa: ARG001  (skips without)
    """A mongod that asks for user and password, and holds a snapshot of NIFTY."""
    with guarded(tmp_path_factory.mktemp("guarded"), "first") as mongo:
        database = mongo.root.get_database(Settings().mongodb_database)
        Indexes(database, RETENTION_DAYS).ensure()
        commit(database, snapshot())
        yield mongo


@pytest.fixture
def secret(mongo: Guarded, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secret]:
    """A secret whose password is the user's."""
    mongo.root.admin.command("updateUser", USER, pwd="first")
    with simulated_aws(monkeypatch):
        secret = Secret()
        secret.put(mongo.uri("first"))
        yield secret


@pytest.fixture
def settings(secret: Secret) -> Settings:
    return Settings(
        mongodb_secret_arn=secret.arn, nse_symbols=("NIFTY",), retention_days=RETENTION_DAYS
    )


@pytest.fixture
def started(
    settings: Settings,
    lambda_loop: None,  # noqa: ARG001
) -> Iterator[Callable[[], Mangum]]:
    """Start the API in an environment of Lambda; all of them end with the test."""
    clients = []

    def start() -> Mangum:
        deps = api_deps.connect(settings, one_at_a_time=True)
        clients.append(deps.snapshots._database)
        return api.behind_gateway(create_app(deps))

    yield start
    for database in clients:
        database.client.close()


def reached(application: Mangum, path: str) -> bool:
    """Tell whether the database was reached; /health may be 503 because data are old."""
    status, _, body = answer(get(path), application)
    return status == 200 or body.get("database_connected") is True


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half the usual time for an operation: a refused one may look for a server that long."""
    monkeypatch.setattr("optionchain.mongo.client.OPERATION_TIMEOUT_MS", 1_200)


def test_every_route_answers_the_first_request_after_the_password_has_changed(
    started: Callable[[], Mangum], mongo: Guarded, secret: Secret
) -> None:
    for number, path in enumerate(ROUTES):
        application = started()
        assert reached(application, path), path
        secret.put(mongo.uri(f"number-{number}"))
        mongo.change(f"number-{number}")
        assert reached(application, path), path


def test_connection_whose_user_was_replaced_is_replaced_too(
    started: Callable[[], Mangum], mongo: Guarded, secret: Secret
) -> None:
    """The connection stays open, but MongoDB refuses its commands."""
    application = started()
    assert answer(get("/stats"), application)[0] == 200
    mongo.replace("of-another")
    secret.put(mongo.uri("of-another"))
    assert answer(get("/stats"), application)[0] == 200


@pytest.mark.usefixtures("impatient")
def test_refusal_stands_while_the_secret_is_what_it_was_and_names_its_cause(
    started: Callable[[], Mangum], mongo: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    application = started()
    assert answer(get("/stats"), application)[0] == 200
    mongo.change("unheard-of")
    for _ in range(2):  # at the second PyMongo says no more than that there is no server
        status, _, body = answer(get("/stats"), application)
        assert (status, body["type"].rpartition(":")[2]) == (503, "database-unavailable")
        assert "password" not in json.dumps(body)
    errors = [vars(row)["error"] for row in caplog.records if row.levelname == "ERROR"]
    assert len(errors) == 2
    for error in errors:
        assert "refuses the user or the password that it is given: Authentication" in error


def test_secret_that_became_no_uri_is_named_and_hidden(
    started: Callable[[], Mangum], mongo: Guarded, secret: Secret, caplog: pytest.LogCaptureFixture
) -> None:
    application = started()
    assert answer(get("/stats"), application)[0] == 200
    mongo.change("hush-hush")
    secret.put("hush-hush")
    assert answer(get("/stats"), application)[0] == 503
    (error,) = [vars(row)["error"] for row in caplog.records if row.levelname == "ERROR"]
    assert f"MONGODB_SECRET_ARN='{secret.arn}': its secret must be a mongodb:// URI" in error
    assert "hush" not in error


@pytest.mark.usefixtures("impatient")
def test_early_refusal_lasts_a_minute(settings: Settings, mongo: Guarded, secret: Secret) -> None:
    now = 0.0
    access = RotatingClient(settings, monotonic=lambda: now)
    ticks = rotating_database(access)["ticks"]
    assert ticks.count_documents({}) == 0
    before = access.open()
    mongo.change("second")
    with pytest.raises(StoreUnavailable, match="refuses the user"):
        ticks.find_one()
    secret.put(mongo.uri("second"))
    now = 59
    with pytest.raises(StoreUnavailable, match="refuses the user"):
        ticks.find_one()
    now = 61
    assert ticks.find_one() is None
    assert access.open() is not before
    access.close()
    for database in (before, access.open()):
        with pytest.raises(InvalidOperation, match="after close"):
            database["ticks"].find_one()


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange(SimulatedMarket(tick_seconds=1)) as exchange:
        yield exchange


def test_recorder_on_duty_goes_on_with_the_new_password(
    settings: Settings, mongo: Guarded, secret: Secret, exchange: Exchange
) -> None:
    """In the middle of a shift; neither a tick nor an invocation later is without an outcome."""
    running = every_second(settings, exchange.url, "IDEA")
    aware: CodecOptions[Document] = CodecOptions(tz_aware=True)
    database = mongo.root.get_database(settings.mongodb_database, codec_options=aware)
    with recorder(running) as deps:
        with at_work(deps, database) as work:
            secret.put(mongo.uri("while-at-work"))
            mongo.change("while-at-work")
            changed = datetime.now(UTC)
            until(lambda: len(work.good(changed)) >= 3)
            assert len(work.lost(changed)) <= 1
        mongo.cut()
        again = datetime.now(UTC)
        assert fetch.lambda_handler({}, Context("the second", 1.5), deps)["ticks"] > 0
        assert len(deps.backlog) == 0
    # On a busy machine the second invocation may take the rest of its first second to connect.
    assert [gap for gap in gaps(database) if abs(gap - again) > timedelta(seconds=1)] == []


@pytest.mark.usefixtures("impatient")
def test_recorder_that_is_refused_accounts_for_its_ticks_and_says_why(
    settings: Settings, mongo: Guarded, secret: Secret, exchange: Exchange
) -> None:
    secret.put(mongo.uri("wrong-from-the-start"))
    running = every_second(settings, exchange.url, "IDEA")
    with recorder(running) as deps:
        answer = fetch.lambda_handler({}, Context("a-request", 0.5), deps)
        unwritten = [each.entry for each in deps.backlog._entries]
    assert len(unwritten) == answer["ticks"] > 0
    assert {entry["reason"] for entry in unwritten} == {"database"}
    assert all("refuses the user or the password" in entry["detail"] for entry in unwritten)
    assert list(exchange.requests) == []
