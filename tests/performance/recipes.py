"""How long a month's PCR takes: by DuckDB from a folder, and by requests to the API.

The API is asked in this process, without HTTP: a network only adds to it.
"""

import time
from asyncio import Runner
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import orjson
import pytest
from pymongo.database import Database
from starlette.types import ASGIApp

from optionchain.archive.folder_store import FolderStore
from optionchain.exchange_time import IST
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, Indexes
from tests.performance.application import application, get
from tests.performance.cold_series import (
    SYMBOL,
    Month,
    application_over,
    archive_day,
    month_of_sessions,
)
from tests.performance.measure import Ratio, Row, side_by_side
from tests.support.recipes import code

type Ratios = dict[date, float]

_CHAIN = f"/option-chain/{SYMBOL}"
_ROUNDS = range(-2, 10)
_TIMES_FASTER = 20
_OF_TICKS = """
    SELECT
        fetched_at,
        sum(open_interest) FILTER (type = 'PE') / sum(open_interest) FILTER (type = 'CE')
    FROM read_parquet(getvariable('contracts'))
    GROUP BY fetched_at
    ORDER BY fetched_at
"""


class _MonthlyRatio:
    """The month in a database with the API over it, and in a folder."""

    def __init__(
        self, runner: Runner, databases: Sequence[Database[Document]], folder: Path
    ) -> None:
        database, empty = databases
        self._runner = runner
        month = month_of_sessions()
        self._days = month.days
        self._expiry = month.headers[0]["expiry_date"]
        for day in month.days:
            archive_day(FolderStore(folder), month, day)
        _store(database, month)
        midnight = datetime.combine(month.days[-1], datetime.min.time(), UTC)
        self._api = application(database, midnight + timedelta(days=60))
        self._cold = application_over(empty, FolderStore(folder))
        # The month of the page is another one.
        self._files = code("sql", "DuckDB", folder).replace("/2026-06-*", "/*")
        self._query = self._files + code("sql", "PCR through a month", folder)

    def ways(self) -> list[tuple[str, Callable[[], Ratios], float | None]]:
        """Return the ways of the API, and how many times faster DuckDB must be than each.

        Raises AssertionError for a way that finds other ratios.
        """
        expected = self.by_duckdb()
        assert list(expected) == self._days
        found: list[tuple[str, Callable[[], Ratios], float | None]] = [
            ("a chain a day", self.by_chains, None),
            ("analytics a day", self.by_analytics, None),
            ("one series of the API", self.by_series, None),
        ]
        for name, way, _ in found:
            assert way() == pytest.approx(expected), name
        return found

    def by_duckdb(self) -> Ratios:
        """Ask as the recipe does, with a connection of its own."""
        with duckdb.connect() as connection:
            return dict(connection.execute(self._query).fetchall())

    def by_chains(self) -> Ratios:
        """Ask for the chain at the end of each day, and add up its open interest."""
        found = {}
        for day in self._days:
            chain = self._ask(f"{_CHAIN}?as_of={day}&expiry={self._expiry}&columns=open_interest")
            calls, puts = (
                sum(leg["open_interest"] or 0 for leg in chain[side]) for side in ("calls", "puts")
            )
            found[day] = puts / calls
        return found

    def by_analytics(self) -> Ratios:
        """Ask for the analytics at the end of each day."""
        target = f"{_CHAIN}/analytics?expiry={self._expiry}&as_of="
        return {day: self._ask(f"{target}{day}")["pcr_oi"] for day in self._days}

    def by_series(self) -> Ratios:
        """Ask once for the series by the day."""
        within = f"from={self._days[0]}&to={self._days[-1]}&expiry={self._expiry}"
        found = self._ask(f"{_CHAIN}/analytics/history?metric=pcr_oi&interval=1d&{within}")
        return {_day(row["timestamp"]): row["pcr_oi"] for row in found["records"]}

    def every_tick(self) -> Row:
        """Return how many times faster DuckDB adds up the contracts of every snapshot.

        The API reads the same archive, day by day in pages of 10,000 contracts: for a month that
        MongoDB has let go. It is asked once, because it takes so long.
        """
        started = time.perf_counter()
        expected = self._ticks_of_api()
        by_api = time.perf_counter() - started
        times = []
        for _ in _ROUNDS:
            started = time.perf_counter()
            assert self._ticks_of_duckdb() == pytest.approx(expected)
            times.append(time.perf_counter() - started)
        name = "PCR of 5,250 snapshots, of contracts: DuckDB, a folder / the API day by day"
        return Ratio(name, median(times) * 1e3, by_api * 1e3, _TIMES_FASTER, faster=True)

    def _ticks_of_duckdb(self) -> list[float]:
        with duckdb.connect() as connection:
            found = connection.execute(self._files + _OF_TICKS).fetchall()
        return [ratio for _, ratio in found]

    def _ticks_of_api(self) -> list[float]:
        found: dict[str, dict[str, float]] = {}
        names = "strike_min=0&columns=fetched_at,type,open_interest&limit=10000"
        for day in self._days:
            target = f"{_CHAIN}/history?expiry={self._expiry}&from={day}&to={day}&{names}"
            while target:
                page = self._ask(target, self._cold)
                for row in page["records"]:
                    sides = found.setdefault(row["fetched_at"], {"CE": 0.0, "PE": 0.0})
                    sides[row["type"]] += row["open_interest"] or 0
                target = page["next"] and f"{_CHAIN}/{page['next']}"
        return [sides["PE"] / sides["CE"] for _, sides in sorted(found.items())]

    def _ask(self, target: str, api: ASGIApp | None = None) -> Any:  # noqa: ANN401
        return orjson.loads(self._runner.run(get(api or self._api, target)).body)


def rows(runner: Runner, *databases: Database[Document]) -> Iterator[Row]:
    """Yield how many times faster DuckDB is; all ways have the same ratios."""
    with TemporaryDirectory() as folder:
        month = _MonthlyRatio(runner, databases, Path(folder))
        for name, way, limit in month.ways():
            yield side_by_side(
                f"PCR at the close of 21 days: DuckDB, a folder / {name}",
                _each_round(month.by_duckdb),
                _each_round(way),
                limit,
                rounds=_ROUNDS,
                faster=True,
            )
        yield month.every_tick()


def _each_round(way: Callable[[], Ratios]) -> Callable[[int], Ratios]:
    return lambda _: way()


def _store(database: Database[Document], month: Month) -> None:
    """Write all headers, and the contracts of each day's last snapshot: nothing else is read."""
    Indexes(database, retention_days=3_650).ensure()
    for day in month.days:
        snapshots = list(month.at(day))
        database[SNAPSHOTS].insert_many(
            {**header, "fetched_at": tick, "last_seen_at": tick} for tick, _, header in snapshots
        )
        tick, contracts, _ = snapshots[-1]
        database[CONTRACTS].insert_many({**row, "fetched_at": tick} for row in contracts)


def _day(timestamp: str) -> date:
    return datetime.fromisoformat(timestamp).astimezone(IST).date()
