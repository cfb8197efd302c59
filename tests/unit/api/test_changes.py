"""The changes of each contract between two snapshots."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.calculations.changes import (
    CHANGE_COLUMNS,
    changes,
    underlying_changes,
    volumes_differ_by,
)
from chain_api.json_types import Answer
from optionchain.mongo.documents import contract_documents, header_document
from tests.support.snapshots import INTERVAL, TICK, snapshot

type Document = dict[str, Any]

MEASURES = ("open_interest", "total_traded_volume", "last_price", "implied_volatility")
VALUES = st.none() | st.integers(0, 10**9).map(lambda paise: paise / 100)
STRIKES = (23950.0, 24000.0, 24050.0)


def stored(*strikes: float, **named: Any) -> list[Document]:  # noqa: ANN401
    return [dict(document) for document in contract_documents(snapshot(strikes, **named))]


def change(name: str, start: float | None, end: float | None, *, same_day: bool = True) -> Answer:
    """Return the change of one measure of a call."""
    (call, _), (later, _) = stored(24000.0, **{name: start}), stored(24000.0, **{name: end})
    (record,) = changes([call], [later], volumes_differ_by=None if same_day else "days_differ")
    assert (record[f"{name}_from"], record[f"{name}_to"]) == (start, end)
    return record


@st.composite
def sparse_chains(draw: st.DrawFn) -> list[Document]:
    """Some contracts of a chain, their numbers with two decimals."""
    present = draw(st.lists(st.booleans(), min_size=6, max_size=6))
    documents = [each for each, there in zip(stored(*STRIKES), present, strict=True) if there]
    return [each | {name: draw(VALUES) for name in MEASURES} for each in documents]


@given(sparse_chains(), sparse_chains(), st.booleans())
def test_each_contract_of_either_chain_comes_once_and_in_order(
    earlier: list[Document], later: list[Document], same_day: bool
) -> None:
    records = changes(earlier, later, volumes_differ_by=None if same_day else "days_differ")
    either = {each["identifier"]: each for each in (*earlier, *later)}
    expected = sorted(either.values(), key=lambda each: (each["strike_price"], each["type"]))
    assert [record["identifier"] for record in records] == [each["identifier"] for each in expected]
    assert all(tuple(record) == CHANGE_COLUMNS for record in records)


@given(sparse_chains(), sparse_chains())
def test_a_change_is_the_difference_in_paise(
    earlier: list[Document], later: list[Document]
) -> None:
    before = {each["identifier"]: each for each in earlier}
    after = {each["identifier"]: each for each in later}
    for record in changes(earlier, later, volumes_differ_by=None):
        for name in MEASURES:
            start = before.get(record["identifier"], {}).get(name)
            end = after.get(record["identifier"], {}).get(name)
            assert (record[f"{name}_from"], record[f"{name}_to"]) == (start, end)
            if start is None or end is None:
                assert record[f"{name}_change"] is None
            else:
                paise = round(end * 100) - round(start * 100)
                assert record[f"{name}_change"] == paise / 100


def test_columns_are_named_by_measure() -> None:
    assert CHANGE_COLUMNS[:7] == (
        *("type", "strike_price", "expiry_date", "identifier"),
        *("open_interest_from", "open_interest_to", "open_interest_change"),
    )
    assert len(CHANGE_COLUMNS) == 16


def test_thirds_of_a_lot_change_by_whole_lots() -> None:
    """The exchange sends such numbers after it has changed the size of a lot."""
    assert change("open_interest", 1757.0 + 2 / 3, 4.0 + 2 / 3)["open_interest_change"] == -1753.0


def test_volumes_of_two_days_are_not_compared() -> None:
    """The counter restarts daily; the other measures do not."""
    record = change("total_traded_volume", 5600.0, 120.0, same_day=False)
    assert [record[f"{name}_change"] for name in MEASURES] == [0.0, None, 0.0, 0.0]


def test_expiries_are_in_order_of_date() -> None:
    june, september = stored(24000.0), stored(23000.0, expiry=date(2026, 9, 1))
    records = changes([*june, *september], [*september], volumes_differ_by=None)
    found = [(record["expiry_date"], record["type"]) for record in records]
    days = ("23-Jun-2026", "01-Sep-2026")
    assert found == [(day, side) for day in days for side in ("CE", "PE")]


def test_volumes_of_two_sources_are_not_compared() -> None:
    """NSE's headers of older versions name no source."""
    old, later, upstox, next_day = (
        header_document(replace(snapshot(tick=TICK + after), source=source))
        for after, source in (
            (timedelta(), "nse"),
            (INTERVAL, "nse"),
            (INTERVAL, "upstox"),
            (timedelta(days=1), "upstox"),
        )
    )
    del old["source"]
    found = [volumes_differ_by(old, each) for each in (later, upstox, next_day)]
    assert found == [None, "sources_differ", "days_differ"]


@pytest.mark.parametrize(
    ("start", "end", "change", "percent", "reason"),
    [
        (24400.0, 24461.05, 61.05, 0.2502, None),
        (24400.0, 24400.0, 0.0, 0.0, None),
        (None, 24400.0, None, None, "not_sent"),
        (24400.0, None, None, None, "not_sent"),
        (0.0, 24400.0, 24400.0, None, "zero_before"),
    ],
)
def test_change_of_the_underlying_that_is_not_known_is_null_with_its_reason(
    start: float | None,
    end: float | None,
    change: float | None,
    percent: float | None,
    reason: str | None,
) -> None:
    earlier, later = (
        header_document(replace(snapshot(), underlying_value=value)) for value in (start, end)
    )
    assert underlying_changes(earlier, later) == {
        "underlying_change": change,
        "underlying_change_percent": percent,
        "underlying_reason": reason,
    }
