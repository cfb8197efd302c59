"""Analytics that a header lacks are derived once from the contracts of its snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from chain_api.parameters.columns import FIGURES
from chain_api.rendering.analytics import (
    FLAT_COLUMNS,
    STATE_COLUMNS,
    analytics_members,
    flat_record,
)
from chain_api.store.analytics import AnalyticsReader
from optionchain.analytics import analytics_of
from optionchain.errors import StoreUnavailable
from optionchain.mongo.documents import ContractDocument as Contract
from optionchain.mongo.documents import HeaderDocument, contract_documents, header_document
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.snapshot import Snapshot
from tests.support.snapshots import INTERVAL, TICK, snapshot

RATE = 6.25


class Contracts:
    """A reader of the contracts of some snapshots, which counts its reads."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self._of = {each.fetched_at: contract_documents(each) for each in snapshots}
        self.reads = 0
        self.away = False

    def contracts(
        self,
        header: HeaderDocument,
        where: Mapping[str, Any] | None = None,
        columns: Sequence[str] | None = None,
    ) -> list[Contract]:
        assert (where, columns) == (None, None), "half a chain has other analytics"
        self.reads += 1
        if self.away:
            raise StoreUnavailable("away")
        return self._of[header["fetched_at"]]


def reader(contracts: Contracts) -> AnalyticsReader:
    return AnalyticsReader(cast("SnapshotReader", contracts), RATE)


def test_each_header_has_its_own_analytics() -> None:
    early, late = snapshot(), snapshot([23900.0], tick=TICK + INTERVAL)
    contracts = Contracts(early, late)
    of = reader(contracts)
    for _ in range(2):
        for each in (early, late):
            assert of.of(header_document(each)) == analytics_of(each, RATE)
    assert contracts.reads == 2


def test_those_of_the_exchange_are_derived_at_the_rate_that_is_kept() -> None:
    one = snapshot(implied_volatility=20.0)
    kept = header_document(one, analytics=analytics_of(one, 1.5))
    contracts = Contracts(one)
    of = reader(contracts)
    for _ in range(2):
        assert of.of(kept, "exchange") == analytics_of(one, 1.5, iv_source="exchange")
        assert of.of(kept) == kept["analytics"]
        assert of.terms(kept, "exchange") == of.terms(kept)._replace(iv_source="exchange")
    assert contracts.reads == 1
    without = header_document(one)
    assert of.of(without, "exchange") != of.of(kept, "exchange")


def test_derived_analytics_are_cached_up_to_a_bound() -> None:
    many = [snapshot(tick=TICK - number * INTERVAL) for number in range(200)]
    contracts = Contracts(*many)
    of = reader(contracts)
    for each in (*many, many[0], many[-1]):
        of.of(header_document(each))
    assert contracts.reads == 201, "the oldest is derived again, the newest is not"


def test_the_error_of_a_database_that_is_away_is_not_cached() -> None:
    one = snapshot()
    contracts = Contracts(one)
    contracts.away = True
    of = reader(contracts)
    with pytest.raises(StoreUnavailable):
        of.of(header_document(one))
    contracts.away = False
    assert of.of(header_document(one)) == analytics_of(one, RATE)


def test_a_flat_record_of_an_empty_snapshot_has_all_columns() -> None:
    empty = Snapshot("NIFTY", snapshot().expiry, TICK, TICK, None, ())
    answer = analytics_members(header_document(empty), analytics_of(empty, RATE))
    told = dict.fromkeys(STATE_COLUMNS)
    record = flat_record(header_document(empty), answer) | told
    assert tuple(record) == FLAT_COLUMNS
    ranked = [f"largest_oi_calls_{rank}_strike_price" for rank in (1, 2, 3)]
    counts = {"unpriced_legs", "newly_listed"}
    assert {record[name] for name in {*FIGURES, *ranked} - counts} == {None}


def test_analytics_of_a_stamp_of_the_future_are_derived_at_the_tick() -> None:
    """An older recorder derived them with a time to expiry that is not true."""
    lie = snapshot(stamp=TICK + timedelta(days=1))
    header = header_document(lie, analytics=analytics_of(lie, RATE))
    of = reader(Contracts(lie))
    assert of.rates([header]) == [RATE]
    assert of.of(header) == analytics_of(replace(lie, exchange_timestamp=TICK), RATE)
    assert of.terms(header).days_to_expiry > 4
