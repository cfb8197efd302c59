"""Fixtures: three recorded sessions for tests that only read, and the API behind API Gateway."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from functools import partial
from typing import NamedTuple
from uuid import uuid4

import pytest
from mangum import Mangum
from starlette.testclient import TestClient

from chain_api.app import create_app
from chain_api.dependencies import over
from chain_api.handler import behind_gateway
from local.mongod import Mongod
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.settings import SecretStr, Settings
from tests.support import histories
from tests.support.api import NOW, client, commit
from tests.support.bodies import EXPIRY, Json
from tests.support.histories import DAYS, Sessions, ist, sessions
from tests.support.mongomock_database import AnyDatabase
from tests.support.scripted_nse import LockstepClock, Recorder, Scene, ScriptedMarket, scene
from tests.support.snapshots import TICK, snapshot

type SceneAt = Callable[..., AbstractContextManager[Scene]]
type Play = Callable[..., AbstractContextManager[tuple[Scene, Recorder]]]

# In the evening of the last day.
EVENING = ist(DAYS[2], "18:00:30")


class Stored(NamedTuple):
    """Sessions, the database that holds them, and the API over it."""

    sessions: Sessions
    database: AnyDatabase
    api: TestClient


@pytest.fixture(scope="session")
def stored(mongod: Mongod) -> Iterator[Stored]:
    """Three sessions, and the API in the evening of the last day."""
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database=f"t{uuid4().hex}", retention_days=3_650
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    played = sessions()
    histories.store(database, played)
    yield Stored(played, database, client(database, EVENING, settings))
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture
def store(database: AnyDatabase) -> SnapshotWriter:
    return SnapshotWriter(database)


@pytest.fixture
def lambda_loop() -> Iterator[None]:
    """The event loop that Mangum runs an application in."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def application(database: AnyDatabase, lambda_loop: None) -> Mangum:  # noqa: ARG001
    """The API behind API Gateway: 100 strikes of NIFTY, one of M&M, and one site that may read."""
    strikes = [float(strike) for strike in range(24_000, 29_000, 50)]
    commit(database, snapshot(strikes), snapshot([3000.0], symbol="M&M"))
    settings = Settings(nse_symbols=("NIFTY",), cors_origins=("https://desk.example",))
    return behind_gateway(create_app(over(database, settings, lambda: NOW)))


@pytest.fixture
def scene_at(mongo_settings: Settings, database: AnyDatabase) -> SceneAt:
    """Open a scene over the test's database: when it begins, its market, changed settings."""
    return partial(scene, mongo_settings, database)


@pytest.fixture
def play(scene_at: SceneAt) -> Play:
    """An exchange that answers the bodies of a script, one at each tick, and its recorder."""

    @contextmanager
    def playing(
        script: Sequence[Json | bytes],
        *,
        start: datetime = TICK,
        expiry: date = EXPIRY,
        **changes: object,
    ) -> Iterator[tuple[Scene, Recorder]]:
        def market(clock: LockstepClock) -> ScriptedMarket:
            return ScriptedMarket(list(script), clock.true, expiry)

        with scene_at(start, market, **changes) as here, here.recorder() as recorder:
            yield here, recorder

    return playing
