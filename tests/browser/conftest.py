"""A browser, a server, and pages that must have logged no error by the end of a test."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser
from pymongo.database import Database

from local.mongod import Mongod
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from tests.browser.chromium import ChromiumUnavailable, chromium
from tests.browser.dashboard import Dashboard
from tests.browser.http_server import HttpServer
from tests.browser.page_modules import PageModules
from tests.browser.recording import Recording
from tests.browser.server import Server, over_database

type OpenPage = Callable[..., Dashboard]

_LOCALE: dict[str, Any] = {"locale": "en-IN", "timezone_id": "Asia/Kolkata"}


@pytest.fixture(scope="session")
def browser_and_loop() -> Iterator[tuple[Browser, AbstractEventLoop]]:
    """The Chromium that is installed here, and the event loop that drives it.

    Playwright leaves its loop running in this thread, where no test could run another one: so it
    counts as running only while a browser is used.
    """
    try:
        with chromium() as browser:
            loop = asyncio.get_running_loop()
            asyncio._set_running_loop(None)
            yield browser, loop
            asyncio._set_running_loop(loop)
    except ChromiumUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def browser(browser_and_loop: tuple[Browser, AbstractEventLoop]) -> Iterator[Browser]:
    """The Chromium that is installed here."""
    browser, loop = browser_and_loop
    asyncio._set_running_loop(loop)
    yield browser
    asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def http_server() -> Iterator[HttpServer]:
    """A running HTTP server, one for all tests of a process; each test gives it an application."""
    server = HttpServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def empty_server(
    browser: Browser,  # noqa: ARG001  (without one, nothing needs to be served)
    http_server: HttpServer,
    database: Database[Document],
    mongo_settings: Settings,
) -> Server:
    """A server with nothing recorded."""
    return over_database(http_server, database, mongo_settings)


class RecordedDay:
    """Most of a day of two symbols, and a copy for tests; it is renewed where one wrote to it."""

    def __init__(self, uri: str) -> None:
        name = f"t{uuid4().hex}"
        self.settings = Settings(
            mongodb_uri=SecretStr(uri), mongodb_database=name, retention_days=3_650
        )
        self.copy = open_database(self.settings)
        self._original = self.copy.client[f"{name}-original"]
        Indexes(self.copy, self.settings.retention_days).ensure()
        Recording(self._original).session()
        self.renew()

    def renew(self) -> None:
        """Copy every collection; the copy keeps its indexes."""
        for name in self._original.list_collection_names():
            target = {"$out": {"db": self.copy.name, "coll": name}}
            self._original[name].aggregate([target])


@pytest.fixture(scope="session")
def recorded_day(mongod: Mongod) -> Iterator[RecordedDay]:
    """A day that all tests of a process share."""
    day = RecordedDay(mongod.uri)
    yield day
    day.copy.client.close()


@pytest.fixture
def server(
    browser: Browser,  # noqa: ARG001  (without one, nothing needs to be served)
    http_server: HttpServer,
    recorded_day: RecordedDay,
) -> Iterator[Server]:
    """A server of the recorded day."""
    server = over_database(http_server, recorded_day.copy, recorded_day.settings)
    yield server
    if server.recording.changed:
        recorded_day.renew()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[OpenPage]:
    """Make a page of a server, in a browser context of its own with the options that are given."""
    made: list[Dashboard] = []

    def make(server: Server, *, paused: bool = True, **options: Any) -> Dashboard:  # noqa: ANN401
        page = browser.new_context(**(_LOCALE | options)).new_page()
        made.append(Dashboard(page, server, paused=paused))
        return made[-1]

    yield make
    errors = [each.log.errors() for each in made]
    for each in made:
        each.page.context.close()
    assert errors == [[]] * len(made)


@pytest.fixture
def dashboard(server: Server, new_page: OpenPage) -> Dashboard:
    """A page of the recorded day, not yet opened."""
    return new_page(server)


@pytest.fixture(scope="session")
def pages() -> list[Dashboard]:
    """The page that tests share: none at first."""
    return []


@pytest.fixture
def live_page(browser: Browser, server: Server, pages: list[Dashboard]) -> Iterator[Dashboard]:
    """A page that shows the latest snapshot, for tests that only read it."""
    if not pages:
        pages.append(Dashboard(browser.new_context(**_LOCALE).new_page(), server))
        pages[0].open()
    yield pages[0]
    assert pages[0].log.errors() == []


@pytest.fixture
def modules(browser: Browser) -> Iterator[PageModules]:
    """The functions of the page's modules."""
    page = browser.new_page()
    yield PageModules(page)
    page.close()
