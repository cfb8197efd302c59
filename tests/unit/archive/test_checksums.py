"""A checksum of a column changes with each of its values, and with nothing else."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf
from typing import Any

import pytest
from arro3.core import RecordBatch
from hypothesis import given
from hypothesis import strategies as st

from chain_archive.checksums import column_checksums
from chain_archive.record_batches import record_batch, row_batches
from optionchain.archive.columns import COLUMNS
from optionchain.archive.document_rows import document_row

NOON = datetime(2026, 11, 27, 6, 30, tzinfo=UTC)
# For each type of column: a column of it, and values that differ.
VALUES: dict[str, tuple[Any, ...]] = {
    "last_price": (None, 0.0, -0.0, 0.05, 5e-324, inf),
    "bid_qty": (None, 0, 1, -1, 2**62),
    "fetched_at": (None, NOON, NOON + timedelta(milliseconds=1)),
    "newly_listed": (None, False, True),
    "identifier": (None, "", "null", ",", '"', "M&M_CE_3000.5_24-Nov-2026"),
    "extra": (None, b"", b"\0", b"\0\0"),
}


def batch(name: str, values: Sequence[Any]) -> RecordBatch:
    nulls = [None] * len(values)
    return record_batch("contracts", dict.fromkeys(COLUMNS["contracts"], nulls) | {name: values})


def checksum(name: str, *batches: Sequence[Any]) -> str:
    return column_checksums("contracts", (batch(name, each) for each in batches))[name]


@pytest.mark.parametrize("name", VALUES)
def test_every_column_has_a_checksum_of_its_values_in_their_order(name: str) -> None:
    values = VALUES[name]
    columns = [(), *((value,) for value in values), values, values[::-1], values * 2]
    columns += [tuple(pair) for pair in pairwise((*values, values[0]))]

    assert len({checksum(name, column) for column in columns}) == len(columns)


@given(st.sampled_from(sorted(VALUES)), st.data())
def test_how_rows_are_cut_into_batches_does_not_matter(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.sampled_from(VALUES[name]), max_size=40))
    cut = data.draw(st.integers(0, len(values)))
    end = data.draw(st.integers(cut, len(values)))
    whole = batch(name, values)
    sliced = [whole.slice(0, cut), whole.slice(cut, end - cut), whole.slice(end)]

    assert checksum(name, values[:cut], values[cut:end], values[end:]) == checksum(name, values)
    assert column_checksums("contracts", sliced)[name] == checksum(name, values)


@given(st.lists(st.none() | st.floats(allow_nan=False)), st.data())
def test_one_bit_of_a_double_changes_the_checksum(
    values: list[float | None], data: st.DataObject
) -> None:
    numbers = [place for place, value in enumerate(values) if value is not None]
    if not numbers:
        values, numbers = [*values, 1.5], [len(values)]
    place, bit = data.draw(st.sampled_from(numbers)), data.draw(st.integers(0, 50))
    (whole,) = struct.unpack("<q", struct.pack("<d", values[place]))
    (changed,) = struct.unpack("<d", struct.pack("<q", whole ^ (1 << bit)))
    others = [*values[:place], changed, *values[place + 1 :]]

    assert checksum("last_price", others) != checksum("last_price", values)


@pytest.mark.parametrize(
    "analytics", [None, {}, {"pcr_oi": 1.5}, {"pcr_oi": inf}, {"pcr_volume": 1.5}]
)
def test_the_checksum_of_analytics_tells_each_member(analytics: dict[str, Any] | None) -> None:
    def found(value: dict[str, Any] | None) -> str:
        row = document_row("headers", {} if value is None else {"analytics": value})
        return column_checksums("headers", row_batches("headers", [row]))["analytics"]

    assert found(analytics) == found(analytics) != found({"pcr_oi": 1.25})


@pytest.mark.parametrize("name", COLUMNS["headers"])
def test_how_headers_are_cut_into_batches_does_not_matter(name: str) -> None:
    """A real day has more of them than a batch."""
    ratios = (0.5, None, 2.0, inf, 1.25)
    documents = [{"sources": ["nse"], "analytics": ratio and {"pcr_oi": ratio}} for ratio in ratios]
    (whole,) = row_batches("headers", [document_row("headers", each) for each in documents])
    found = {
        column_checksums("headers", [whole.slice(0, cut), whole.slice(cut)])[name]
        for cut in range(len(ratios) + 1)
    }
    assert len(found) == 1


def test_columns_of_the_same_values_have_checksums_of_their_own() -> None:
    checksums = column_checksums("contracts", [batch("symbol", [None])])

    assert len(set(checksums.values())) == len(COLUMNS["contracts"])
