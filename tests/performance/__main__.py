"""`make bench`: all measures of the project, on a real mongod.

`python -m tests.performance ingest`, `query`, `load`, `init`, `page`, `desk`, `analytics`,
`symbols`, `cold`, `storage` or `archive` runs a part.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.lambda_emulator.artifact import RuntimeUnavailable
from local.mongod import Mongod
from local.terminal import print_line
from tests.browser.chromium import ChromiumUnavailable
from tests.performance import (
    analytics,
    archive_files,
    cold_reads,
    cold_series,
    cold_start,
    dataset,
    desk,
    ingest,
    latest_changed,
    latest_unchanged,
    load_test,
    many_symbols,
    page,
    queries,
    recipes,
    screener_table,
    sealing,
    sessions,
    storage,
)
from tests.performance.measure import HEADING, Row, line_of
from tests.performance.sample_bodies import steady_body

_PARTS = (
    "ingest",
    "query",
    "load",
    "init",
    "page",
    "desk",
    "analytics",
    "symbols",
    "cold",
    "storage",
    "archive",
)


def main() -> int:
    """Print the table; return 1 where a limit is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=_PARTS)
    broken = 0
    print_line(HEADING)
    for row in _rows(parser.parse_args().parts or _PARTS):
        print_line(line_of(row))
        broken += row.over
    return int(broken > 0)


def _rows(parts: Sequence[str]) -> Iterator[Row]:
    alone = {
        "ingest": _ingest,
        "analytics": _analytics,
        "symbols": _symbols,
        "init": _init,
        "page": _page,
        "desk": _desk,
        "cold": _cold,
        "storage": _storage,
        "archive": _archive,
    }
    for name, rows_of in alone.items():
        if name in parts:
            yield from rows_of()
    if "query" not in parts and "load" not in parts:
        return
    with dataset.opened() as data:
        if "query" in parts:
            with asyncio.Runner() as runner:
                yield from latest_changed.ratios(runner, data)
                yield from latest_unchanged.ratios(runner, data)
                yield from queries.ratios(runner, data)
        if "load" in parts:
            yield from load_test.rows(data)


def _archive() -> Iterator[Row]:
    yield from archive_files.rows()
    yield from sealing.rows()
    yield from _recipes()


def _recipes() -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Mongod(Path(folder)) as mongod,
        asyncio.Runner() as runner,
    ):
        databases = [dataset.open_at(mongod.uri, name) for name in ("month", "empty")]
        yield from recipes.rows(runner, *databases)


def _init() -> Iterator[Row]:
    try:
        yield from cold_start.ratios()
    except RuntimeUnavailable as error:
        print_line(f"init is not measured: {error}")


def _page() -> Iterator[Row]:
    yield from _in_a_browser(page.rows())


def _desk() -> Iterator[Row]:
    yield from _in_a_browser(desk.rows())


def _in_a_browser(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except ChromiumUnavailable as error:
        print_line(f"the page is not measured: {error}")


def _analytics() -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Mongod(Path(folder)) as mongod,
        asyncio.Runner() as runner,
    ):
        databases = [dataset.open_at(mongod.uri, name) for name in ("ours", "bare")]
        yield from analytics.rows(runner, *databases)


def _symbols() -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Mongod(Path(folder)) as mongod,
        asyncio.Runner() as runner,
    ):
        first = sessions.first_snapshot(steady_body())
        market = dataset.open_at(mongod.uri, "market")
        yield from many_symbols.rows(runner, market, first)
        yield from screener_table.rows(
            runner, market, many_symbols.SETTINGS, many_symbols.NOON, len(many_symbols.EXPIRIES)
        )


def _cold() -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Mongod(Path(folder)) as mongod,
        asyncio.Runner() as runner,
    ):
        yield from cold_reads.rows(runner, dataset.open_at(mongod.uri, "cold"))
        databases = [dataset.open_at(mongod.uri, name) for name in ("hot", "empty")]
        yield from cold_series.rows(runner, *databases)


def _storage() -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Mongod(Path(folder), options=storage.SERVER) as mongod,
    ):
        yield from storage.StorageBench(mongod).rows()


def _ingest() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, Mongod(Path(folder)) as mongod:
        databases = [dataset.open_at(mongod.uri, name) for name in ("ours", "bare")]
        yield from ingest.ratios(*databases)


if __name__ == "__main__":
    sys.exit(main())
