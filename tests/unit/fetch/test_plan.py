"""Which expiries a tick requests, within what the exchange tolerates."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chain_fetch.recording.plan import PlannedRequest, plan_requests

DAYS = [date(2026, 6, 23) + timedelta(weeks=week) for week in range(18)]


type Expiries = dict[str, list[date]]
type Situation = tuple[Expiries, int, int]


def chain(symbols: int, expiries: int) -> Expiries:
    return {f"S{number}": DAYS[:expiries] for number in range(symbols)}


def requested(plan: list[PlannedRequest]) -> set[tuple[str, date]]:
    return {(symbol, expiry) for symbol, expiry, _ in plan}


def plan(
    known: Expiries, nearest: int = 2, tick: int = 0, capacity: int = 15
) -> list[PlannedRequest]:
    return plan_requests(known, nearest, tick, capacity)


def requested_in(
    ticks: range, known: Expiries, nearest: int, capacity: int
) -> set[tuple[str, date]]:
    plans = (plan_requests(known, nearest, tick, capacity) for tick in ticks)
    return {found for each in plans for found in requested(each)}


def test_without_symbols_nothing_is_requested() -> None:
    assert plan({}) == []


def test_each_tick_requires_the_nearest_expiries_and_adds_one_further_of_each_symbol() -> None:
    known = {"NIFTY": DAYS, "BANKNIFTY": DAYS[:6], "RELIANCE": DAYS[:2]}
    for tick in range(20):
        required = [each for each in plan(known, tick=tick) if each.required]
        further = [each.symbol for each in plan(known, tick=tick) if not each.required]
        assert requested(required) == {(name, day) for name in known for day in DAYS[:2]}
        assert sorted(further) == ["BANKNIFTY", "NIFTY"]


def test_rotation_requests_every_further_expiry_equally_often() -> None:
    """16 further expiries at 5 seconds: each one comes again after 80."""
    plans = [plan({"NIFTY": DAYS}, tick=tick) for tick in range(16 * 3)]
    counts = Counter(each.expiry for one in plans for each in one if not each.required)
    assert counts == dict.fromkeys(DAYS[2:], 3)


@pytest.mark.parametrize("rotating", [Fraction(19, 15), Fraction(1, 3), Fraction(2), Fraction(0)])
def test_rotation_keeps_its_rate_and_comes_to_every_further_expiry(rotating: Fraction) -> None:
    known = chain(2, 6)
    plans = [plan_requests(known, 2, tick, 15, rotating) for tick in range(90)]
    further = [each for one in plans for each in one if not each.required]
    assert len(further) == 90 * rotating
    assert max(sum(not each.required for each in one) for one in plans) <= ceil(rotating)
    assert len({(each.symbol, each.expiry) for each in further}) == (8 if rotating else 0)


def test_a_symbol_with_fewer_expiries_than_the_nearest_is_requested_whole() -> None:
    expected = [PlannedRequest("IDEA", DAYS[0], required=True)]
    assert plan({"IDEA": DAYS[:1]}, nearest=3, tick=4) == expected


@pytest.mark.parametrize(
    ("capacity", "ranks"),
    [(15, [0, 0, 1, 1, None, None]), (6, [0, 0, 1, 1, None, None]), (4, [0, 0, 1, 1]), (1, [0])],
)
def test_further_expiries_give_way_before_near_ones(capacity: int, ranks: list[int | None]) -> None:
    found = plan(chain(2, 5), capacity=capacity)
    assert [DAYS.index(each.expiry) if each.required else None for each in found] == ranks


def test_symbols_beyond_the_capacity_take_turns_evenly() -> None:
    plans = [plan(chain(10, 1), nearest=1, tick=tick, capacity=3) for tick in range(30)]
    counts = Counter(each.symbol for one in plans for each in one)
    assert counts == dict.fromkeys(chain(10, 1), 9)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    counts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=9))
    known = {f"S{number}": DAYS[:count] for number, count in enumerate(counts)}
    return known, draw(st.integers(1, 4)), draw(st.integers(1, 20))


@given(situations(), st.integers(0, 10**9))
def test_a_plan_keeps_the_capacity_and_repeats_no_request(situation: Situation, tick: int) -> None:
    known, nearest, capacity = situation
    found = plan_requests(known, nearest, tick, capacity)
    assert len(requested(found)) == len(found) <= capacity
    for symbol, expiry, required in found:
        assert expiry in known[symbol]
        assert required == (expiry in known[symbol][:nearest])


@given(situations(), st.integers(0, 10**6))
def test_no_near_expiry_is_starved_by_a_small_capacity(situation: Situation, first: int) -> None:
    """The first symbol's nearest expiry is requested, and every symbol comes first in turn."""
    known = situation[0]
    covered = requested_in(range(first, first + len(known)), *situation)
    assert {(symbol, days[0]) for symbol, days in known.items()} <= covered


@given(situations(), st.integers(0, 10**6))
def test_each_expiry_has_its_turn_if_near_ones_leave_room(situation: Situation, first: int) -> None:
    known, nearest, capacity = situation
    near = sum(len(days[:nearest]) for days in known.values())
    further = [len(days[nearest:]) for days in known.values()]
    assume(near < capacity)
    covered = requested_in(range(first, first + len(known) * max(further) + 1), *situation)
    assert covered == {(symbol, day) for symbol, days in known.items() for day in days}


@given(st.integers(1, 9), st.integers(1, 20), st.integers(0, 10**6))
def test_second_expiries_take_turns_if_not_all_fit(symbols: int, capacity: int, first: int) -> None:
    assume(capacity > symbols)
    known = chain(symbols, 2)
    covered = requested_in(range(first, first + symbols), known, 2, capacity)
    assert covered == {(symbol, day) for symbol, days in known.items() for day in days}
