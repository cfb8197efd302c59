"""Flat records as text: CSV and newline-delimited JSON. Pure.

A record without a named field is an error of the caller, and raises KeyError.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from csv import writer
from datetime import datetime
from io import StringIO
from operator import itemgetter
from typing import Any

import orjson

from chain_api.json_types import JSON_OPTIONS, Answer
from chain_api.rendering import layouts
from chain_api.rendering.layouts import Contract

# Call and put of a strike share these fields. The first two are in the middle of every row.
_STRIKE = ("expiry_date", "strike_price")
_SHARED = ("symbol", "fetched_at", "underlying_value", "expiry", "exchange_timestamp")


def csv(records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    r"""Return a header line and a line a record, each ended by \r\n (RFC 4180), in UTF-8.

    None becomes an empty field, and a float the shortest text that reads back as the same double.
    Datetimes and booleans are written as in JSON.
    """
    text = StringIO()
    lines = writer(text)
    lines.writerow(names)
    # By column, so that it is asked once and not per value whether something must be rewritten.
    lines.writerows(zip(*(_column(records, name) for name in names), strict=True))
    return text.getvalue().encode()


def ndjson(records: Iterable[Mapping[str, Any]]) -> bytes:
    r"""Return a JSON object a line, each ended by \n."""
    options = JSON_OPTIONS | orjson.OPT_APPEND_NEWLINE
    # Appended, not joined: a list of thousands of lines takes longer than writing them.
    lines = bytearray()
    for record in records:
        lines += orjson.dumps(record, option=options)
    return bytes(lines)


def wide_rows(
    documents: Sequence[Contract], names: Sequence[str] | None
) -> tuple[list[Answer], tuple[str, ...]]:
    """Return the layout `rows` as flat records, and the names of their fields: call, strike, put.

    `documents` and `names` are those of `layouts`. Fields that both sides share are in the middle;
    the others are `call_…` and `put_…`, None where that side is missing.
    """
    asked = layouts.columns_of(documents, names)
    middle = (*_STRIKE, *(name for name in asked if name in _SHARED))
    own = [name for name in asked if name not in (*middle, "type")]
    calls, puts = (tuple(f"{side}_{name}" for name in own) for side in ("call", "put"))
    records = [
        {
            **dict(zip(calls, _values(row["call"], own), strict=True)),
            **{name: (row["call"] or row["put"])[name] for name in middle},
            **dict(zip(puts, _values(row["put"], own), strict=True)),
        }
        for row in layouts.rows(documents, None)["rows"]
    ]
    return records, (*calls, *middle, *puts)


def _values(leg: Contract | None, names: Sequence[str]) -> list[Any]:
    return [None] * len(names) if leg is None else [leg[name] for name in names]


def _column(records: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    values = list(map(itemgetter(name), records))
    rewritten = set(map(type, values)) & {bool, datetime}
    return list(map(_rewriter(), values)) if rewritten else values


def _rewriter() -> Callable[[Any], Any]:
    """Return a function that writes datetimes and booleans as JSON does, each datetime once."""
    written: dict[datetime, str] = {}

    def rewrite(value: Any) -> Any:  # noqa: ANN401  (whatever a column holds)
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, datetime):
            return value
        text = written.get(value)
        if text is None:
            text = orjson.dumps(value, option=JSON_OPTIONS)[1:-1].decode()
            written[value] = text
        return text

    return rewrite
