"""The lists of symbols: the first of a day counts, and one environment at a time asks for it."""

from datetime import date, timedelta

from optionchain.mongo.symbol_list_register import RejectedList, SymbolListRegister
from optionchain.symbol_list import ListedSymbol, SymbolList
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
