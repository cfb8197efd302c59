"""The latest chain through the application, against a bare find and dumps of its documents."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pymongo.database import Database
from starlette.types import ASGIApp, Message

from chain_api.app import create_app
from chain_api.deps import over
from chain_fetch.payload import parse
from optionchain.connection import Document
from optionchain.exchange_time import midnight_utc
from optionchain.indexes import Indexes
from optionchain.settings import Settings
from optionchain.store import Commit, SnapshotStore
from tests.benchmarks.bodies import v3_body
from tests.benchmarks.measure import Ratio, side_by_side

_START = datetime(2026, 1, 1, tzinfo=UTC)
_OK = 200


def ratios(database: Database[Document]) -> Iterator[Ratio]:
    """Measure GET /option-chain/NIFTY where every request finds a new snapshot."""
    Indexes(database, retention_days=3_650).ensure()
    store = SnapshotStore(database)
    (snapshot,) = parse(v3_body().data, "NIFTY", _START)
    app = create_app(over(database, Settings(log_level="ERROR"), now=lambda: _START))
    key = {"symbol": "NIFTY", "expiry": midnight_utc(snapshot.expiry)}

    def publish(number: int) -> None:
        store.commit([Commit(replace(snapshot, fetched_at=_tick(number)))])

    def bare(number: int) -> bytes:
        query = {**key, "fetched_at": _tick(number)}
        documents = list(database["option_chain"].find(query, {"_id": False}))
        return orjson.dumps(documents, option=orjson.OPT_UTC_Z)

    with asyncio.Runner() as runner:
        yield side_by_side(
            f"GET latest chain, changed, {len(snapshot.quotes)} legs / find + dumps",
            lambda _: runner.run(_get(app, "/option-chain/NIFTY")),
            bare,
            1.5,
            prepare=publish,
        )


async def _get(app: ASGIApp, path: str) -> bytes:
    """Ask the application as a server would, without one."""
    sent: list[Message] = []
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body: bytes = sent[1]["body"]
    if sent[0]["status"] != _OK:
        raise AssertionError(body)
    return body


def _tick(number: int) -> datetime:
    return _START + timedelta(seconds=5 * number)
