"""Files have a row group for each expiry, statistics that skip them, and the encodings chosen."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import bson
import pyarrow.parquet as pq
import pytest
from arro3.core import RecordBatch

from chain_archive import parquet_writer
from chain_archive.contract_sums import duckdb_connection
from chain_archive.day_files import DayWriter
from chain_archive.parquet_joiner import ParquetJoiner
from chain_archive.parquet_writer import write_batches, write_rows
from chain_archive.record_batches import row_batches
from chain_archive.verification import Verification
from optionchain.archive.columns import COLUMNS
from optionchain.archive.document_rows import contract_row
from optionchain.archive.layout import FILE_KINDS, FileKind
from optionchain.mongo.documents import contract_documents
from tests.support.snapshots import TICK, snapshot

EXPIRIES = (date(2026, 6, 23), date(2026, 6, 30), date(2026, 7, 28))
KEYS = ["expiry", "strike_price", "type", "fetched_at", "identifier"]


def rows(snapshots: int = 30, expiries: tuple[date, ...] = EXPIRIES) -> list[dict[str, Any]]:
    """Return the rows of a day, in order."""
    ticks = [TICK + number * timedelta(minutes=1) for number in range(snapshots)]
    found = [
        contract_row(document)
        for expiry in expiries
        for tick in ticks
        for document in contract_documents(snapshot((24_000.0, 24_050.5), expiry=expiry, tick=tick))
    ]
    return sorted(found, key=lambda row: [row[name] for name in KEYS[:4]])


def test_every_expiry_has_a_row_group_of_its_own(tmp_path: Path) -> None:
    write_rows(tmp_path / "file", "contracts", rows())

    file = pq.ParquetFile(tmp_path / "file")
    groups = [file.read_row_group(number) for number in range(file.num_row_groups)]
    assert [set(group["expiry"].to_pylist()) for group in groups] == [
        {datetime(day.year, day.month, day.day, tzinfo=UTC)} for day in EXPIRIES
    ]
    assert file.read().to_pylist() == rows()


def test_keys_have_statistics_and_nothing_else_makes_the_footer_longer(tmp_path: Path) -> None:
    write_rows(tmp_path / "file", "contracts", rows())

    group = pq.read_metadata(tmp_path / "file").row_group(1)
    columns = [group.column(number) for number in range(group.num_columns)]
    assert [each.path_in_schema for each in columns if each.is_stats_set] == [
        name for name in COLUMNS["contracts"] if name in KEYS
    ]
    ranges = {
        each.path_in_schema: (each.statistics.min, each.statistics.max)
        for each in columns
        if each.is_stats_set
    }
    assert ranges["strike_price"] == (24_000.0, 24_050.5)
    assert ranges["type"] == ("CE", "PE")
    assert ranges["identifier"] == ("NIFTY_CE_24000_30-Jun-2026", "NIFTY_PE_24050.5_30-Jun-2026")
    assert ranges["fetched_at"] == (TICK, TICK + 29 * timedelta(minutes=1))
    assert not any(each.has_offset_index or each.has_column_index for each in columns)


@pytest.mark.parametrize(
    ("column", "encoding"),
    [
        ("last_price", "BYTE_STREAM_SPLIT"),
        ("pchange", "PLAIN"),
        ("fetched_at", "DELTA_BINARY_PACKED"),
        ("identifier", "RLE_DICTIONARY"),
        ("bid_qty", "RLE_DICTIONARY"),
    ],
)
def test_columns_are_written_as_measured(tmp_path: Path, column: str, encoding: str) -> None:
    write_rows(tmp_path / "file", "contracts", rows())

    group = pq.read_metadata(tmp_path / "file").row_group(0)
    chunk = group.column(list(COLUMNS["contracts"]).index(column))
    assert encoding in chunk.encodings
    assert chunk.compression == "ZSTD"


def test_a_large_expiry_has_several_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_writer, "_MOST_ROWS_IN_GROUP", 50)

    write_rows(tmp_path / "file", "contracts", rows())

    footer = pq.read_metadata(tmp_path / "file")
    sizes = [footer.row_group(number).num_rows for number in range(footer.num_row_groups)]
    assert sizes == [50, 50, 20] * 3
    assert pq.read_table(tmp_path / "file").to_pylist() == rows()


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_file_of_no_rows_has_its_columns(tmp_path: Path, kind: FileKind) -> None:
    write_rows(tmp_path / "file", kind, [])

    table = pq.read_table(tmp_path / "file")
    assert table.num_rows == 0
    assert table.column_names == list(COLUMNS[kind])


def test_the_same_rows_give_the_same_bytes_however_they_come(tmp_path: Path) -> None:
    (whole,) = row_batches("contracts", rows(expiries=EXPIRIES[:1]))
    write_batches(tmp_path / "whole", "contracts", [whole])
    write_batches(tmp_path / "pieces", "contracts", [whole.slice(0, 7), whole.slice(7)])

    assert (tmp_path / "pieces").read_bytes() == (tmp_path / "whole").read_bytes()


def test_an_error_of_what_gives_the_rows_is_raised_as_it_is(tmp_path: Path) -> None:
    def batches() -> Iterator[RecordBatch]:
        yield from row_batches("contracts", rows(1))
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_batches(tmp_path / "file", "contracts", batches())


def test_a_file_of_no_parts_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file, pytest.raises(ValueError, match="no schema"):
        ParquetJoiner(file, ()).close()


@pytest.mark.parametrize(("count", "kilobytes"), [(9_000, 6), (3_000, 10), (20_000, 0.1)], ids=str)
def test_documents_of_any_size_are_read_back_in_the_memory_of_a_sealer(
    tmp_path: Path, count: int, kilobytes: float
) -> None:
    """DuckDB has 64 MB, and must hold whole pages of documents that compress badly."""
    noise = Random(1)
    documents = (
        bson.encode(
            {
                "symbol": "NIFTY",
                "fetched_at": TICK + number * timedelta(seconds=1),
                "noise": noise.randbytes(int(kilobytes * 1_024)),
            }
        )
        for number in range(count)
    )
    with closing(duckdb_connection()) as connection:
        written = DayWriter(tmp_path, connection, lambda _: None).documents("headers", documents)
        Verification(connection).check(written.path, written)

    assert written.rows == count
    groups = pq.read_metadata(written.path)
    sizes = [groups.row_group(number).total_byte_size for number in range(groups.num_row_groups)]
    assert max(sizes) < 20 * 2**20
