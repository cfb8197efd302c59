"""The table of all symbols, compared with bare finds of the headers behind it.

A clock that goes on by more than a second makes each request read anew.
"""

from asyncio import Runner
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
from pymongo.database import Database

from chain_api.app import create_app
from chain_api.dependencies import over
from chain_api.queries.symbol_table import COLUMNS
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.settings import Settings
from tests.performance.application import get
from tests.performance.measure import Row, side_by_side

_TARGET = "/screener"
_LIMIT = 1.5
# The nearest expiry, and the one after 30 days that its volatility is reckoned with.
_BEHIND = 2
_NEWS = range(-1, 10)


class _Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def rows(
    runner: Runner, database: Database[Document], settings: Settings, now: datetime, symbols: int
) -> Iterator[Row]:
    """Measure it read anew, shared, and with news, in a database whose newest tick is a minute old.

    The headers behind a row are those of its nearest two expiries.
    """
    clock = _Clock(now)
    app = create_app(over(database, settings, now=clock, one_at_a_time=True))

    def shared(_: int) -> None:
        runner.run(get(app, _TARGET))

    def anew(number: int) -> None:
        clock.now += timedelta(seconds=1.1)
        shared(number)

    def news(number: int) -> None:
        found = {"fetched_at": {"$gte": now - timedelta(minutes=1)}}
        tick = now - timedelta(seconds=50 - number)
        database[SNAPSHOTS].update_many(found, {"$set": {"fetched_at": tick}})

    answer = orjson.loads(runner.run(get(app, _TARGET)).body)
    assert answer["total_records"] == symbols
    behind, nearest = (_bare(database, now, number) for number in (_BEHIND, 1))
    name = f"GET {_TARGET}, {symbols} symbols"
    yield side_by_side(f"{name} / find of the headers behind it + dumps", anew, behind, _LIMIT)
    yield side_by_side(f"{name} / find of the nearest headers + dumps", anew, nearest, None)
    yield side_by_side(f"{name}, shared / the same find", shared, nearest, _LIMIT)
    yield side_by_side(
        f"{name}, all with news / find of the headers behind it",
        anew,
        behind,
        None,
        prepare=news,
        rounds=_NEWS,
    )


def _bare(database: Database[Document], now: datetime, number: int) -> Callable[[int], Any]:
    """Return a bare find of the newest headers of so many expiries of each symbol, as JSON."""
    newest = {"fetched_at": now - timedelta(minutes=1)}
    found: dict[str, list[Any]] = {}
    for row in database[SNAPSHOTS].find(newest, {"symbol": True}, sort=[("expiry", 1)]):
        found.setdefault(row["symbol"], []).append(row["_id"])
    ids = [each for own in found.values() for each in own[:number]]
    query, columns = {"_id": {"$in": ids}}, {"_id": False, "symbol": True, "expiry": True}
    columns |= dict.fromkeys(COLUMNS, True)
    return lambda _: orjson.dumps(
        list(database[SNAPSHOTS].find(query, columns, batch_size=5_000)), option=orjson.OPT_UTC_Z
    )
