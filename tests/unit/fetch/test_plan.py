"""Which expiries a tick requests, within what the exchange tolerates."""

from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chain_fetch.recording.ticks.plan import Chain, PlannedRequest, plan_requests, whole_share
from tests.support.snapshots import TICK

DAYS = [date(2026, 6, 23) + timedelta(weeks=week) for week in range(18)]

type Expiries = dict[str, list[date]]
type Situation = tuple[Expiries, int, int]


def chain(symbols: int, expiries: int) -> Expiries:
    return {f"S{number}": DAYS[:expiries] for number in range(symbols)}


def requested(plan: list[PlannedRequest]) -> set[Chain]:
    return {(symbol, expiry) for symbol, expiry, _ in plan}


def plans(
    ticks: int, known: Expiries, nearest: int, capacity: int, rate: Fraction | None = None
) -> list[list[PlannedRequest]]:
    """Return the requests of ticks that follow each other, each symbol in its turn."""
    asked_at: dict[Chain, datetime] = {}
    found = []
    for number in range(ticks):
        tick = TICK + number * timedelta(seconds=5)
        rotating = None if rate is None else whole_share(rate, tick)
        found.append(plan_requests(known, nearest, capacity, rotating, asked_at))
        asked_at |= dict.fromkeys(requested(found[-1]), tick)
    return found


def test_without_symbols_nothing_is_requested() -> None:
    assert plan_requests({}, 2, 15) == []


def test_each_tick_requires_the_nearest_expiries_and_adds_one_further_of_each_symbol() -> None:
    known = {"NIFTY": DAYS, "BANKNIFTY": DAYS[:6], "RELIANCE": DAYS[:2]}
    for plan in plans(20, known, 2, 15):
        required = [each for each in plan if each.required]
        further = [each.symbol for each in plan if not each.required]
        assert requested(required) == {(name, day) for name in known for day in DAYS[:2]}
        assert sorted(further) == ["BANKNIFTY", "NIFTY"]


def test_rotation_requests_every_further_expiry_equally_often() -> None:
    """16 further expiries at 5 seconds: each one comes again after 80."""
    found = plans(16 * 3, {"NIFTY": DAYS}, 2, 15)
    counts = Counter(each.expiry for one in found for each in one if not each.required)
    assert counts == dict.fromkeys(DAYS[2:], 3)


@pytest.mark.parametrize("rotating", [Fraction(19, 15), Fraction(1, 3), Fraction(2), Fraction(0)])
def test_rotation_keeps_its_rate_and_comes_to_every_further_expiry(rotating: Fraction) -> None:
    found = plans(90, chain(2, 6), 2, 15, rotating)
    further = [each for one in found for each in one if not each.required]
    assert abs(len(further) - 90 * rotating) <= 2
    assert max(sum(not each.required for each in one) for one in found) <= rotating + 1
    assert len(requested(further)) == (8 if rotating else 0)


@given(
    st.fractions(0, 5, max_denominator=60),
    st.sampled_from([1, 5, 15, 60, 300]),
    st.integers(0, 10**9),
)
def test_a_rate_holds_whichever_ticks_are_counted(rate: Fraction, step: int, first: int) -> None:
    """A symbol that is read each minute sees one tick in twelve, and has its further ones too."""
    ticks = [datetime.fromtimestamp(first + step * number, TICK.tzinfo) for number in range(240)]
    assert abs(sum(whole_share(rate, tick) for tick in ticks) - 240 * rate) <= 12


def test_a_symbol_with_fewer_expiries_than_the_nearest_is_requested_whole() -> None:
    expected = [PlannedRequest("IDEA", DAYS[0], required=True)]
    assert plan_requests({"IDEA": DAYS[:1]}, 3, 15) == expected


@pytest.mark.parametrize(
    ("capacity", "wanted"),
    [
        (15, "a0 a1 b0 b1 a2 b2"),
        (5, "a0 a1 b0 b1 a2"),
        (4, "a0 a1 b0 b1"),
        (3, "a0 a1 a2"),  # b waits for a tick that has room for both of its nearest
        (2, "a0 a1"),
        (1, "a0"),
        (0, ""),
    ],
)
def test_a_symbol_is_served_whole_and_further_expiries_give_way(capacity: int, wanted: str) -> None:
    found = plan_requests({"a": DAYS[:5], "b": DAYS[:5]}, 2, capacity)
    assert [f"{each.symbol}{DAYS.index(each.expiry)}" for each in found] == wanted.split()
    assert [each.required for each in found] == [int(each[1]) < 2 for each in wanted.split()]


def test_the_nearest_expiries_of_one_symbol_take_turns_if_a_tick_has_no_room_for_all() -> None:
    found = plans(6, {"NIFTY": DAYS}, 3, 2)
    counts = Counter(each.expiry for one in found for each in one)
    assert counts == dict(zip(DAYS, (6, 3, 3), strict=False))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    counts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=9))
    known = {f"S{number}": DAYS[:count] for number, count in enumerate(counts)}
    return known, draw(st.integers(1, 4)), draw(st.integers(1, 20))


@given(situations(), st.none() | st.integers(0, 9))
def test_a_plan_keeps_the_capacity_and_repeats_no_request(
    situation: Situation, rotating: int | None
) -> None:
    known, nearest, capacity = situation
    found = plan_requests(known, nearest, capacity, rotating)
    assert len(requested(found)) == len(found) <= capacity
    served = list(dict.fromkeys(symbol for symbol, _, required in found if required))
    assert served == list(known)[: len(served)]
    for symbol, expiry, required in found:
        assert symbol in served
        assert expiry in known[symbol]
        assert required == (expiry in known[symbol][:nearest])


@given(situations())
def test_each_expiry_has_its_turn_if_near_ones_leave_room(situation: Situation) -> None:
    known, nearest, capacity = situation
    near = sum(len(days[:nearest]) for days in known.values())
    further = [len(days[nearest:]) for days in known.values()]
    assume(near < capacity)
    found = plans(len(known) * max(further) + 1, known, nearest, capacity)
    covered = set[Chain]().union(*map(requested, found))
    assert covered == {(symbol, day) for symbol, days in known.items() for day in days}
