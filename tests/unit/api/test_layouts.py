"""The three layouts of a chain have the same numbers by side, by strike and by column."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.json_types import Answer
from chain_api.rendering.layouts import ALL_COLUMNS, columns, columns_of, rows, sides
from optionchain.mongo.documents import contract_documents
from tests.support.api import few_examples
from tests.support.snapshots import snapshot
from tests.support.strategies import snapshots

type Document = dict[str, Any]

NAMES = ("strike_price", "last_price", "fetched_at")
NEXT = date(2026, 6, 30)


def stored(*strikes: float, **named: Any) -> list[Document]:  # noqa: ANN401
    """Return a chain's documents, both sides at each strike."""
    return [dict(document) for document in contract_documents(snapshot(strikes, **named))]


def chain() -> list[Document]:
    """Return two expiries with one strike in common, and with a strike without its put."""
    return [*stored(24000.0, 24050.0)[:3], *stored(24050.0, 24100.0, expiry=NEXT)]


@st.composite
def chains(draw: st.DrawFn) -> list[Document]:
    """Documents of one or several expiries, in order."""
    drawn = draw(st.lists(snapshots(), max_size=3, unique_by=lambda each: each.expiry))
    drawn.sort(key=lambda each: each.expiry)
    return [dict(document) for each in drawn for document in contract_documents(each)]


def in_order(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda each: (each["expiry"], each["strike_price"], each["type"]))


@few_examples()
@given(chains(), st.lists(st.sampled_from(ALL_COLUMNS), min_size=1, unique=True))
def test_every_layout_has_the_named_columns_of_every_contract(
    documents: list[Document], names: list[str]
) -> None:
    by_side, by_strike, by_column = (lay(documents, None) for lay in (sides, rows, columns))
    assert in_order(by_side["calls"] + by_side["puts"]) == documents
    legs = [row[side] for row in by_strike["rows"] for side in ("call", "put")]
    assert [leg for leg in legs if leg is not None] == documents
    values = by_column["columns"]
    found = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    assert found == documents

    strikes = {(document["expiry"], document["strike_price"]) for document in documents}
    named = [{name: document[name] for name in names} for document in documents]
    calls = [each for each, whole in zip(named, documents, strict=True) if whole["type"] == "CE"]
    puts = [each for each, whole in zip(named, documents, strict=True) if whole["type"] == "PE"]
    wholes, layouts = [by_side, by_strike, by_column], (sides, rows, columns)
    by_side, by_strike, by_column = (lay(documents, names) for lay in layouts)
    assert (by_side["calls"], by_side["puts"]) == (calls, puts)
    assert [row["call"] for row in by_strike["rows"] if row["call"]] == calls
    assert [row["put"] for row in by_strike["rows"] if row["put"]] == puts
    assert all(list(each) == names for each in (*by_side["calls"], *by_side["puts"]))
    assert list(by_column["columns"]) == names
    assert by_column["columns"] == {name: [each[name] for each in named] for name in names}
    for answer in (*wholes, by_side, by_strike, by_column):
        assert (answer["total_calls"], answer["total_puts"]) == (len(calls), len(puts))
    assert by_strike["total_rows"] == len(by_strike["rows"]) == len(strikes)


def test_whole_documents_are_not_copied() -> None:
    documents = chain()
    answer = sides(documents, None)
    shown = in_order(answer["calls"] + answer["puts"])
    assert all(one is other for one, other in zip(shown, documents, strict=True))


def test_totals_come_first() -> None:
    assert list(sides(chain(), NAMES)) == ["total_calls", "total_puts", "calls", "puts"]


def test_a_row_is_a_strike_with_its_call_and_its_put() -> None:
    call, put = stored(24000.0)
    row = {"expiry_date": "23-Jun-2026", "strike_price": 24000.0, "call": call, "put": put}
    totals = {"total_calls": 1, "total_puts": 1, "total_rows": 1}
    assert rows([call, put], None) == totals | {"rows": [row]}


def test_a_missing_side_is_null() -> None:
    (call, put), (_, later) = stored(24000.0), stored(24000.0, expiry=NEXT)
    first, second = rows([call, later], None)["rows"]
    assert (first["call"], first["put"], second["call"], second["put"]) == (call, None, None, later)
    (row,) = rows([put], ["last_price"])["rows"]
    assert (row["call"], row["put"]) == (None, {"last_price": 101.35})


def test_one_strike_of_two_expiries_is_two_rows() -> None:
    found = [(row["expiry_date"][:2], row["strike_price"]) for row in rows(chain(), NAMES)["rows"]]
    assert found == [("23", 24000.0), ("23", 24050.0), ("30", 24050.0), ("30", 24100.0)]


@pytest.mark.parametrize("names", [None, NAMES, ()])
def test_columns_of_no_documents_are_empty(names: tuple[str, ...] | None) -> None:
    expected = {name: list[Any]() for name in (ALL_COLUMNS if names is None else names)}
    assert columns([], names) == {"total_calls": 0, "total_puts": 0, "columns": expected}


def test_all_columns_are_those_of_the_documents() -> None:
    assert columns_of(chain(), None) == ALL_COLUMNS == columns_of([], None)
    assert (ALL_COLUMNS[0], len(ALL_COLUMNS)) == ("symbol", 26)


@pytest.mark.parametrize("lay", [sides, rows, columns])
def test_a_field_that_was_not_read_is_an_error(lay: Any) -> None:  # noqa: ANN401
    (call, _) = stored(24000.0)
    del call["last_price"]
    with pytest.raises(KeyError, match="last_price"):
        lay([call], NAMES)


def test_documents_need_no_other_fields_than_the_named_ones() -> None:
    fields = ("type", "strike_price", "expiry_date", "last_price")
    documents = [{name: document[name] for name in fields} for document in chain()]
    found: list[Answer] = rows(documents, ["last_price"])["rows"]
    assert found[0]["call"] == {"last_price": 101.35}
    assert list(columns(documents, None)["columns"]) == list(fields)
