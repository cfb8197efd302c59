"""Every route over the database of a deployment, whose cursors have been read when they come."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from chain_api.app import create_app
from chain_api.dependencies import connect
from local.mongod import Mongod
from optionchain.mongo.client import open_database
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.settings import SecretStr, Settings
from tests.support.snapshots import TICK, snapshot

_DOCUMENT = Path(str(files("chain_api"))).parent / "openapi.json"
PATHS = [
    path.format(symbol="NIFTY", strike="24000", option_type="CE")
    for path, verbs in json.loads(_DOCUMENT.read_text("utf-8"))["paths"].items()
    if "get" in verbs
]


@pytest.fixture(scope="module")
def api(mongod: Mongod) -> Iterator[TestClient]:
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri),
        mongodb_database=f"t{uuid4().hex}",
        nse_symbols=("NIFTY",),
        retention_days=3_650,
    )
    database = open_database(settings)
    SnapshotWriter(database).commit(Commit(snapshot()))
    SymbolDays(database).add(TICK.replace(minute=0, second=0), TICK.replace(minute=15, second=0))
    deps = connect(settings)
    yield TestClient(create_app(deps), raise_server_exceptions=False)
    deps.snapshots._database.client.close()
    database.client.drop_database(settings.mongodb_database)
    database.client.close()


@pytest.mark.parametrize("path", PATHS)
def test_no_route_fails_unforeseen(path: str, api: TestClient) -> None:
    response = api.get(path)
    assert response.status_code != 500, response.text
    assert len(PATHS) > 20
