"""The API in this process, as its users see it."""

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from logging.handlers import BufferingHandler
from typing import Any
from urllib.parse import urljoin

from httpx2 import Response
from hypothesis import settings as hypothesis_settings
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from chain_api.app import create_app
from chain_api.aws.schedule import Schedule
from chain_api.dependencies import over
from chain_api.middleware.request_log import SERVICE
from optionchain.analytics import analytics_of
from optionchain.archive.object_store import ObjectStore
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase, memory_database
from tests.support.snapshots import INTERVAL, TICK

type Log = list[logging.LogRecord]

# A Friday, 15:02:32 in India: in session.
NOW = TICK + timedelta(seconds=7)
CHAIN = "/option-chain/NIFTY"
FILTER = "/option-chain/filter"
# Where `make run` serves the API.
LOCAL = "http://127.0.0.1:8000"
# A site whose pages the setting CORS_ORIGINS may let in.
SITE = "https://desk.example"
# Where a browser finds a deployed API. The stage `prod` is in no path that the application sees.
STAGE = "https://abc.execute-api.ap-south-1.amazonaws.com/prod/"


class Clock:
    """The time, as a test sets it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def commit(
    database: AnyDatabase,
    *snapshots: Snapshot,
    rate: float | None = None,
    facts: SnapshotFacts = NOTHING_KNOWN,
) -> None:
    """Store snapshots as the recorder does; with a rate their headers have analytics."""
    writer = SnapshotWriter(database)
    derive = partial(analytics_of, rate=rate) if rate else None
    for snapshot in snapshots:
        writer.commit(Commit(snapshot, facts=facts, derive=derive))


def database_with(*snapshots: Snapshot) -> AnyDatabase:
    """Return a database in memory that holds these snapshots, as the recorder writes them."""
    database = memory_database()
    commit(database, *snapshots)
    return database


def shown_errors(app: ASGIApp) -> ASGIApp:
    """Return an application that prints an unforeseen error: a test sees the 500 alone."""

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception:
            traceback.print_exc()
            raise

    return watched


def client(
    database: AnyDatabase,
    now: datetime | Callable[[], datetime] = NOW,
    settings: Settings | None = None,
    *,
    schedule: Schedule | None = None,
    host: str = "127.0.0.1",
    archive: ObjectStore | None = None,
) -> TestClient:
    """Return a client of a new application over a database: one execution environment.

    `now` is an instant or a clock, `host` the client's own address, `archive` where sealed days
    are. The client accepts no compression unless a request says so.
    """
    clock = now if callable(now) else lambda: now
    app = create_app(over(database, settings or Settings(), clock, schedule, archive=archive))
    return TestClient(
        shown_errors(app),
        raise_server_exceptions=False,
        headers={"accept-encoding": "identity"},
        base_url=LOCAL,
        client=(host, 50_000),
    )


def answered(api: TestClient, path: str, **query: object) -> Response:
    """Return the answer of a route; `from_` is the parameter `from`, a word of Python."""
    given = {name.rstrip("_"): str(value) for name, value in query.items()}
    response = api.get(path, params=given or None)
    assert response.status_code == 200, response.text
    return response


def read(api: TestClient, path: str, **query: object) -> dict[str, Any]:
    """Return the JSON of an answer."""
    answer: dict[str, Any] = answered(api, path, **query).json()
    return answer


def all_records(api: TestClient, path: str, **query: object) -> list[Any]:
    """Return the records of all pages of a list, by their links."""
    answer = read(api, path, **query)
    records: list[Any] = answer["records"]
    while link := answer["next"]:
        assert 0 < len(answer["records"]) <= int(str(query["limit"]))
        answer = read(api, urljoin(path, link))
        records += answer["records"]
    return records


def confirm(store: SnapshotWriter, ticks: int = 1) -> None:
    """Confirm the latest headers, as the recorder does if nothing has changed."""
    for header in [*store.latest_headers("NIFTY", EXPIRY), *store.latest_headers("M&M", EXPIRY)]:
        store.confirm(header, TICK + ticks * INTERVAL)


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


def few_examples() -> hypothesis_settings:
    """Return settings for a law that is costly to check: a quarter of the examples."""
    return hypothesis_settings(max_examples=hypothesis_settings().max_examples // 4)


def policy_of(response: Response) -> dict[str, str]:
    """Return the content security policy of a page: the sources by directive."""
    rules = response.headers["content-security-policy"].split(";")
    return dict(rule.strip().split(" ", 1) for rule in rules)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the tag and the attributes of every element of a page."""
    parser = _Elements()
    parser.feed(html)
    return parser.found


@contextmanager
def logged() -> Iterator[Log]:
    """Yield a list to which each log record of the API is added."""
    handler, logger = BufferingHandler(sys.maxsize), logging.getLogger(SERVICE)
    logger.addHandler(handler)
    try:
        yield handler.buffer
    finally:
        logger.removeHandler(handler)
