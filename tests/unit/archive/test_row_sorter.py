"""The contracts of a day are put into the order of the archive, each once."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from arro3.core import RecordBatch

from chain_archive import row_sorter
from chain_archive.row_sorter import RowSorter
from optionchain.archive.columns import ORDER
from optionchain.archive.document_rows import contract_document, contract_row
from optionchain.mongo.documents import contract_documents
from tests.support.snapshots import TICK, snapshot

type Document = dict[str, Any]

EXPIRIES = (date(2026, 6, 23), date(2026, 6, 30), date(2026, 7, 28))


def documents(ticks: int = 12) -> Iterator[list[Document]]:
    """Yield the contracts of snapshots: expiries by turns, and strikes that come and go."""
    draw = Random(7)
    for number in range(ticks):
        for expiry in EXPIRIES:
            strikes = [24_000.0 + 50 * step for step in range(8) if draw.random() < 0.7]
            tick = TICK + number * timedelta(minutes=1)
            yield contract_documents(snapshot(strikes, expiry=expiry, tick=tick))  # type: ignore[misc]


def rows_of(batches: Iterator[RecordBatch]) -> list[Document]:
    return [row for batch in batches for row in batch.to_struct_array().to_pylist()]


def in_order(found: list[Document]) -> list[Document]:
    return sorted(found, key=lambda each: [each[name] for name in ORDER["contracts"]])


@pytest.mark.parametrize(
    ("most_pending", "most_sorted"), [(8_192, 131_072), (40, 131_072), (1, 50), (100, 1)]
)
def test_every_document_comes_once_and_in_order(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most_pending: int,
    most_sorted: int,
) -> None:
    monkeypatch.setattr(row_sorter, "_MOST_PENDING", most_pending)
    monkeypatch.setattr(row_sorter, "_MOST_SORTED_AT_ONCE", most_sorted)
    given = list(documents())
    with RowSorter(tmp_path) as sorter:
        for contracts in given:
            sorter.add(contracts)
        rows = rows_of(sorter.batches())
        again = rows_of(sorter.batches())

    expected = in_order([document for contracts in given for document in contracts])
    assert [contract_document(row) for row in rows] == expected
    assert again == rows
    assert sorter.rows == len(expected)


def test_no_batch_has_two_expiries(tmp_path: Path) -> None:
    with RowSorter(tmp_path) as sorter:
        for contracts in documents():
            sorter.add(contracts)
        batches = [batch.column("expiry").to_pylist() for batch in sorter.batches()]

    assert all(len(set(expiries)) == 1 for expiries in batches)
    assert all(earlier[0] <= later[0] for earlier, later in pairwise(batches))


def test_documents_of_earlier_releases_keep_what_they_have(tmp_path: Path) -> None:
    old = [{**each, "strike_price": 24_000} for each in next(documents())]
    odd: list[Document] = [{**old[0], "strike_price": 23_000.5, "note": "by hand"}, *old]
    with RowSorter(tmp_path) as sorter:
        sorter.add(odd)
        rows = rows_of(sorter.batches())

    assert [contract_document(row) for row in rows] == in_order(odd)
    assert rows[0] == contract_row(odd[0])


@pytest.mark.parametrize("side", ["", None])
def test_a_contract_of_an_empty_side_is_sorted_beside_the_others(
    tmp_path: Path, side: str | None
) -> None:
    """Whatever is stored is sealed."""
    given = next(documents(1))
    odd: list[Document] = [{**given[0], "type": side}, *given[1:]]
    with RowSorter(tmp_path) as sorter:
        sorter.add(odd)
        found = [contract_document(row) for row in rows_of(sorter.batches())]

    order = [(each["strike_price"], each["type"] is None, each["type"] or "") for each in found]
    assert order == sorted(order)
    assert len(found) == len(odd)
    assert all(each in found for each in odd)


@pytest.mark.parametrize("change", [lambda tick: tick - timedelta(seconds=1)])
def test_documents_out_of_the_order_of_time_are_refused(
    tmp_path: Path, change: Callable[[Any], Any]
) -> None:
    contracts = next(documents())
    with RowSorter(tmp_path) as sorter:
        sorter.add(contracts)
        sorter.add([{**each, "fetched_at": change(each["fetched_at"])} for each in contracts])
        with pytest.raises(ValueError, match="in the order of time"):
            list(sorter.batches())


def test_no_documents_give_no_batch(tmp_path: Path) -> None:
    with RowSorter(tmp_path) as sorter:
        sorter.add([])
        assert list(sorter.batches()) == []
