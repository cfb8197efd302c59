"""The API in this process, as its users see it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response
from pymongo.database import Database
from starlette.testclient import TestClient

from chain_api.app import create_app
from chain_api.aws.schedule import Schedule
from chain_api.dependencies import over
from chain_api.middleware.request_log import SERVICE
from optionchain.mongo.client import Document
from optionchain.settings import Settings
from tests.support.snapshots import TICK

# A Friday, 15:02:32 in India: in session.
NOW = TICK + timedelta(seconds=7)


class Clock:
    """The time, as a test sets it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def client(
    database: Database[Document],
    now: datetime | Callable[[], datetime] = NOW,
    settings: Settings | None = None,
    *,
    schedule: Schedule | None = None,
    host: str = "127.0.0.1",
) -> TestClient:
    """Return a client of a new application over a database: one execution environment.

    `now` is an instant or a clock, `host` the client's own address. It asks for no compression.
    """
    clock = now if callable(now) else lambda: now
    app = create_app(over(database, settings or Settings(), clock, schedule))
    return TestClient(
        app,
        raise_server_exceptions=False,
        headers={"accept-encoding": "identity"},
        client=(host, 50_000),
    )


def problem(response: Response, status: int, slug: str) -> dict[str, Any]:
    """Return the problem that a response is, and check that it is one."""
    body: dict[str, Any] = response.json()
    assert response.status_code == status, body
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert body["type"] == f"urn:nse-option-chain:problem:{slug}"
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/")
    return body


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def logged() -> Iterator[list[logging.LogRecord]]:
    """Keep what the API logs meanwhile."""
    keeper, logger = _Keeper(), logging.getLogger(SERVICE)
    logger.addHandler(keeper)
    try:
        yield keeper.records
    finally:
        logger.removeHandler(keeper)
