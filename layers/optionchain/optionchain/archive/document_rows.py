"""Documents of MongoDB as rows of an archive, and rows as documents. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isnan
from typing import Any

import bson
from bson.codec_options import CodecOptions

from optionchain.archive.columns import (
    ABSENT,
    COLUMNS,
    CONTRACT_COLUMNS,
    DOCUMENT,
    EXTRA,
    ColumnType,
)
from optionchain.archive.layout import FileKind

_TYPES: dict[ColumnType, type] = {
    "text": str,
    "double": float,
    "integer": int,
    "instant": datetime,
    "flag": bool,
    "bytes": bytes,
}
_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
_NAIVE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=False)


def contract_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a contract's document."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS["contracts"])
    extra = {}
    for name, value in document.items():
        if name == "_id" or (value is None and name in CONTRACT_COLUMNS):
            continue
        if name in CONTRACT_COLUMNS and _fits(value, CONTRACT_COLUMNS[name]):
            row[name] = value
        else:
            extra[name] = value
    absent = [name for name in CONTRACT_COLUMNS if name not in document]
    row[ABSENT] = ",".join(absent) or None
    row[EXTRA] = bson.encode(extra) if extra else None
    return row


def contract_document(row: Mapping[str, Any], *, naive: bool = False) -> dict[str, Any]:
    """Return the document of a contract's row, with its fields in the order of the columns."""
    absent = row[ABSENT].split(",") if row[ABSENT] else ()
    document = {name: row[name] for name in CONTRACT_COLUMNS if name not in absent}
    if row[EXTRA]:
        document.update(decoded(row[EXTRA], naive=naive))
    return document


def document_row(kind: FileKind, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a header, a tick or a record: some columns, and the whole document."""
    content = {name: value for name, value in document.items() if name != "_id"}
    row: dict[str, Any] = {}
    for name, column_type in COLUMNS[kind].items():
        value = content.get(name)
        row[name] = value if value is not None and _fits(value, column_type) else None
    row[DOCUMENT] = bson.encode(content)
    return row


def decoded(data: bytes, *, naive: bool = False) -> dict[str, Any]:
    """Return the document of its BSON; datetimes are in UTC, and aware unless `naive`."""
    return bson.decode(data, _NAIVE if naive else _AWARE)


def _fits(value: object, column_type: ColumnType) -> bool:
    """Tell whether a column holds a value exactly. A NaN would break the statistics of a file."""
    if column_type == "texts":
        return isinstance(value, Sequence) and all(isinstance(each, str) for each in value)
    if type(value) is not _TYPES[column_type] and column_type != "instant":
        return False
    return isinstance(value, _TYPES[column_type]) and not (
        isinstance(value, float) and isnan(value)
    )
