"""How large the files of an archive are, how long it takes to write them, and to read a contract.

The data are a simulated day of one symbol, minute by minute, with all its expiries.
"""

import math
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import orjson
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chain_archive.checksums import ColumnChecksums
from chain_archive.parquet_writer import write_batches, write_rows
from chain_archive.row_sorter import RowSorter
from chain_fetch.nse.body_parser import parse
from optionchain.analytics import analytics_of
from optionchain.archive.columns import COLUMNS
from optionchain.archive.document_rows import document_row
from optionchain.mongo.documents import contract_documents, header_document
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.performance.measure import Figure, Ratio, Row
from tests.support.simulated_day import SimulatedDay

# Bytes of data and indexes that a contract takes in a collection that MongoDB makes by default,
# when a session is written at life's pace.
_PLAIN_BYTES = 224.0
_MINUTE = timedelta(minutes=1)
_DAYS = 21  # of a month
_HEADERS = 400
_ROUNDS = 40
_FEW = """
    fetched_at, last_price, bid_price, ask_price, open_interest, total_traded_volume,
    implied_volatility
"""
_QUERY = """
    SELECT {columns} FROM read_parquet(?)
    WHERE expiry = ? AND strike_price = ? AND type = 'CE'
    ORDER BY fetched_at
"""


def rows() -> Iterator[Row]:
    """Yield the measures of the files."""
    day = SimulatedDay()
    snapshots = list(_snapshots(day))
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "contracts.parquet"
        yield from _written(whole, snapshots)
        yield from _sizes(whole, snapshots)
        yield from _months(whole, snapshots[0])


def _snapshots(day: SimulatedDay) -> Iterator[Snapshot]:
    instant = day.at("09:15")
    while instant <= day.at("15:40"):
        for expiry in day.expiries():
            yield parse(
                orjson.dumps(day.market.chain(day.symbol, expiry, instant)), day.symbol, instant
            )
        instant += _MINUTE


def _documents(snapshots: Sequence[Snapshot]) -> list[list[Any]]:
    """Return the contracts of snapshots, with what the record knows of their volatilities."""
    found, since = [], dict[Any, Any]()
    for each in snapshots:
        known = {}
        for quote in each.quotes:
            leg = quote.strike_price, quote.side
            value, _ = since.get((each.expiry, leg), (None, None))
            if value != quote.implied_volatility:
                since[each.expiry, leg] = quote.implied_volatility, each.exchange_timestamp
            if quote.implied_volatility is not None:
                known[leg] = since[each.expiry, leg][1]
        found.append(contract_documents(each, SnapshotFacts(iv_as_of=known)))
    return found


def _written(path: Path, snapshots: Sequence[Snapshot]) -> Iterator[Row]:
    documents = _documents(snapshots)
    contracts = sum(map(len, documents))
    started = time.process_time()
    with RowSorter(path.parent) as sorter:
        for each in documents:
            sorter.add(each)
        write_batches(path, "contracts", sorter.batches())
        written = time.process_time() - started
        batches = list(sorter.batches())
    yield Figure(
        f"{contracts} contracts to a file of the archive, CPU ms for 100,000",
        written * 1e8 / contracts,
        1_000,
    )
    started = time.process_time()
    checksums = ColumnChecksums("contracts")
    for batch in batches:
        checksums.add(batch)
    summed = time.process_time() - started
    values = contracts * len(COLUMNS["contracts"])
    yield Figure("checksums of columns, CPU ms for 1,000,000 values", summed * 1e9 / values, 1_000)


def _sizes(path: Path, snapshots: Sequence[Snapshot]) -> Iterator[Row]:
    table = pq.read_table(path)
    defaults = path.with_name("defaults.parquet")
    pq.write_table(table, defaults, compression="zstd")
    ours, bare = (each.stat().st_size / table.num_rows for each in (path, defaults))
    yield Ratio(
        "a contract in the archive / by pyarrow's defaults with zstd, bytes", ours, bare, 0.8
    )
    yield Ratio("a contract in the archive / in MongoDB by default, bytes", ours, _PLAIN_BYTES, 0.1)
    expiry = snapshots[0].expiry
    nearest = [each for each in snapshots if each.expiry == expiry][:_HEADERS]
    headers: list[Any] = [
        header_document(each, analytics=analytics_of(each, 5.5)) for each in nearest
    ]
    file = path.with_name("headers.parquet")
    write_rows(file, "headers", [document_row("headers", header) for header in headers])
    size = file.stat().st_size / len(headers)
    yield Figure("a header with analytics in the archive, bytes", size)


def _months(path: Path, first: Snapshot) -> Iterator[Row]:
    """Yield what it takes to read a contract's month of files that have everything."""
    table = pq.read_table(path)
    expiry, strike = table["expiry"][0], first.quotes[len(first.quotes) // 2].strike_price
    wanted = pc.and_(pc.equal(table["expiry"], expiry), pc.equal(table["strike_price"], strike))
    alone = path.parent / "alone.parquet"
    chosen = table.filter(pc.and_(wanted, pc.equal(table["type"], "CE")))
    with RowSorter(path.parent) as sorter:
        sorter.add(chosen.select(_fields(chosen)).to_pylist())
        write_batches(alone, "contracts", sorter.batches())
    files = [_copies(each) for each in (path, alone)]
    for name, columns, limit in (("all columns", "*", 1.5), ("7 columns", _FEW, None)):
        query = _QUERY.format(columns=columns)
        yield _side_by_side(name, query, files, [expiry.as_py(), strike], limit)


def _side_by_side(
    name: str, query: str, files: list[list[str]], values: list[Any], limit: float | None
) -> Row:
    """Read both in turn, each time in a connection that has read nothing; the best time counts."""
    best = [math.inf, math.inf]
    for number in range(_ROUNDS):
        for way in (0, 1) if number % 2 else (1, 0):
            with duckdb.connect() as connection:
                connection.execute("SET TimeZone = 'UTC'").fetchall()
                started = time.perf_counter()
                connection.execute(query, [files[way], *values]).fetchall()
                best[way] = min(best[way], (time.perf_counter() - started) * 1e3)
    row = f"{name} of a contract's month, 21 files / 21 that hold only it (DuckDB)"
    return Ratio(row, best[0], best[1], limit)


def _fields(table: Any) -> list[str]:  # noqa: ANN401
    return [name for name in table.column_names if name not in ("absent", "extra")]


def _copies(path: Path) -> list[str]:
    """Return the names of as many files as a month has days, each with this content."""
    names = [path.with_name(f"{number}-{path.name}") for number in range(_DAYS)]
    for name in names:
        name.hardlink_to(path)
    return list(map(str, names))
