"""The real application over a measured database, called without a server."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo.database import Database
from starlette.types import ASGIApp, Message

from chain_api.app import create_app
from chain_api.dependencies import over
from optionchain.mongo.client import Document
from optionchain.settings import Settings

type Headers = Sequence[tuple[bytes, bytes]]

_SETTINGS = Settings(log_level="ERROR", retention_days=3_650)


class Answer(NamedTuple):
    """A response of the application; header names are in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


def application(
    database: Database[Document],
    start: datetime,
    settings: Settings = _SETTINGS,
    *,
    one_at_a_time: bool = False,
) -> ASGIApp:
    """Return the application with a running clock that begins at `start`.

    The clock runs because cached answers must expire. With `one_at_a_time` the application is
    built as in Lambda, else as behind a server.
    """
    now = running_from(start)
    return create_app(over(database, settings, now=now, one_at_a_time=one_at_a_time))


def running_from(start: datetime) -> Callable[[], datetime]:
    """Return a clock that says `start` now."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


async def get(app: ASGIApp, target: str, headers: Headers = (), status: int = 200) -> Answer:
    """Send a GET as a server would; raise AssertionError for any other status."""
    sent: list[Message] = []
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    answer = Answer(
        start["status"],
        dict(start["headers"]),
        b"".join(part.get("body", b"") for part in parts),
    )
    if answer.status != status:
        raise AssertionError(f"{target}: {answer.status} {answer.body[:500]!r}")
    return answer
