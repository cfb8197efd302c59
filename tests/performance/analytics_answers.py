"""Answers with analytics, compared with a bare read of the header that holds them."""

from asyncio import Runner
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson
from pymongo.database import Database
from starlette.types import ASGIApp

from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SNAPSHOTS, Indexes
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot
from tests.performance import sessions
from tests.performance.application import application, get
from tests.performance.headers import TICKS, headers_of_a_day
from tests.performance.ingest import RATE
from tests.performance.measure import Figure, Row, side_by_side

_LATEST, _DAY_MS = 1.5, 100
_SYMBOL = "NIFTY"
_EACH = 160  # requests a round
_ROUNDS = range(-2, 15)
_METRICS = "pcr_oi,straddle_price"
_PATH = f"/option-chain/{_SYMBOL}/analytics"
_NEAREST = [("expiry", 1), ("fetched_at", -1)]


class _HeaderRequest(NamedTuple):
    """Requests by their number, and the query of the header that answers each."""

    label: str
    target: Callable[[int], str]
    query: Callable[[int], Document]
    limit: float | None


def rows(runner: Runner, database: Database[Document], first: Snapshot) -> Iterator[Row]:
    """Measure on the headers of a day, which replace the database's own."""
    headers = headers_of_a_day(_SYMBOL, sessions.LAST_DAY, first, RATE)
    database.drop_collection(SNAPSHOTS)
    Indexes(database, retention_days=3_650).ensure()
    database[SNAPSHOTS].insert_many(headers)
    now = headers[-1]["fetched_at"]
    # As the recorder does after a good tick.
    complete = {"outcome": "stored", "expiries": [{"outcome": "stored"}]}
    TickLedger(database).record(_SYMBOL, now, complete)
    app = application(database, now, one_at_a_time=True)
    for request in (_latest(now), _as_of(headers)):
        yield _answers(runner, app, database, request)
    yield _a_day(runner, app, headers)


def _latest(now: datetime) -> _HeaderRequest:
    known = {"symbol": _SYMBOL, "expiry": {"$gte": now - timedelta(days=1)}}
    return _HeaderRequest("latest, unchanged", lambda _: _PATH, lambda _: known, _LATEST)


def _as_of(headers: Sequence[Document]) -> _HeaderRequest:
    """Ask for moments of the day, each far from the one before."""

    def header(number: int) -> Document:
        return headers[number * 997 % len(headers)]

    def query(number: int) -> Document:
        return {name: header(number)[name] for name in ("symbol", "expiry", "fetched_at")}

    def target(number: int) -> str:
        return f"{_PATH}?as_of={header(number)['fetched_at']:%Y-%m-%dT%H:%M:%SZ}"

    return _HeaderRequest("as of a moment", target, query, None)


def _answers(
    runner: Runner, app: ASGIApp, database: Database[Document], request: _HeaderRequest
) -> Row:
    answer = orjson.loads(runner.run(get(app, request.target(0))).body)
    assert answer["net_gamma_exposure"] is not None

    async def client() -> None:
        for number in range(_EACH):
            await get(app, request.target(number))

    def bare(_: int) -> None:
        for number in range(_EACH):
            query = request.query(number)
            header = database[SNAPSHOTS].find_one(query, {"_id": False}, sort=_NEAREST)
            orjson.dumps(header, option=orjson.OPT_UTC_Z)

    return side_by_side(
        f"GET analytics, {request.label} / find one + dumps",
        lambda _: runner.run(client()),
        bare,
        request.limit,
        rounds=_ROUNDS,
        each=_EACH,
    )


def _a_day(runner: Runner, app: ASGIApp, headers: Sequence[Document]) -> Row:
    first: datetime = headers[0]["fetched_at"]
    span = f"metric={_METRICS}&from={first:%Y-%m-%dT%H:%M:%SZ}&limit=10000"
    target = f"/option-chain/{_SYMBOL}/analytics/history?{span}"
    answer = orjson.loads(runner.run(get(app, target)).body)
    assert len(answer["records"]) == TICKS, len(answer["records"])
    assert answer["next"] is None

    def ours(_: int) -> None:
        runner.run(get(app, target))

    times = side_by_side("", ours, lambda _: None, None, rounds=_ROUNDS)
    return Figure(
        f"GET analytics/history, a day, {TICKS} snapshots, 2 metrics, ms", times.ours, _DAY_MS
    )
