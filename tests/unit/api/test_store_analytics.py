"""Where analytics of a snapshot come from: its header, else its contracts, and those once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from chain_api.parameters.columns import FIGURES
from chain_api.rendering.analytics import FLAT_COLUMNS, analytics_members, flat_record
from chain_api.store.analytics import AnalyticsReader
from optionchain.analytics import analytics_of, terms_in
from optionchain.errors import StoreUnavailable
from optionchain.mongo.documents import (
    ContractDocument,
    HeaderDocument,
    contract_documents,
    header_document,
)
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.snapshot import Snapshot
from tests.support.snapshots import INTERVAL, TICK, snapshot

RATE = 6.25


class Contracts:
    """A reader of the contracts of some snapshots, which counts how often it is asked."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self._of = {each.fetched_at: contract_documents(each) for each in snapshots}
        self.asked = 0
        self.away = False

    def contracts(
        self,
        header: HeaderDocument,
        where: Mapping[str, Any] | None = None,
        columns: Sequence[str] | None = None,
    ) -> list[ContractDocument]:
        assert (where, columns) == (None, None), "half a chain has other analytics"
        self.asked += 1
        if self.away:
            raise StoreUnavailable("away")
        return self._of[header["fetched_at"]]


def reader(contracts: Contracts, rate: float = RATE) -> AnalyticsReader:
    return AnalyticsReader(cast("SnapshotReader", contracts), rate)


def test_what_a_header_keeps_is_read_nowhere_else() -> None:
    one, contracts = snapshot(), Contracts()
    header = header_document(one, analytics=analytics_of(one, 5.5))
    of = reader(contracts)
    assert of.of(header) == analytics_of(one, 5.5)
    assert of.terms(header) == terms_in(analytics_of(one, 5.5))
    assert of.rates([header]) == [None]
    assert contracts.asked == 0


def test_of_a_header_that_keeps_none_they_are_derived_at_the_rate_in_force() -> None:
    one = snapshot()
    header, contracts = header_document(one), Contracts(one)
    of = reader(contracts)
    assert of.of(header) == analytics_of(one, RATE)
    assert of.terms(header).rate == RATE
    assert of.rates([header]) == [RATE]
    assert contracts.asked == 1, "derived once, however often they are asked for"


def test_each_header_has_its_own() -> None:
    early, late = snapshot(), snapshot([23900.0], tick=TICK + INTERVAL)
    contracts = Contracts(early, late)
    of = reader(contracts)
    for _ in range(2):
        for each in (early, late):
            assert of.of(header_document(each)) == analytics_of(each, RATE)
    assert contracts.asked == 2


def test_how_many_are_remembered_has_a_bound() -> None:
    many = [snapshot(tick=TICK - number * timedelta(seconds=5)) for number in range(200)]
    contracts = Contracts(*many)
    of = reader(contracts)
    for each in (*many, many[0], many[-1]):
        of.of(header_document(each))
    assert contracts.asked == 201, "the oldest is derived again, the newest is not"


def test_a_database_that_is_away_is_told_and_nothing_is_remembered_of_it() -> None:
    one = snapshot()
    contracts = Contracts(one)
    contracts.away = True
    of = reader(contracts)
    with pytest.raises(StoreUnavailable):
        of.of(header_document(one))
    contracts.away = False
    assert of.of(header_document(one)) == analytics_of(one, RATE)


def test_a_flat_record_has_its_columns_however_little_is_known() -> None:
    empty = Snapshot("NIFTY", snapshot().expiry, TICK, TICK, None, ())
    answer = analytics_members(analytics_of(empty, RATE))
    record = flat_record(header_document(empty), answer)
    assert tuple(record) == FLAT_COLUMNS
    assert [record[name] for name in FIGURES if name != "unpriced_legs"] == [None] * (
        len(FIGURES) - 1
    )
    assert {record[f"largest_oi_calls_{rank}_strike_price"] for rank in (1, 2, 3)} == {None}
