"""The archive is away or damaged: a 503 where it is needed, and nothing else fails."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from chain_api.middleware.request_deadline import RequestDeadline
from chain_api.middleware.request_log import logger
from chain_api.problems import handlers
from optionchain.archive.folder_store import FolderStore
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.settings import Settings
from tests.support.api import CHAIN, FILTER, Log, client, database_with, problem
from tests.support.manifests import seal
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock

COLD = TICK - timedelta(days=45)
COLD_DAY = exchange_date(COLD)
# What a client asks of today, and of the service.
HOT = (
    "/health",
    "/symbols",
    "/pipeline/status",
    CHAIN,
    f"{CHAIN}?expiry=all",
    f"{CHAIN}?greeks=true",
    f"{CHAIN}/strikes",
    f"{CHAIN}/expiry-dates",
    f"{CHAIN}/analytics",
    f"{CHAIN}/snapshots",
    f"{CHAIN}/history?strike=24000",
    f"{CHAIN}/gaps",
)


@pytest.fixture
def database() -> AnyDatabase:
    """A chain of today."""
    return database_with(snapshot([24_000.0]))


def api_over(database: AnyDatabase, folder: Path) -> TestClient:
    """Return the API over an archive in this folder."""
    return client(database, settings=Settings(archive_url=str(folder)))


def test_today_is_answered_without_the_archive(database: AnyDatabase, tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    store = FolderStore(tmp_path / "archive")
    seal(store, "NIFTY", COLD_DAY)
    api = api_over(database, tmp_path / "archive")
    plain = client(database)
    (tmp_path / "archive").rename(tmp_path / "unmounted")
    for _ in range(2):  # the second time from the cache
        for path in HOT:
            assert api.get(path).status_code == plain.get(path).status_code != 500, path
        assert api.post(FILTER, json={"symbol": "NIFTY"}).status_code == 200


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (ArchiveUnavailable("the folder /srv/archive is gone"), "archive-unavailable"),
        (ArchiveDamaged("manifests/NIFTY/2026-05-19.json is no manifest"), "archive-damaged"),
    ],
)
def test_archive_that_does_not_answer_is_a_503(error: Exception, slug: str, log: Log) -> None:
    app = FastAPI()
    handlers.install(app, logger("INFO"))

    @app.get("/cold")
    def cold() -> None:
        raise error

    response = TestClient(app).get("/cold")
    body = problem(response, 503, slug)
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store"
    # A damaged file is named to the client; folders and buckets are named to the log alone.
    assert (str(error) in body["detail"]) is (slug == "archive-damaged")
    (entry,) = [each for each in log if each.getMessage() == slug.replace("-", "_")]
    assert entry.__dict__["error"] == str(error)


def test_archive_that_is_slow_is_a_503_in_time(
    database: AnyDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "archive").mkdir()
    seal(FolderStore(tmp_path / "archive"), "NIFTY", COLD_DAY)
    monkeypatch.setattr("chain_api.app.RequestDeadline", partial(RequestDeadline, seconds=-1.0))
    api = api_over(database, tmp_path / "archive")

    response = api.get(CHAIN, params={"as_of": COLD.isoformat()})

    problem(response, 503, "archive-unavailable")
    assert response.headers["Retry-After"] == "5"
    assert api.get(CHAIN).status_code == 200
