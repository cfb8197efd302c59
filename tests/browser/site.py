"""The real application over a real database, behind a front that a test can put to trouble."""

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
from tests.browser.front import Front
from tests.browser.recording import NOW, STEP, SYMBOLS, Recording
from tests.browser.serving import HOST, Served

type Json = dict[str, Any]


@dataclass
class Clock:
    """The time by which the application goes; it stands until it is put forward."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Site:
    """Where a browser goes; what it shows can be asked for beside it.

    A recorder that does not work leaves no tick behind, as one that was never started.
    """

    front: Front
    served: Served
    clock: Clock
    recording: Recording
    recorder_works: bool = True

    @property
    def url(self) -> str:
        """The root of the application, without a slash at the end."""
        return f"http://{HOST}:{self.served.port}{self.front.stage}"

    def get(self, path: str, **query: str) -> Json:
        """Return what the application answers, asked past the front and its log."""
        answer: Json = TestClient(self.front.app).get(path, params=query).json()
        return answer

    def let_pass(self, seconds: int) -> None:
        """Put the application's clock forward; the recorder confirms what is stored meanwhile."""
        for _ in range(seconds):
            self.clock.now += timedelta(seconds=1)
            if self.recorder_works and self.clock.now.second % STEP.seconds == 0:
                for symbol in SYMBOLS:
                    self.recording.confirm(symbol, self.clock.now)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse every connection meanwhile."""
        self.served.stop()
        try:
            yield
        finally:
            self.served.start()


@contextmanager
def site(database: Database[Document], settings: Settings, **changes: object) -> Iterator[Site]:
    """Serve a database, empty or not; `changes` are of settings."""
    given = settings.model_copy(update={"nse_symbols": SYMBOLS, "log_level": "ERROR"} | changes)
    clock = Clock()
    front = Front(create_app(over(database, given, clock)))
    served = Served(front)
    served.start()
    yield Site(front, served, clock, Recording(database))
    served.stop()
