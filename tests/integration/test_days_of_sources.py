"""A simulated day through each source gives the same chains, except what a vendor does not send."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

import pytest

from local.nse_simulator.v3_format import SIDES
from local.run.simulated_day import record_day
from local.run.vendors import VENDORS
from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import SNAPSHOTS, TICKS
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.settings import SecretStr, Settings
from optionchain.snapshot import Side
from tests.support.settings import changed
from tests.support.simulated_day import WEDNESDAY, SimulatedDay

MORNING = datetime(2026, 9, 17, 9, 18, tzinfo=IST)
SPELLS = (
    (time(9, 12), time(9, 20)),
    (time(15, 27), time(15, 33)),
    (time(15, 38), time(15, 48)),
    (time(19, 44), time(19, 50)),
)
DERIVED = {"change_in_oi", "pchange_in_oi", "change", "pchange"}
NOT_SENT = {"exchange_timestamp", "total_buy_qty", "total_sell_qty"}
# What the recorder makes of the time stamps and changes that a vendor does not send.
FOLLOWS = {"iv_as_of", "newly_listed", "traded_at"}

type Document = Mapping[str, Any]
type Leg = tuple[float, Side]


@dataclass(frozen=True)
class Recorded:
    """A recorded day: its ticks, its headers by expiry and tick, and the contracts of each."""

    ticks: Sequence[Document]
    headers: dict[tuple[date, datetime], Any]
    contracts: Mapping[tuple[date, datetime], Mapping[Leg, Any]]


def recorded(shared: Settings, source: str) -> Recorded:
    tokens = {source: VENDORS[source].token(MORNING)} if source in VENDORS else {}
    settings = changed(
        shared,
        mongodb_database=f"day_of_{source}",
        nse_symbols=("NIFTY",),
        nse_expiries=1,
        market_hours="exchange",
        source=(source,),
        source_tokens=SecretStr(json.dumps(tokens)),
        log_level="ERROR",
    )
    record_day(settings, WEDNESDAY, MORNING, spells=SPELLS)
    database = open_database(settings)
    try:
        headers: dict[tuple[date, datetime], Any] = {
            (each["expiry"].date(), each["fetched_at"]): each for each in database[SNAPSHOTS].find()
        }
        reader = SnapshotReader(database)
        contracts = {
            key: {(each["strike_price"], each["type"]): each for each in reader.contracts(header)}
            for key, header in headers.items()
        }
        ticks = list(database[TICKS].find(sort=[("tick", 1)]))
        return Recorded(ticks, headers, contracts)
    finally:
        database.client.drop_database(database.name)
        database.client.close()


@pytest.fixture(scope="module")
def day_of_nse(shared_settings: Settings) -> Recorded:
    return recorded(shared_settings, "nse")


@pytest.fixture(scope="module", params=list(VENDORS))
def vendor(request: pytest.FixtureRequest, shared_settings: Settings) -> tuple[str, Recorded]:
    return request.param, recorded(shared_settings, request.param)


type Vendor = tuple[str, Recorded]


def pairs(nse: Recorded, other: Recorded) -> Iterator[tuple[Document, Document]]:
    """Yield each contract of the exchange's day with the vendor's."""
    for key, contracts in nse.contracts.items():
        for leg, contract in contracts.items():
            yield contract, other.contracts[key][leg]


def test_each_tick_is_stored_from_each_source(day_of_nse: Recorded, vendor: Vendor) -> None:
    name, day = vendor
    told = [(tick["tick"], tick["outcome"]) for tick in day.ticks]
    assert told == [(tick["tick"], tick["outcome"]) for tick in day_of_nse.ticks]
    assert {tick["source"] for tick in day.ticks} == {name}
    assert len(told) > 15


def test_the_same_contracts_are_stored_at_the_same_ticks(
    day_of_nse: Recorded, vendor: Vendor
) -> None:
    name, day = vendor
    assert day.headers.keys() == day_of_nse.headers.keys()
    for key, header in day_of_nse.headers.items():
        assert day.contracts[key].keys() == day_of_nse.contracts[key].keys()
        other = day.headers[key]
        assert (other["underlying_value"], other["settled"]) == (
            header["underlying_value"],
            header["settled"],
        )
        assert (other["source"], other["exchange_timestamp"]) == (name, None)
        assert set(other["derived"]) == DERIVED
        assert other["lot_size"] == 65


def test_every_sent_number_is_the_same(day_of_nse: Recorded, vendor: Vendor) -> None:
    _, day = vendor
    compared = 0
    own = {"_id", "source", *NOT_SENT, *DERIVED, *FOLLOWS}
    for contract, other in pairs(day_of_nse, day):
        for field in contract.keys() - own:
            assert other[field] == contract[field], (field, contract, other)
            compared += 1
    assert compared > 50_000


def test_what_is_not_sent_is_null(day_of_nse: Recorded, vendor: Vendor) -> None:
    _, day = vendor
    for contract, other in pairs(day_of_nse, day):
        assert {other[field] for field in NOT_SENT} == {None}
        assert contract["exchange_timestamp"] is not None


@cache
def listed_before(day: date, expiry: date) -> Collection[tuple[float, str]]:
    """The contracts that were listed on the trading day before."""
    rows = SimulatedDay(day).before.body("15:40", expiry)["records"]["data"]
    return {(row["strikePrice"], side) for row in rows for side in SIDES if row[side]["identifier"]}


def is_new(contract: Document) -> bool:
    day, expiry = exchange_date(contract["fetched_at"]), contract["expiry"].date()
    return (contract["strike_price"], contract["type"]) not in listed_before(day, expiry)


def test_a_derived_change_is_the_exchange_s_own(day_of_nse: Recorded, vendor: Vendor) -> None:
    """Of a contract with nothing the day before, the exchange says 0, and a difference says all."""
    _, day = vendor
    of_prices = of_interest = 0
    for contract, other in pairs(day_of_nse, day):
        interest, change = contract["open_interest"], contract["change_in_oi"]
        if is_new(contract) or interest == change:
            assert other["change_in_oi"] in {None, interest}
        else:
            assert other["change_in_oi"] == change
            assert other["pchange_in_oi"] == pytest.approx(contract["pchange_in_oi"])
            of_interest += 1
        for field in ("change", "pchange"):
            if contract["total_traded_volume"] or other[field] is not None:
                assert other[field] == (contract[field] and pytest.approx(contract[field]))
                of_prices += 1
    assert min(of_interest, of_prices) > 2_000
