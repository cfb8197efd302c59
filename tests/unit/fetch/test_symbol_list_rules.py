"""Which list of symbols is believed, and what is listed then: laws, and real days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.lists.symbol_list_rules import (
    ListReading,
    SymbolFacts,
    doubt_of,
    has_ended,
    lost,
    new,
    next_list,
)
from chain_fetch.source import SentSymbol
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import Kind

FRIDAY, MONDAY = date(2026, 9, 18), date(2026, 9, 21)
NOW = datetime(2026, 9, 21, 3, tzinfo=UTC)
INDICES = ("NIFTY", "BANKNIFTY")

names = st.integers(0, 40).map(lambda number: f"S{number}")
sent_lists = st.dictionaries(
    st.one_of(names, st.sampled_from(INDICES)),
    st.sampled_from([None, 1, 3]),
    min_size=1,
).map(lambda found: {name: SentSymbol(kind_of(name), count) for name, count in found.items()})


def kind_of(symbol: str) -> Kind:
    return "index" if symbol in INDICES else "stock"


def sent_of(symbols: list[str]) -> dict[str, SentSymbol]:
    return {symbol: SentSymbol(kind_of(symbol)) for symbol in symbols}


def before_of(symbols: list[str], *, lost: tuple[str, ...] = ()) -> SymbolList:
    listed = {symbol: ListedSymbol(symbol, kind_of(symbol), FRIDAY) for symbol in symbols}
    gone = {
        symbol: ListedSymbol(symbol, kind_of(symbol), FRIDAY, lost_since=FRIDAY) for symbol in lost
    }
    return SymbolList(FRIDAY, NOW - timedelta(days=3), "nse", listed | gone)


def stocks(number: int, first: int = 0) -> list[str]:
    return [f"S{each}" for each in range(first, first + number)]


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        (180, stocks(180 + 45)),  # 29 November 2024
        (225, stocks(225 - 16)),  # 28 February 2025
        (200, [*stocks(197), *stocks(4, first=900)]),
        (6, stocks(4)),
    ],
)
def test_what_the_exchange_has_done_is_believed(before: int, sent: list[str]) -> None:
    assert doubt_of(sent_of(["NIFTY", *sent]), before_of(["NIFTY", *stocks(before)])) is None


@pytest.mark.parametrize(
    ("sent", "doubt"),
    [
        ({}, "it has no symbol"),
        (sent_of(["NIFTY"]), "it has no stock"),
        (sent_of(stocks(200)), "it has no index"),
        (sent_of(["NIFTY", *stocks(179)]), "it lacks 21 of 201 symbols: S179, S180, S181"),
        (sent_of(["NIFTY", *stocks(500)]), "it has 501 symbols"),
        (sent_of(["NIFTY", "a b", *stocks(200)]), "it has what is no symbol: 'a b'"),
        (
            sent_of(stocks(200)) | {"NIFTY": SentSymbol("stock"), "X": SentSymbol("index")},
            "another",
        ),
    ],
)
def test_a_list_that_is_cut_or_turned_is_not_believed(
    sent: dict[str, SentSymbol], doubt: str
) -> None:
    told = doubt_of(sent, before_of(["NIFTY", *stocks(200)]))
    assert told is not None
    assert doubt in told


def test_a_first_list_may_be_short_but_lacks_no_kind() -> None:
    assert doubt_of(sent_of(["NIFTY", *stocks(1)]), None) is None
    assert doubt_of(sent_of(["NIFTY"]), None) == "it has no stock"
    assert doubt_of(sent_of(stocks(200)), None) == "it has no index"
    assert doubt_of({}, None) is not None


def test_a_symbol_that_was_lost_before_makes_no_list_doubtful() -> None:
    before = before_of(["NIFTY", *stocks(200)], lost=tuple(stocks(30, first=300)))
    assert doubt_of(sent_of(["NIFTY", *stocks(190)]), before) is None


@given(earlier=sent_lists, sent=sent_lists, ended=st.sets(names), is_first=st.booleans())
def test_every_symbol_is_listed_kept_or_said_to_be_removed(
    earlier: dict[str, SentSymbol],
    sent: dict[str, SentSymbol],
    ended: set[str],
    *,
    is_first: bool,
) -> None:
    before = None if is_first else before_of(list(earlier))
    known = before.symbols if before else {}
    found = next_list(ListReading(MONDAY, NOW, "nse", sent), before, ended, {})
    assert list(found.symbols) == sorted(found.symbols)
    assert found.symbols.keys() | set(found.removed) == known.keys() | (
        sent.keys() - (ended - known.keys())
    )
    assert set(found.removed) == (known.keys() - sent.keys()) & ended
    assert set(found.added) == (set() if is_first else found.symbols.keys() - known.keys())
    for symbol, listed in found.symbols.items():
        assert listed.kind == kind_of(symbol)
        assert listed.lost_since == (None if symbol in sent else MONDAY)
        assert listed.since == (FRIDAY if symbol in known else MONDAY)


@given(sent_lists)
def test_the_same_list_changes_nothing_but_its_day(sent: dict[str, SentSymbol]) -> None:
    first = next_list(ListReading(FRIDAY, NOW, "nse", sent), None, (), {})
    again = next_list(ListReading(MONDAY, NOW, "nse", sent), first, (), {})
    assert doubt_of(sent, first) is None
    assert (again.symbols, again.added, again.removed) == (first.symbols, (), ())


def test_what_the_record_knows_stands_beside_the_list() -> None:
    near, far = MONDAY + timedelta(days=1), MONDAY + timedelta(days=8)
    facts = {"NIFTY": SymbolFacts((FRIDAY, near, far), 9e12), "ACC": SymbolFacts((near,), None)}
    sent = {"NIFTY": SentSymbol("index"), "ACC": SentSymbol("stock", 3), "TCS": SentSymbol("stock")}
    found = next_list(ListReading(MONDAY, NOW, "nse", sent), None, (), facts).symbols
    told = {symbol: (each.expiries, each.traded) for symbol, each in found.items()}
    assert told == {"NIFTY": (2, 9e12), "ACC": (3, None), "TCS": (None, None)}


@pytest.mark.parametrize(
    ("expiries", "trades", "ended"),
    [
        ((MONDAY,), True, False),
        ((MONDAY,), False, True),
        ((FRIDAY,), True, False),
        ((MONDAY,), None, False),
        ((FRIDAY,), None, True),
        ((), None, True),
    ],
)
def test_a_lost_symbol_ends_when_it_does_not_trade(
    expiries: tuple[date, ...], *, trades: bool | None, ended: bool
) -> None:
    assert has_ended(SymbolFacts(expiries), MONDAY, trades=trades) is ended


def test_few_are_asked_about_and_those_lost_take_turns() -> None:
    before = before_of(["NIFTY"], lost=tuple(stocks(12)))
    days = [MONDAY + timedelta(days=number) for number in range(12)]
    asked = [lost(ListReading(day, NOW, "nse", sent_of(["NIFTY"])), before) for day in days]
    assert {len(each) for each in asked} == {5}
    assert {symbol for each in asked[:3] for symbol in each} == set(stocks(12))
    many = sent_of(["NIFTY", *stocks(30)]) | {"ACC": SentSymbol("stock", 3)}
    reading = ListReading(MONDAY, NOW, "nse", many)
    assert (len(new(reading, before_of(["NIFTY"]))), new(reading, None)) == (5, [])
    assert new(reading, before_of(["NIFTY", *stocks(30)])) == [], "the file names the expiries"
