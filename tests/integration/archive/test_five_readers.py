"""DuckDB, polars, pandas, pyarrow and DataFusion read an archive without options.

What they find equals the documents of MongoDB, in one file and in the files of several days.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import orjson
import pytest
from bson.codec_options import CodecOptions

from chain_archive.parquet_writer import write_batches, write_rows
from chain_archive.row_sorter import RowSorter
from chain_fetch.nse.body_parser import parse
from local.nse_simulator.v3_format import JsonObject
from optionchain.analytics import analytics_of
from optionchain.archive.columns import COLUMNS, ORDER
from optionchain.archive.document_rows import contract_document, decoded, document_row
from optionchain.archive.layout import FileKind, file_key
from optionchain.mongo.documents import contract_documents, header_document
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.conftest import CAPTURED
from tests.support.captured import as_v3
from tests.support.parquet_readers import READERS, Rows, types_of
from tests.support.simulated_day import SimulatedDay
from tests.support.snapshots import TICK, snapshot

type Document = dict[str, Any]

SYMBOLS = ("NIFTY", "M&M", "BAJAJ-AUTO")
DAYS = (date(2026, 6, 18), date(2026, 6, 19))
_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)


def stored(documents: Iterable[Any]) -> list[Document]:
    """Return documents as MongoDB gives them back."""
    return [bson.decode(bson.encode(document), _AWARE) for document in documents]


def chains(symbol: str, day: int) -> list[Snapshot]:
    """Return the chains of a day: the first has whole numbers only, and no volatility at all."""
    numbers: dict[str, Any] = (
        {"last_price": 100.0, "implied_volatility": None, "bid_price": None}
        if day == 0
        else {"last_price": 100.05, "implied_volatility": 12.5}
    )
    return [
        snapshot(
            (24_000.0, 24_002.5),
            symbol=symbol,
            tick=TICK + timedelta(days=day - 1, minutes=minute),
            stamp=TICK + timedelta(days=day - 1, minutes=minute),
            **numbers,
        )
        for minute in range(3)
    ]


def contracts(symbol: str, day: int) -> list[Document]:
    """Return the contracts of a day in the order of the archive; one is of an older release."""
    facts = SnapshotFacts(settlement_prices={(24_000.0, "CE"): 99.95} if day else {})
    found = stored(
        each for chain in chains(symbol, day) for each in contract_documents(chain, facts)
    )
    if day == 0:
        del found[0]["iv_as_of"]
        found[1]["note"] = "corrected by hand"
    return sorted(found, key=lambda each: [each[name] for name in ORDER["contracts"]])


def headers(symbol: str, day: int) -> list[Document]:
    """Return the headers of a day; those of the first have no analytics."""
    return stored(
        header_document(chain, earlier_hashes=["a", "b"][:day], analytics=analytics_of(chain, 5.5))
        if day
        else header_document(chain)
        for chain in chains(symbol, day)
    )


def ticks(symbol: str, day: int) -> list[Document]:
    """Return the ledger of a day, in which no tick failed on the first."""
    tick = TICK + timedelta(days=day - 1)
    failure = {"reason": "timeout", "detail": "", "data_age_seconds": 3.5} if day else {}
    return stored([{"symbol": symbol, "tick": tick, "outcome": "failed", "legs": 4, **failure}])


def write(folder: Path, symbol: str, day: int, kind: FileKind) -> tuple[Path, list[Document]]:
    """Write a file of a day where an archive has it; return its path and what MongoDB has."""
    path = folder / file_key(symbol, DAYS[day], kind, "0" * 64)
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "contracts":
        documents = contracts(symbol, day)
        with RowSorter(folder) as sorter:
            sorter.add(sorted(documents, key=lambda each: each["fetched_at"]))
            write_batches(path, kind, sorter.batches())
        return path, documents
    documents = {"headers": headers, "ticks": ticks, "records": ticks}[kind](symbol, day)
    rows = [document_row(kind, each) for each in documents]
    if kind == "records":
        rows = [row | {"collection": "listings"} for row in rows]
    write_rows(path, kind, rows)
    return path, documents


def documents_of(kind: FileKind, rows: Rows) -> list[Document]:
    if kind == "contracts":
        return [contract_document(row) for row in rows]
    return [decoded(row["document"]) for row in rows]


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_files_of_days_have_the_documents_of_mongodb(
    tmp_path: Path, read: Callable[[Sequence[Path]], Rows], symbol: str, kind: FileKind
) -> None:
    written = [write(tmp_path, symbol, day, kind) for day in (0, 1)]

    for path, documents in written:
        assert documents_of(kind, read([path])) == documents
    both = read([path for path, _ in written])
    assert list(both[0]) == list(COLUMNS[kind])
    assert sorted(documents_of(kind, both), key=str) == sorted(
        (each for _, documents in written for each in documents), key=str
    )


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_analytics_are_members_of_a_column(
    tmp_path: Path, read: Callable[[Sequence[Path]], Rows]
) -> None:
    (without, _), (path, documents) = (write(tmp_path, "NIFTY", day, "headers") for day in (0, 1))

    rows = read([without, path])
    found = [row["analytics"] for row in sorted(rows, key=lambda row: row["fetched_at"])]

    assert found[:3] == [None] * 3
    for members, document in zip(found[3:], documents, strict=True):
        assert members == {name: document["analytics"][name] for name in members}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_has_one_type_in_every_file(tmp_path: Path, kind: FileKind) -> None:
    first, second = (types_of(write(tmp_path, "M&M", day, kind)[0]) for day in (0, 1))

    assert first == second


def test_types_of_columns_are_those_of_the_documents(tmp_path: Path) -> None:
    types = types_of(write(tmp_path, "NIFTY", 0, "contracts")[0])

    assert {name: each["settlement_price"] for name, each in types.items()} == {
        "duckdb": "DOUBLE",
        "polars": "Float64",
        "pyarrow": "double",
        "datafusion": "double",
    }
    assert {name: each["fetched_at"] for name, each in types.items()} == {
        "duckdb": "TIMESTAMP WITH TIME ZONE",
        "polars": "Datetime(time_unit='ms', time_zone='UTC')",
        "pyarrow": "timestamp[ms, tz=UTC]",
        "datafusion": "timestamp[ms, tz=UTC]",
    }


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_simulated_day_is_read_as_it_is_stored(
    tmp_path: Path, read: Callable[[Sequence[Path]], Rows]
) -> None:
    day = SimulatedDay()
    expiries = day.expiries()[:3]
    snapshots = [
        day.snapshot(clock, expiry) for clock in ("09:15", "12:40", "15:40") for expiry in expiries
    ]

    assert_read_as_stored(tmp_path, read, snapshots)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_captured_day_is_read_as_it_is_stored(
    tmp_path: Path, read: Callable[[Sequence[Path]], Rows], captured: Callable[[str], bytes]
) -> None:
    folder = "v3-from-legacy/nifty-2025-12-05"
    snapshots = []
    for moment in sorted((CAPTURED / folder).iterdir()):
        time = datetime.strptime(f"2025-12-05 {moment.name[7:13]}", "%Y-%m-%d %H%M%S")  # noqa: DTZ007
        for body in sorted(moment.iterdir()):
            data = captured(f"{folder}/{moment.name}/{body.name}")
            snapshots.append(parse(data, "NIFTY", time.replace(tzinfo=UTC)))

    assert_read_as_stored(tmp_path, read, snapshots)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("name", ["m&m", "bajaj-auto", "idea"])
def test_captured_stocks_are_read_as_they_are_stored(
    tmp_path: Path,
    read: Callable[[Sequence[Path]], Rows],
    captured_body: Callable[[str], JsonObject],
    name: str,
) -> None:
    bodies = as_v3(captured_body(f"legacy/universe-2025-07-17/{name}.json.gz"))
    tick = datetime(2025, 7, 17, 10, 5, tzinfo=UTC)

    snapshots = [parse(orjson.dumps(body), name.upper(), tick) for body in bodies.values()]
    assert_read_as_stored(tmp_path, read, snapshots)


def assert_read_as_stored(
    folder: Path, read: Callable[[Sequence[Path]], Rows], snapshots: Sequence[Snapshot]
) -> None:
    documents = stored(each for chain in snapshots for each in contract_documents(chain))
    with RowSorter(folder) as sorter:
        sorter.add(documents)
        write_batches(folder / "contracts.parquet", "contracts", sorter.batches())

    found = [contract_document(row) for row in read([folder / "contracts.parquet"])]

    order = ORDER["contracts"]
    assert found == sorted(documents, key=lambda each: [each[name] for name in order])
