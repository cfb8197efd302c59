"""The real application over a real database, behind a proxy and on a port of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database
from starlette.testclient import TestClient

from chain_api.app import create_app
from chain_api.dependencies import over
from optionchain.mongo.client import Document
from optionchain.settings import Settings
from tests.browser.http_server import HOST, HttpServer
from tests.browser.proxy import Proxy
from tests.browser.recording import NOW, STEP, SYMBOLS, Recording
from tests.support.settings import changed

type Json = dict[str, Any]

# From where the recorded day ends to the beginning of a tick, at 15:03:05.
_SECONDS_TO_NEWS = 28


@dataclass
class Clock:
    """The application's clock; it stands until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Server:
    """What a browser talks to.

    Where `recorder_works` is false no tick is recorded while time passes.
    """

    proxy: Proxy
    http: HttpServer
    clock: Clock
    recording: Recording
    recorder_works: bool = True

    @property
    def url(self) -> str:
        """The root of the application, without a slash at the end."""
        return f"http://{HOST}:{self.http.port}{self.proxy.stage}"

    def get(self, path: str, **query: str) -> Json:
        """Return what the application answers, past proxy and log."""
        answer: Json = TestClient(self.proxy.app).get(path, params=query).json()
        return answer

    def advance(self, seconds: int) -> None:
        """Move the clock; the recorder confirms the latest snapshots at each tick."""
        for _ in range(seconds):
            self.clock.now += timedelta(seconds=1)
            if self.recorder_works and self.clock.now.second % STEP.seconds == 0:
                for symbol in SYMBOLS:
                    self.recording.confirm(symbol, self.clock.now)

    def bring_news(self, symbol: str) -> datetime:
        """Move the clock to the beginning of a tick half a minute later, and return it.

        The symbol has a new snapshot then. The tick has no other outcome before: a page that polls
        meanwhile would make the API keep its answer until the next tick, which never comes.
        """
        self.advance(_SECONDS_TO_NEWS - 1)
        self.clock.now += timedelta(seconds=1)
        self.recording.tick(symbol, self.clock.now)
        return self.clock.now

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse every connection meanwhile."""
        self.http.stop()
        try:
            yield
        finally:
            self.http.start()


def over_database(
    http: HttpServer, database: Database[Document], settings: Settings, **changes: object
) -> Server:
    """Serve a database on a running HTTP server; `changes` are of settings."""
    given = changed(settings, **({"nse_symbols": SYMBOLS, "log_level": "ERROR"} | changes))
    clock = Clock()
    proxy = Proxy(create_app(over(database, given, clock)))
    http.app = proxy
    return Server(proxy, http, clock, Recording(database))


@contextmanager
def serve(database: Database[Document], settings: Settings) -> Iterator[Server]:
    """Serve a database on an HTTP server of its own."""
    http = HttpServer()
    server = over_database(http, database, settings)
    http.start()
    yield server
    http.close()
