"""The built functions on Lambda's runtime, with a real mongod and the simulated exchange."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo.database import Database

from local.lambda_emulator.api_gateway import ApiGateway
from local.lambda_emulator.api_gateway_server import ApiGatewayServer
from local.lambda_emulator.artifact import API, FETCH, Artifact, RuntimeUnavailable, find_artifact
from local.lambda_emulator.environment_pool import EnvironmentPool
from local.lambda_emulator.runtime_emulator import RuntimeEmulator
from local.mongod import Mongod
from local.nse_simulator.server import Exchange
from optionchain.mongo.client import Document, open_database
from optionchain.settings import Settings

type Start = Callable[..., RuntimeEmulator]


@pytest.fixture(scope="session")
def artifact() -> Artifact:
    """The build for this machine; skips with what is missing."""
    try:
        return find_artifact()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def settings(mongod: Mongod) -> Settings:
    """Settings for an empty database of the test module, without indexes."""
    return Settings.from_env(
        {"MONGODB_URI": mongod.uri, "MONGODB_DATABASE": f"t{uuid4().hex}", "RETENTION_DAYS": "3650"}
    )


@pytest.fixture(scope="module")
def recorded(settings: Settings) -> Iterator[Database[Document]]:
    """The database that the functions write to."""
    database = open_database(settings)
    yield database
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture(scope="module")
def env(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """The environment of the functions: this database, an endless session, an archive."""
    assert settings.mongodb_uri is not None
    with Exchange() as exchange:
        yield {
            "MONGODB_URI": settings.mongodb_uri.get_secret_value(),
            "MONGODB_DATABASE": settings.mongodb_database,
            "RETENTION_DAYS": str(settings.retention_days),
            "ARCHIVE_URL": str(tmp_path_factory.mktemp("archive")),
            "NSE_BASE_URL": exchange.url,
            "NSE_MAX_REQUESTS_PER_SECOND": "20",
            "MARKET_HOURS": "always",
        }


@pytest.fixture(scope="module")
def start(
    artifact: Artifact, env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """Start a function's environment; `timeout` and variables replace those of the template."""
    folder = tmp_path_factory.mktemp("lambda")
    with ExitStack() as closing:

        def begin(name: str = FETCH, timeout: int = 0, **variables: str) -> RuntimeEmulator:
            function = artifact.function(name)
            function = replace(function, timeout=timeout or function.timeout)
            log = folder / f"{uuid4().hex}.log"
            emulator = RuntimeEmulator(artifact, function, {**env, **variables}, log)
            return closing.enter_context(emulator)

        yield begin


@pytest.fixture(scope="module")
def pool(
    artifact: Artifact, env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EnvironmentPool]:
    """Environments of the API function."""
    folder: Path = tmp_path_factory.mktemp("api")

    def new() -> RuntimeEmulator:
        return RuntimeEmulator(artifact, artifact.function(API), env, folder / f"{uuid4().hex}.log")

    pool = EnvironmentPool(new)
    yield pool
    pool.stop()


@pytest.fixture(scope="module")
def gateway(artifact: Artifact, pool: EnvironmentPool) -> Iterator[str]:
    """The URL of the API's stage."""
    server = ApiGatewayServer(ApiGateway(artifact, pool))
    server.start()
    yield server.url
    server.stop()
