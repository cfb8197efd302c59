"""Writes rows into a Parquet file."""

from collections.abc import Iterable
from pathlib import Path

from arro3.core import RecordBatch, RecordBatchReader
from arro3.io import write_parquet

from chain_archive.record_batches import Row, row_batches, schema_of
from optionchain.archive.layout import FileKind

_ROWS_IN_GROUP = 16_384


def write_rows(path: Path, kind: FileKind, rows: Iterable[Row]) -> None:
    """Write rows, which are in order already, into a new file."""
    write_batches(path, kind, row_batches(kind, rows))


def write_batches(path: Path, kind: FileKind, batches: Iterable[RecordBatch]) -> None:
    """Write batches of rows, which are in order already, into a new file."""
    stream = RecordBatchReader.from_batches(schema_of(kind), batches)
    write_parquet(stream, path, compression="zstd(9)", max_row_group_size=_ROWS_IN_GROUP)
