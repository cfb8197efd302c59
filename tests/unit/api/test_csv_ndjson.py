"""CSV and newline-delimited JSON are read back without loss."""

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.rendering import csv_ndjson as tables
from chain_api.rendering import layouts
from chain_api.rendering.layouts import ALL_COLUMNS
from optionchain.mongo.documents import contract_documents
from optionchain.snapshot import Snapshot
from tests.support.api import few_examples
from tests.support.snapshots import TICK, snapshot
from tests.support.strategies import snapshots

type Document = dict[str, Any]

INSTANTS = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**12), 10**12)
VALUES = {
    "text": st.none() | st.text(),
    "number": st.none() | NUMBERS,
    "flag": st.none() | st.booleans(),
    "instant": st.none() | INSTANTS,
    "any": st.none() | st.text() | NUMBERS | st.booleans() | INSTANTS,
}


def stored(*strikes: float, **named: Any) -> list[Document]:  # noqa: ANN401
    return [dict(document) for document in contract_documents(snapshot(strikes, **named))]


def as_json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def field(value: object) -> str:
    """Return a value as a field of CSV without its quotes: as in JSON, but for three types."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else as_json(value).strip('"')


def read(content: bytes) -> list[Document]:
    """Return the records that pandas reads with its defaults; NaN becomes None."""
    frame = pd.read_csv(BytesIO(content))
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


SHARED = ("symbol", "fetched_at", "underlying_value", "expiry", "exchange_timestamp")
OWN = [name for name in ALL_COLUMNS if name not in (*SHARED, "type", "expiry_date", "strike_price")]


@few_examples()
@given(snapshots())
def test_every_number_of_a_chain_is_in_every_format(chain: Snapshot) -> None:
    documents = contract_documents(chain)
    written = [orjson.loads(as_json(each)) for each in documents]
    assert read(tables.csv(documents, ALL_COLUMNS)) == written
    lines = tables.ndjson(documents)
    assert lines.endswith(b"\n")
    assert lines.decode().split("\n")[:-1] == [as_json(document) for document in documents]
    records, names = tables.wide_rows(documents, None)
    for record, row in zip(records, layouts.rows(documents, None)["rows"], strict=True):
        assert tuple(record) == names
        for side in ("call", "put"):
            for name in OWN:
                assert record[f"{side}_{name}"] == (row[side] and row[side][name])
        for name in ("expiry_date", "strike_price", *SHARED):
            assert record[name] == (row["call"] or row["put"])[name]


@few_examples()
@given(st.lists(st.fixed_dictionaries(VALUES), max_size=5))
def test_every_value_is_one_field(records: list[Document]) -> None:
    content = tables.csv(records, [*VALUES]).decode()
    lines = list(csv.reader(StringIO(content, newline=""), strict=True))
    assert lines == [[*VALUES], *([field(record[name]) for name in VALUES] for record in records)]


def test_a_line_has_the_named_columns_in_that_order() -> None:
    documents = stored(24000.0, symbol="M&M", last_price=None)
    names = ["strike_price", "symbol", "type", "last_price", "bid_qty", "fetched_at"]
    assert tables.csv(documents, names) == (
        b"strike_price,symbol,type,last_price,bid_qty,fetched_at\r\n"
        b"24000.0,M&M,CE,,75,2026-06-19T09:32:25Z\r\n"
        b"24000.0,M&M,PE,,75,2026-06-19T09:32:25Z\r\n"
    )


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), (True, "true"), (False, "false"), (0, "0"), (0.1, "0.1"), (1e22, "1e+22"),
    (2 / 3, "0.6666666666666666"),
    ("M&M", "M&M"),
    ('a "b", c', '"a ""b"", c"'),
    (TICK, "2026-06-19T09:32:25Z"),
    (TICK.replace(microsecond=1500), "2026-06-19T09:32:25.001500Z"),
    (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
])  # fmt: skip
def test_values_are_written_as_in_json(value: object, text: str) -> None:
    assert tables.csv([{"a": value, "b": 1}], ["a", "b"]).decode() == f"a,b\r\n{text},1\r\n"


def test_a_line_with_one_null_is_not_empty() -> None:
    """Readers skip empty lines."""
    records: list[Document] = [{"last_price": None}, {"last_price": 0.05}]
    assert read(tables.csv(records, ["last_price"])) == records


def test_no_records_make_a_header_line_in_csv_and_nothing_in_ndjson() -> None:
    assert tables.csv([], ALL_COLUMNS).decode() == ",".join(ALL_COLUMNS) + "\r\n"
    assert tables.ndjson([]) == b""


def test_a_field_that_was_not_read_is_an_error() -> None:
    with pytest.raises(KeyError, match="last_price"):
        tables.csv([{"symbol": "NIFTY"}], ["symbol", "last_price"])


@pytest.mark.parametrize("documents", [[], stored(24000.0)], ids=["none", "some"])
def test_the_strike_is_between_its_call_and_its_put(documents: list[Document]) -> None:
    _, names = tables.wide_rows(documents, None)
    assert names == (
        *(f"call_{name}" for name in OWN),
        *("expiry_date", "strike_price", *SHARED),
        *(f"put_{name}" for name in OWN),
    )


def test_the_named_columns_are_on_both_sides_in_that_order() -> None:
    records, names = tables.wide_rows(
        stored(24000.0), ["type", "underlying_value", "last_price", "strike_price", "bid_qty"]
    )
    assert records == [
        {
            "call_last_price": 101.35,
            "call_bid_qty": 75,
            "expiry_date": "23-Jun-2026",
            "strike_price": 24000.0,
            "underlying_value": 24013.1,
            "put_last_price": 101.35,
            "put_bid_qty": 75,
        }
    ]
    assert names == tuple(records[0])
