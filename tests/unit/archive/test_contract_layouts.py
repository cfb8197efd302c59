"""The values that are taken out of the bytes of documents are those of the documents."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any

import bson
import pytest
from bson import Int64, ObjectId
from hypothesis import given
from hypothesis import strategies as st

from chain_archive.checksums import column_checksums
from chain_archive.contract_batches import ContractBatches
from chain_archive.contract_layouts import ContractLayouts
from chain_archive.record_batches import milliseconds, record_batch
from optionchain.archive.columns import CONTRACT_COLUMNS
from optionchain.archive.document_rows import contract_columns
from optionchain.mongo.documents import contract_documents
from tests.support.snapshots import TICK, snapshot

type Json = dict[str, Any]

MILLISECOND = timedelta(milliseconds=1)
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=12),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "instant": st.integers(0, 4 * 10**12).map(
        lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + ms * MILLISECOND
    ),
    "flag": st.booleans(),
}
STRANGE = st.sampled_from([nan, inf, Int64(5), 2**40, "x", 7, 1.5, [1], {"a": 1}, b"b", True, None])

KEY = ("fetched_at", "strike_price", "type")
CHANGED = st.fixed_dictionaries(
    {},
    optional={
        name: st.none() | PLAIN[column_type]
        for name, column_type in CONTRACT_COLUMNS.items()
        if name not in KEY
    },
)


def documents() -> list[Json]:
    """Return the contracts of two snapshots as they are stored."""
    found: list[Any] = []
    for number in range(2):
        chain = snapshot(
            [24_000.0 + 50 * step for step in range(30)],
            tick=TICK + number * timedelta(minutes=1),
            last_price=None if number else 12.5,
        )
        found += contract_documents(chain)
    return [{"_id": ObjectId(), **each} for each in found]


def array(rows: Sequence[Json]) -> bytes:
    return bson.encode({str(number): row for number, row in enumerate(rows)})


def assert_equal_rows(rows: Sequence[Json]) -> None:
    """Compare what is read of the bytes with what is read of the documents."""
    ticks = {milliseconds(row["fetched_at"]) for row in rows}
    found = ContractBatches().read(array(rows), ticks)
    decoded = list(bson.decode(array(rows)).values())
    expected = record_batch("contracts", contract_columns(decoded))
    assert column_checksums("contracts", [found.rows]) == column_checksums("contracts", [expected])
    assert list(found.legs) == [(row.get("strike_price"), row.get("type")) for row in rows]
    assert list(found.times) == [milliseconds(row["fetched_at"]) for row in rows]


def test_a_chain_has_few_layouts_and_all_its_values() -> None:
    layouts = ContractLayouts()
    assert layouts.columns(array(documents()))
    assert sum(map(len, layouts._by_length.values())) == 4
    assert_equal_rows(documents())


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 99, 100, 101, 1_000, 1_001, 10_001])
def test_any_number_of_documents_is_read(number: int) -> None:
    rows = (documents() * (number // 60 + 1))[:number]
    assert ContractBatches().read(array(rows), {milliseconds(TICK)}).rows.num_rows == sum(
        row["fetched_at"] == TICK for row in rows
    )


@given(st.lists(CHANGED, min_size=3, max_size=3))
def test_documents_of_any_plain_values_are_read_as_they_are(changes: Sequence[Json]) -> None:
    rows = documents()[:3]
    assert_equal_rows([row | change for row, change in zip(rows, changes, strict=True)])


@given(st.lists(st.tuples(st.sampled_from([*CONTRACT_COLUMNS, "unknown"]), STRANGE), max_size=3))
def test_what_is_unknown_goes_the_slow_way_and_loses_nothing(
    changes: Sequence[tuple[str, object]],
) -> None:
    rows = documents()[:3]
    for name, value in changes:
        if name not in KEY:
            rows[1][name] = value
    assert_equal_rows(rows)


def test_a_document_without_a_field_or_in_another_order_loses_nothing() -> None:
    rows = documents()[:3]
    del rows[0]["newly_listed"]
    rows[1] = dict(reversed(rows[1].items()))
    rows[2] |= {"source": "upstox", "settlement_price": 5.0}
    assert_equal_rows(rows)
