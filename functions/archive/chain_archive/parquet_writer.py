"""Writes rows into a Parquet file."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema, list_array
from arro3.io import write_parquet

from optionchain.archive.columns import COLUMNS, ColumnType
from optionchain.archive.layout import FileKind

type Row = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = DataType.timestamp("ms", tz="UTC")
_TYPES: dict[ColumnType, DataType] = {
    "text": DataType.string(),
    "double": DataType.float64(),
    "integer": DataType.int64(),
    "instant": _INSTANT,
    "flag": DataType.bool(),
    "texts": DataType.list(Field("item", DataType.string(), nullable=True)),
    "bytes": DataType.binary(),
}
_ROWS_IN_BATCH = 4_096
_ROWS_IN_GROUP = 16_384


def schema_of(kind: FileKind) -> Schema:
    """Return the Arrow schema of a kind of file."""
    return Schema(
        [Field(name, _TYPES[each], nullable=True) for name, each in COLUMNS[kind].items()]
    )


def write_rows(path: Path, kind: FileKind, rows: Iterable[Row]) -> None:
    """Write rows, which are in order already, into a new file."""
    schema = schema_of(kind)
    stream = RecordBatchReader.from_batches(schema, _batches(kind, schema, rows))
    write_parquet(stream, path, compression="zstd(9)", max_row_group_size=_ROWS_IN_GROUP)


def _batches(kind: FileKind, schema: Schema, rows: Iterable[Row]) -> Iterator[RecordBatch]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_IN_BATCH:
            yield _batch(kind, schema, batch)
            batch = []
    if batch:
        yield _batch(kind, schema, batch)


def _batch(kind: FileKind, schema: Schema, rows: list[Row]) -> RecordBatch:
    arrays = [
        _array([row[name] for row in rows], column_type)
        for name, column_type in COLUMNS[kind].items()
    ]
    return RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: list[Any], column_type: ColumnType) -> Array:
    if column_type == "instant":
        millis = [None if each is None else _milliseconds(each) for each in values]
        return Array(millis, DataType.int64()).cast(_INSTANT)
    if column_type == "texts":
        return _lists(values)
    return Array(values, _TYPES[column_type])


def _lists(values: list[Any]) -> Array:
    """Return lists of text; where there is none, the list is empty."""
    offsets = list(accumulate((len(each or ()) for each in values), initial=0))
    texts = [text for each in values for text in each or ()]
    values_array = Array(texts, DataType.string())
    return list_array(Array(offsets, DataType.int32()), values_array, type=_TYPES["texts"])


def _milliseconds(instant: datetime) -> int:
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    since = aware - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
