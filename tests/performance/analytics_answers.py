"""Answers of analytics, against the bare reading of the header that they are of."""

import asyncio
from asyncio import Runner
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson
from pymongo.database import Database
from starlette.types import ASGIApp

from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SNAPSHOTS, Indexes
from optionchain.snapshot import Snapshot
from tests.performance import sessions
from tests.performance.application import application, get
from tests.performance.headers import TICKS, headers_of_a_day
from tests.performance.ingest import RATE
from tests.performance.measure import Figure, Row, side_by_side

_LATEST, _DAY_MS = 1.5, 100
_SYMBOL = "NIFTY"
_EACH = 160  # requests a round
_IN_FLIGHT = 8
_ROUNDS = range(-2, 15)
_METRICS = "pcr_oi,straddle_price"
_PATH = f"/option-chain/{_SYMBOL}/analytics"
_NEAREST = [("expiry", 1), ("fetched_at", -1)]


class _Asked(NamedTuple):
    """What is asked of the API by its number, and the query of the header that answers it."""

    words: str
    target: Callable[[int], str]
    query: Callable[[int], Document]
    limit: float | None


def rows(runner: Runner, database: Database[Document], first: Snapshot) -> Iterator[Row]:
    """Measure on the headers of a day, which take the place of the database's own."""
    headers = headers_of_a_day(_SYMBOL, sessions.LAST_DAY, first, RATE)
    database.drop_collection(SNAPSHOTS)
    Indexes(database, retention_days=3_650).ensure()
    database[SNAPSHOTS].insert_many(headers)
    now = headers[-1]["fetched_at"]
    for asked in (_latest(now), _as_of(headers)):
        for in_flight in (_IN_FLIGHT, 1):
            app = application(database, now, one_at_a_time=in_flight == 1)
            yield _answers(runner, app, database, in_flight, asked)
    yield _a_day(runner, application(database, now, one_at_a_time=True), headers)


def _latest(now: datetime) -> _Asked:
    known = {"symbol": _SYMBOL, "expiry": {"$gte": now - timedelta(days=1)}}
    return _Asked("latest, unchanged", lambda _: _PATH, lambda _: known, _LATEST)


def _as_of(headers: Sequence[Document]) -> _Asked:
    """Ask for other moments of the day, far from each other."""

    def header(number: int) -> Document:
        return headers[number * 997 % len(headers)]

    def query(number: int) -> Document:
        return {name: header(number)[name] for name in ("symbol", "expiry", "fetched_at")}

    def target(number: int) -> str:
        return f"{_PATH}?as_of={header(number)['fetched_at']:%Y-%m-%dT%H:%M:%SZ}"

    return _Asked("as of a moment", target, query, None)


def _answers(
    runner: Runner, app: ASGIApp, database: Database[Document], in_flight: int, asked: _Asked
) -> Row:
    answer = orjson.loads(runner.run(get(app, asked.target(0))).body)
    assert answer["net_gamma_exposure"] is not None
    turns = _EACH // in_flight

    async def client(number: int) -> None:
        for turn in range(turns):
            await get(app, asked.target(number * turns + turn))

    async def clients() -> None:
        await asyncio.gather(*(client(number) for number in range(in_flight)))

    def reader(number: int) -> None:
        for turn in range(turns):
            query = asked.query(number * turns + turn)
            header = database[SNAPSHOTS].find_one(query, {"_id": False}, sort=_NEAREST)
            orjson.dumps(header, option=orjson.OPT_UTC_Z)

    words = f"{in_flight} in flight" if in_flight > 1 else "one at a time"
    with ThreadPoolExecutor(in_flight) as threads:
        return side_by_side(
            f"GET analytics, {asked.words}, {words} / find one + dumps",
            lambda _: runner.run(clients()),
            lambda _: list(threads.map(reader, range(in_flight))),
            asked.limit if in_flight > 1 else None,
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
