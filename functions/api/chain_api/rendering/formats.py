"""The formats of answers: JSON, CSV, NDJSON, and which of them a request prefers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from fastapi import Response

from chain_api.json_types import Answer, json_bytes
from chain_api.parameters.columns import COLUMNS
from chain_api.rendering import csv_ndjson, layouts

type Format = Literal["json", "csv", "ndjson"]
type Layout = Literal["sides", "rows", "columns"]

MEDIA_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
}
_LAYOUTS = {"sides": layouts.sides, "rows": layouts.rows, "columns": layouts.columns}


def json_response(
    answer: Answer, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer that is true only now, as JSON that no cache stores."""
    content = json_bytes(answer)
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content, status, sent, media_type="application/json")


def instant_text(instant: datetime) -> str:
    """Return a UTC datetime as the answers write it."""
    return instant.isoformat().replace("+00:00", "Z")


def format_of(named: Format | None, accept: str) -> Format:
    """Return the format that a request names, else the one its Accept header prefers, else JSON."""
    if named:
        return named
    weights = dict(map(_weighed, accept.lower().split(",")))
    known = {form: _weight(weights, text.partition(";")[0]) for form, text in MEDIA_TYPES.items()}
    best = max(known, key=lambda form: known[form])
    return best if known[best][0] > 0 else "json"


def _weight(weights: Mapping[str, float], media_type: str) -> tuple[float, int]:
    """Return a type's quality, and how exactly the header named it: itself, `text/*` or `*/*`."""
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    named = [(weights[text], 3 - rank) for rank, text in enumerate(ranges) if text in weights]
    return named[0] if named else (0.0, 0)


def _weighed(part: str) -> tuple[str, float]:
    media_type, *parameters = (text.strip() for text in part.split(";"))
    quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return media_type, float(quality)
    except ValueError:
        return media_type, 0.0


def chain_bytes(
    documents: Sequence[Mapping[str, Any]],
    layout: Layout,
    form: Format,
    names: Sequence[str] | None,
) -> bytes:
    """Return a chain's contracts in a layout: a JSON object, or lines of CSV or NDJSON."""
    if form == "json":
        return json_bytes(_LAYOUTS[layout](documents, names))
    if layout == "rows":
        return lines(*csv_ndjson.wide_rows(documents, names), form)
    return lines(documents, names or COLUMNS, form)


def lines(records: Sequence[Mapping[str, Any]], names: Sequence[str], form: Format) -> bytes:
    """Return these columns of records as CSV or NDJSON."""
    if form == "csv":
        return csv_ndjson.csv(records, names)
    return csv_ndjson.ndjson([{name: record[name] for name in names} for record in records])
