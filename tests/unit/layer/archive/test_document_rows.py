"""Documents of MongoDB become rows and documents again, exactly."""

from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64, ObjectId
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from optionchain.analytics.document import AnalyticsDocument
from optionchain.archive.columns import ANALYTICS_COLUMNS, COLUMNS, CONTRACT_COLUMNS
from optionchain.archive.document_rows import (
    contract_columns,
    contract_document,
    contract_row,
    decoded,
    document_row,
)
from optionchain.archive.layout import FileKind
from optionchain.mongo.documents import contract_documents, header_document
from tests.support.snapshots import snapshot
from tests.support.strategies import snapshots

_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
_INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([Int64(5), Int64(-(2**31)), Int64(2**31), Int64(2**53 + 1)]),
    st.floats(),
    st.text(),
    st.binary(),
    _INSTANTS,
    st.just(ObjectId("6566" * 6)),
    st.just(Decimal128("24000.05")),
    st.lists(st.text()),
    st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters="\0")), st.floats()),
)
_NAMES = st.sampled_from([*CONTRACT_COLUMNS, "_id", "absent", "extra", "note", "analytics"])


def as_stored(document: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a document as MongoDB gives it back."""
    return bson.decode(bson.encode(document), _AWARE)


def content(document: dict[str, Any]) -> bytes:
    """Return a document's fields without `_id` as BSON, in one order: every bit and type counts."""
    return bson.encode({name: document[name] for name in sorted(document) if name != "_id"})


@given(st.dictionaries(_NAMES, _VALUES))
def test_any_document_of_a_contract_becomes_a_row_and_itself_again(fields: dict[str, Any]) -> None:
    document = as_stored(fields)

    assert content(contract_document(contract_row(document))) == content(document)


@given(st.dictionaries(_NAMES, _VALUES), st.sampled_from(["headers", "ticks", "records"]))
def test_any_other_document_is_whole_in_its_row(fields: dict[str, Any], kind: FileKind) -> None:
    document = as_stored(fields)

    assert content(decoded(document_row(kind, document)["document"])) == content(document)


@given(st.lists(st.dictionaries(_NAMES, _VALUES), max_size=3))
def test_columns_are_those_of_the_rows(documents: list[dict[str, Any]]) -> None:
    assert_columns_of_rows([as_stored(document) for document in documents])


@given(snapshots(), st.dictionaries(_NAMES, _VALUES, max_size=1))
def test_columns_of_snapshots_are_those_of_the_rows(stored: Any, odd: dict[str, Any]) -> None:  # noqa: ANN401
    documents = [as_stored(document) for document in contract_documents(stored)]
    documents.append(documents[0] | odd)

    assert_columns_of_rows([as_stored(document) for document in documents])


def assert_columns_of_rows(documents: list[dict[str, Any]]) -> None:
    rows = [contract_row(document) for document in documents]
    assert {name: list(values) for name, values in contract_columns(documents).items()} == {
        name: [row[name] for row in rows] for name in COLUMNS["contracts"]
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("last_price", float("nan")),
        ("last_price", 2**60),
        ("last_price", True),
        ("bid_qty", True),
        ("newly_listed", 1),
        ("expiry", "24-Nov-2026"),
        ("symbol", 5),
        ("fetched_at", datetime(2026, 11, 27, 4, 0, 0, 1, UTC)),
    ],
)
def test_what_a_column_cannot_hold_exactly_is_null_there(field: str, value: object) -> None:
    document = {**contract_documents(snapshot())[0], field: value}

    assert contract_row(document)[field] is None
    assert contract_columns([document])[field] == [None]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("last_price", 101, 101.0),
        ("strike_price", Int64(24_000), 24_000.0),
        ("bid_qty", Int64(5), 5),
    ],
)
def test_a_number_of_another_type_stands_in_its_column_too(
    field: str, value: int, expected: float
) -> None:
    document = {**contract_documents(snapshot())[0], field: value}

    row = contract_row(document)

    assert (row[field], type(row[field])) == (expected, type(expected))
    assert type(contract_document(row)[field]) is type(value)


def test_analytics_stand_in_a_column_of_their_headers() -> None:
    analytics: Any = {"pcr_oi": 1, "support": 24_000.0, "iv_source": "solved", "reasons": {}}

    row = document_row("headers", {"analytics": analytics})

    assert {name: value for name, value in row["analytics"].items() if value is not None} == {
        "pcr_oi": 1.0,
        "support": 24_000.0,
        "iv_source": "solved",
    }
    assert document_row("headers", {})["analytics"] is None


def test_every_single_value_of_analytics_has_a_column() -> None:
    nested = {"largest_oi", "fastest_oi", "buildup", "reasons"}

    assert list(ANALYTICS_COLUMNS) == [
        name for name in AnalyticsDocument.__annotations__ if name not in nested
    ]


def test_a_large_quantity_stands_in_its_column() -> None:
    document = as_stored({**contract_documents(snapshot())[0], "bid_qty": 2**31})

    assert contract_row(document)["bid_qty"] == 2**31


def test_a_naive_reader_gets_naive_instants_of_what_is_whole() -> None:
    row = document_row("headers", as_stored(header_document(snapshot())))

    assert decoded(row["document"], naive=True)["fetched_at"] == row["fetched_at"].replace(
        tzinfo=None
    )
