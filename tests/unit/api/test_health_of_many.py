"""GET /health of hundreds of symbols: how many are affected, and the worst ten by name."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chain_api.calculations.health_summary import (
    MOST_NAMED,
    TierHealth,
    counted,
    shortened,
    status_of,
    worst_outcomes,
)
from chain_api.dependencies import over
from chain_api.endpoints.health import current_health, health_without_database
from optionchain.errors import StoreUnavailable
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from optionchain.symbol_list import SymbolList
from optionchain.symbol_selection import Tier
from tests.support.api import NOW, client, commit
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock

MINUTE = timedelta(minutes=1)
INDICES = tuple(f"I{number}" for number in range(5))
STOCKS = tuple(f"S{number:02}" for number in range(40))
SETTINGS = Settings(
    nse_symbols=(*INDICES, *STOCKS), nse_tiers=tuple(Tier(name, 5) for name in INDICES)
)


def recorded(old: Iterable[str] = (), absent: Iterable[str] = ()) -> AnyDatabase:
    """Return a database with a snapshot of each symbol; `old` ones are minutes old."""
    database = memory_database()
    for number, symbol in enumerate(SETTINGS.nse_symbols):
        tick = TICK - (5 * MINUTE + number * INTERVAL if symbol in set(old) else 0 * MINUTE)
        if symbol not in set(absent):
            commit(database, snapshot((24_000.0,), symbol=symbol, tick=tick, stamp=tick))
    return database


def health(
    database: AnyDatabase, settings: Settings = SETTINGS, status: int = 200
) -> dict[str, Any]:
    response = client(database, settings=settings).get("/health")
    assert response.status_code == status
    body: dict[str, Any] = response.json()
    return body


@pytest.mark.parametrize(
    ("affected", "symbols", "expected"),
    [
        (0, 208, "healthy"),
        (1, 208, "degraded"),
        (20, 208, "degraded"),
        (21, 208, "unhealthy"),
        (1, 11, "degraded"),
        (1, 10, "unhealthy"),
        (1, 1, "unhealthy"),
    ],
)
def test_a_tenth_of_a_tier_makes_the_service_unhealthy(
    affected: int, symbols: int, expected: str
) -> None:
    stocks, indices = TierHealth("STOCKS", MINUTE, symbols, affected), ("INDICES", MINUTE, 5, 0)
    rows = [{"code": "not_confirmed", "symbol": f"S{number}"} for number in range(affected)]
    assert status_of(rows, [TierHealth(*indices), stocks]) == expected
    assert status_of([*rows, {"code": "stopped"}], [stocks]) == "unhealthy"


def test_one_old_stock_degrades_the_service_and_is_named() -> None:
    body = health(recorded(old=["S07"]))
    assert (body["status"], body["total_symbols"], body["symbols_affected"]) == ("degraded", 45, 1)
    assert [reason["symbol"] for reason in body["reasons"]] == ["S07"]
    tiers = {tier["tier"]: (tier["symbols"], tier["affected"]) for tier in body["tiers"]}
    assert tiers == dict.fromkeys(INDICES, (1, 0)) | {"BASE": (40, 1)}


def test_one_old_index_makes_the_service_unhealthy() -> None:
    assert health(recorded(old=["I3"]), status=503)["status"] == "unhealthy"


def test_of_many_symbols_the_ten_oldest_are_named_and_all_are_counted() -> None:
    body = health(recorded(old=STOCKS[:30], absent=["S39"]), status=503)
    named = [reason["symbol"] for reason in body["reasons"]]
    # The ages grow with the number of the stock, and what was never recorded is the worst.
    assert named == [*STOCKS[20:30], "S39"]
    assert body["reason_counts"] == {"not_confirmed": 30, "no_data": 1}
    assert body["symbols_affected"] == 31


def test_a_symbol_is_judged_by_its_own_interval() -> None:
    slow = Settings(nse_symbols=("I0", "S01"), nse_tiers=(Tier("S01", 60),))
    database = memory_database()
    for symbol in slow.nse_symbols:
        at = TICK - 2 * MINUTE
        commit(database, snapshot((24_000.0,), symbol=symbol, tick=at, stamp=at))
    body = health(database, slow, 503)
    assert [(each["code"], each["symbol"]) for each in body["reasons"]] == [("not_confirmed", "I0")]
    assert {tier["tier"]: tier["period_seconds"] for tier in body["tiers"]} == {
        "BASE": 5,
        "S01": 60,
    }
    assert body["interval_seconds"] == 60


def test_of_many_last_outcomes_the_worst_ten_are_told() -> None:
    database, ledger = recorded(), TickLedger
    for number, symbol in enumerate(SETTINGS.nse_symbols):
        outcome = "failed" if symbol in ("S05", "S06") else "stored"
        ledger(database).record(symbol, TICK - number * INTERVAL, {"outcome": outcome})
    body = health(database)
    assert body["outcome_counts"] == {"stored": 43, "failed": 2}
    assert list(body["last_outcomes"]) == ["S05", "S06", *STOCKS[-8:]]


def test_notices_of_many_symbols_are_counted_too() -> None:
    database = recorded()
    for symbol in STOCKS[:15]:
        yesterday = TICK - timedelta(days=1)
        ListingRegister(database).write(Listing(symbol, (EXPIRY,), yesterday, yesterday))
    body = health(database)
    assert (body["status"], body["notice_counts"]) == ("healthy", {"list_not_read": 15})
    assert [notice["symbol"] for notice in body["notices"]] == list(STOCKS[:MOST_NAMED])


def test_few_reasons_are_all_kept_in_their_order() -> None:
    rows = [{"code": code, "symbol": f"S{number}"} for number in range(10) for code in ("a", "b")]
    assert shortened(rows) == rows
    assert counted(rows) == {"a": 10, "b": 10}
    outcomes = {f"S{number}": {"outcome": "stored", "tick": NOW} for number in range(10)}
    assert worst_outcomes(outcomes) == outcomes


class AwayRegister(SymbolListRegister):
    """Lists of symbols in a database that does not answer; counts how often it is asked."""

    asked = 0

    def in_force(self, day: date) -> SymbolList | None:
        self.asked += 1
        raise StoreUnavailable(f"no answer about {day}")


def test_a_database_that_is_away_is_waited_for_once() -> None:
    settings, database = Settings(nse_symbols=("ALL",)), memory_database()
    register = AwayRegister(database)
    directory = SymbolDirectory(settings, register, lambda: NOW)
    deps = replace(over(database, settings, lambda: NOW), symbols=directory)
    with pytest.raises(StoreUnavailable) as error:
        current_health(deps)
    assert health_without_database(deps, error.value)["interval_seconds"] is None
    assert register.asked == 1
