"""Rows as record batches of Arrow, column by column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, batched, groupby
from operator import itemgetter
from typing import Any

from arro3.core import (
    Array,
    DataType,
    Field,
    RecordBatch,
    Schema,
    list_array,
    struct_array,
)

from optionchain.archive.columns import ANALYTICS_COLUMNS, COLUMNS, ColumnType
from optionchain.archive.layout import FileKind

type Row = Mapping[str, Any]

ROWS_IN_BATCH = 4_096
# A document may be some ten kilobytes large, and is in memory three times meanwhile.
_DOCUMENTS_IN_BATCH = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (PyMongo's naive instants are in UTC)
_INSTANT = DataType.timestamp("ms", tz="UTC")
_SCALARS: dict[ColumnType, DataType] = {
    "text": DataType.string(),
    "double": DataType.float64(),
    "integer": DataType.int64(),
    "instant": _INSTANT,
    "flag": DataType.bool(),
    "texts": DataType.list(Field("item", DataType.string(), nullable=True)),
    "bytes": DataType.binary(),
}
_ANALYTICS = [
    Field(name, _SCALARS[each], nullable=True) for name, each in ANALYTICS_COLUMNS.items()
]
_TYPES: dict[ColumnType, DataType] = {**_SCALARS, "analytics": DataType.struct(_ANALYTICS)}


def schema_of(kind: FileKind) -> Schema:
    """Return the Arrow schema of a kind of file."""
    return Schema(
        [Field(name, _TYPES[each], nullable=True) for name, each in COLUMNS[kind].items()]
    )


def row_batches(kind: FileKind, rows: Iterable[Row]) -> Iterator[RecordBatch]:
    """Yield rows in batches; contracts of two expiries are in no batch together."""
    at_once = ROWS_IN_BATCH if kind == "contracts" else _DOCUMENTS_IN_BATCH
    for _, same in groupby(rows, itemgetter("expiry") if kind == "contracts" else lambda _: None):
        for some in batched(same, at_once, strict=False):
            yield record_batch(kind, {name: [row[name] for row in some] for name in COLUMNS[kind]})


def record_batch(kind: FileKind, columns: Mapping[str, Sequence[Any]]) -> RecordBatch:
    """Return a batch of the values of each column."""
    arrays = [_array(columns[name], column_type) for name, column_type in COLUMNS[kind].items()]
    return RecordBatch.from_arrays(arrays, schema=schema_of(kind))


def plain_contracts(columns: Mapping[str, Sequence[Any]]) -> RecordBatch:
    """Return a batch of contracts' columns whose instants are milliseconds since 1970."""
    arrays = [
        Array(columns[name], DataType.int64()).cast(_INSTANT)
        if column_type == "instant"
        else _array(columns[name], column_type)
        for name, column_type in COLUMNS["contracts"].items()
    ]
    return RecordBatch.from_arrays(arrays, schema=schema_of("contracts"))


def _array(values: Sequence[Any], column_type: ColumnType) -> Array:
    if column_type == "instant":
        return Array(list(map(_Milliseconds().__getitem__, values)), DataType.int64()).cast(
            _INSTANT
        )
    if column_type == "texts":
        return _lists(values)
    if column_type == "analytics":
        return _structs(values)
    return Array(values, _TYPES[column_type])


def _lists(values: Sequence[Sequence[str] | None]) -> Array:
    offsets = list(accumulate((len(each or ()) for each in values), initial=0))
    texts = Array([text for each in values for text in each or ()], DataType.string())
    nulls = Array([each is None for each in values], DataType.bool())
    return list_array(Array(offsets, DataType.int32()), texts, type=_TYPES["texts"], mask=nulls)


def _structs(values: Sequence[Mapping[str, Any] | None]) -> Array:
    members = [
        _array([each and each[name] for each in values], column_type)
        for name, column_type in ANALYTICS_COLUMNS.items()
    ]
    nulls = Array([each is None for each in values], DataType.bool())
    return struct_array(members, fields=_ANALYTICS, mask=nulls)


class _Milliseconds(dict[datetime | None, int | None]):
    """Milliseconds since 1970 of instants. A column has few different ones, each many times."""

    def __missing__(self, instant: datetime | None) -> int | None:
        if instant is None:
            return None
        self[instant] = milliseconds(instant)
        return self[instant]


def milliseconds(instant: datetime) -> int:
    """Return an instant as BSON has it, since 1970; one without a zone is in UTC."""
    since = instant - (_EPOCH if instant.tzinfo else _NAIVE_EPOCH)
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
