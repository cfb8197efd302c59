"""The lists of symbols: the first of a day counts, and one environment at a time asks for it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from optionchain.errors import StoreUnavailable
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import RejectedList, SymbolListRegister
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
NIFTY = ListedSymbol("NIFTY", "index", FRIDAY, expiries=18, traded=9.5e12)
LOST = ListedSymbol("IDEA", "stock", FRIDAY, lost_since=MONDAY)
PAUSE = timedelta(minutes=1)


def a_list(day: date, *listed: ListedSymbol, source: str = "nse") -> SymbolList:
    return SymbolList(day, TICK, source, {each.symbol: each for each in listed}, ("NIFTY",), ("X",))


def test_a_list_holds_from_its_day_on_until_a_later_one(database: AnyDatabase) -> None:
    register = SymbolListRegister(database)
    assert register.in_force(MONDAY) is None
    friday, monday = a_list(FRIDAY, NIFTY), a_list(MONDAY, NIFTY, LOST)
    assert register.write(friday)
    assert register.write(monday)
    found = [register.in_force(FRIDAY + timedelta(days=days)) for days in (-1, 0, 1, 3, 300)]
    assert found == [None, friday, friday, monday, monday]


def test_the_first_list_of_a_day_counts(database: AnyDatabase) -> None:
    register = SymbolListRegister(database)
    assert register.write(a_list(FRIDAY, NIFTY))
    assert not register.write(a_list(FRIDAY, LOST, source="upstox"))
    assert register.in_force(FRIDAY) == a_list(FRIDAY, NIFTY)


def test_one_environment_asks_within_a_pause(database: AnyDatabase) -> None:
    register = SymbolListRegister(database)
    turns = [register.claim_reading(TICK + seconds * PAUSE, PAUSE) for seconds in (0, 0, 0.9, 1)]
    assert turns == [True, False, False, True]
    assert register.claim_reading(TICK, PAUSE), "a clock that was set back stops nobody"


def test_a_list_that_is_not_believed_is_remembered_until_one_is(database: AnyDatabase) -> None:
    register = SymbolListRegister(database)
    rejected = RejectedList(TICK, "nse", "it has no symbol")
    assert register.rejected() is None
    register.reject(rejected)
    register.claim_reading(TICK, PAUSE)
    assert register.rejected() == rejected
    assert register.in_force(MONDAY) is None
    register.write(a_list(FRIDAY, NIFTY))
    assert register.rejected() is None
    assert not register.claim_reading(TICK, PAUSE)


def test_of_environments_that_ask_at_one_moment_one_has_the_turn(
    real_database: AnyDatabase,
) -> None:
    register = SymbolListRegister(real_database)
    with ThreadPoolExecutor(8) as pool:
        for minute in range(5):
            at = [TICK + minute * PAUSE] * 8
            assert sum(pool.map(register.claim_reading, at, [PAUSE] * 8)) == 1


def test_a_plan_is_kept_for_half_a_minute_and_while_the_database_is_away(
    database: AnyDatabase,
) -> None:
    clock, shaky = SimulatedClock(TICK), ShakyDatabase(database)
    register = SymbolListRegister(shaky)
    directory = SymbolDirectory(Settings(nse_symbols=("ALL",)), register, clock.now)
    assert directory.plan().symbols == ()
    register.write(a_list(FRIDAY, NIFTY))
    clock.sleep(29)
    assert directory.plan().symbols == ()
    clock.sleep(1)
    assert directory.plan().symbols == directory.at_hand().symbols == ("NIFTY",)
    shaky.away = True
    clock.sleep(60)
    assert directory.plan().symbols == ("NIFTY",)
    other = SymbolDirectory(Settings(nse_symbols=("ALL", "TCS")), register, clock.now)
    assert other.at_hand().symbols == ("TCS",), "what is named needs no list"
    with pytest.raises(StoreUnavailable):
        other.plan()
