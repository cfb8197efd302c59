"""A browser, the site it looks at, and pages that must not have complained by the end."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr
from pymongo.database import Database

from local.mongod import Mongod
from optionchain.mongo.client import Document, open_database
from optionchain.settings import Settings
from tests.browser import site as sites
from tests.browser.browsing import ChromiumUnavailable, chromium
from tests.browser.dashboard import Dashboard
from tests.browser.recording import Recording
from tests.browser.site import Site

type OpenPage = Callable[..., Dashboard]


@pytest.fixture(scope="session")
def parked_browser() -> Iterator[tuple[Browser, AbstractEventLoop]]:
    """The Chromium that is installed here, and the event loop that it is driven by.

    Playwright leaves its loop running in this thread, under which no other test could run one: so
    it counts as running only while a browser is used.
    """
    try:
        with chromium() as found:
            loop = asyncio.get_running_loop()
            asyncio._set_running_loop(None)
            yield found, loop
            asyncio._set_running_loop(loop)
    except ChromiumUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def browser(parked_browser: tuple[Browser, AbstractEventLoop]) -> Iterator[Browser]:
    """The Chromium that is installed here."""
    found, loop = parked_browser
    asyncio._set_running_loop(loop)
    yield found
    asyncio._set_running_loop(None)


@pytest.fixture
def empty_site(
    browser: Browser,  # noqa: ARG001  (without one, nothing needs to be served)
    database: Database[Document],
    mongo_settings: Settings,
) -> Iterator[Site]:
    """A site with nothing recorded."""
    with sites.site(database, mongo_settings) as found:
        yield found


@pytest.fixture(scope="session")
def session(mongod: Mongod) -> Iterator[Database[Document]]:
    """Most of a session of two symbols, to be copied."""
    name = f"t{uuid4().hex}"
    database = open_database(Settings(mongodb_uri=SecretStr(mongod.uri), mongodb_database=name))
    Recording(database).session()
    yield database
    database.client.drop_database(name)
    database.client.close()


@pytest.fixture
def site(empty_site: Site, session: Database[Document], database: Database[Document]) -> Site:
    """A site with that session."""
    for name in session.list_collection_names():
        session[name].aggregate([{"$out": {"db": database.name, "coll": name}}])
    return empty_site


@pytest.fixture
def new_page(browser: Browser) -> Iterator[OpenPage]:
    """Make a page on a site, in a browser of its own; words are those of Playwright's context."""
    made: list[Dashboard] = []

    def make(of: Site, *, frozen: bool = True, **context: Any) -> Dashboard:  # noqa: ANN401
        given = {"locale": "en-IN", "timezone_id": "Asia/Kolkata", **context}
        page = browser.new_context(**given).new_page()
        made.append(Dashboard(page, of, frozen=frozen))
        return made[-1]

    yield make
    found = [each.watch.verdict() for each in made]
    for each in made:
        each.page.context.close()
    assert found == [[]] * len(made)


@pytest.fixture
def dashboard(site: Site, new_page: OpenPage) -> Dashboard:
    """A page on the site, not yet opened."""
    return new_page(site)
