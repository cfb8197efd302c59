"""Lists of flat records as text: CSV and newline-delimited JSON. Pure.

A record that lacks a named field is the caller's error: a KeyError.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from csv import writer
from datetime import datetime
from io import StringIO
from operator import itemgetter
from typing import Any

import orjson

from chain_api.rendering import layouts
from chain_api.rendering.answers import OPTIONS, Answer
from chain_api.rendering.layouts import Contract

# The same on both sides of a strike; the first two stand in the middle of every row.
_STRIKE = ("expiry_date", "strike_price")
_SHARED = ("symbol", "fetched_at", "underlying_value", "expiry", "exchange_timestamp")


def csv(records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    r"""Return a header line and a line a record, each ended by \r\n (RFC 4180), in UTF-8.

    None is an empty field; a float is the shortest text that reads back as the same double;
    datetimes and booleans are written as in the JSON answers.
    """
    text = StringIO()
    lines = writer(text)
    lines.writerow(names)
    # By column: whether anything in it has to be rewritten is then asked once, not per value.
    lines.writerows(zip(*(_column(records, name) for name in names), strict=True))
    return text.getvalue().encode()


def ndjson(records: Iterable[Mapping[str, Any]]) -> bytes:
    r"""Return a JSON object a line, each ended by \n."""
    options = OPTIONS | orjson.OPT_APPEND_NEWLINE
    # Not joined: to hold thousands of lines apart takes longer than to write them.
    lines = bytearray()
    for record in records:
        lines += orjson.dumps(record, option=options)
    return bytes(lines)


def wide(
    documents: Sequence[Contract], names: Sequence[str] | None
) -> tuple[list[Answer], tuple[str, ...]]:
    """Return the layout by rows as flat records, and their names: calls, strike, puts.

    `documents` and `names` are those of `layouts`. What both sides share stands once, in the
    middle; everything else is `call_…` and `put_…`, None where that side is absent.
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
    """Return what writes datetimes and booleans as orjson does, each instant once."""
    written: dict[datetime, str] = {}

    def rewrite(value: Any) -> Any:  # noqa: ANN401  (whatever a column holds)
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, datetime):
            return value
        text = written.get(value)
        if text is None:
            text = orjson.dumps(value, option=OPTIONS)[1:-1].decode()
            written[value] = text
        return text

    return rewrite
