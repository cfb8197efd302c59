"""Which expiries a tick reads, within what the exchange tolerates."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from chain_fetch.recording.plan import PlannedRequest, plan_requests

DAYS = [date(2026, 6, 23) + timedelta(weeks=week) for week in range(18)]
ROOMY = 15


def chain(symbols: int, expiries: int) -> dict[str, list[date]]:
    return {f"S{number}": DAYS[:expiries] for number in range(symbols)}


def read(plan: list[PlannedRequest]) -> set[tuple[str, date]]:
    return {(symbol, expiry) for symbol, expiry, _ in plan}


def test_nothing_is_read_of_no_symbol() -> None:
    assert plan_requests({}, nearest=2, tick_number=7, capacity=ROOMY) == []


def test_the_nearest_expiries_are_required_at_every_tick() -> None:
    for tick in range(20):
        plan = plan_requests({"NIFTY": DAYS}, nearest=2, tick_number=tick, capacity=ROOMY)
        assert plan[:2] == [
            PlannedRequest("NIFTY", DAYS[0], required=True),
            PlannedRequest("NIFTY", DAYS[1], required=True),
        ]


def test_one_further_expiry_of_each_symbol_is_read_at_a_tick_and_not_required() -> None:
    known = {"NIFTY": DAYS, "BANKNIFTY": DAYS[:6], "RELIANCE": DAYS[:2]}
    for tick in range(20):
        plan = plan_requests(known, nearest=2, tick_number=tick, capacity=ROOMY)
        further = [reading.symbol for reading in plan if not reading.required]
        assert sorted(further) == ["BANKNIFTY", "NIFTY"]


def test_rotation_reads_every_further_expiry_as_often_as_every_other() -> None:
    """16 further expiries at 5 seconds: each one comes again after 80."""
    counts = Counter(
        reading.expiry
        for tick in range(16 * 3)
        for reading in plan_requests({"NIFTY": DAYS}, nearest=2, tick_number=tick, capacity=ROOMY)
        if not reading.required
    )
    assert counts == dict.fromkeys(DAYS[2:], 3)


def test_a_symbol_with_fewer_expiries_than_the_nearest_is_read_whole() -> None:
    plan = plan_requests({"IDEA": DAYS[:1]}, nearest=3, tick_number=4, capacity=ROOMY)
    assert plan == [PlannedRequest("IDEA", DAYS[0], required=True)]


def test_near_expiries_come_before_later_ones_and_those_before_further_ones() -> None:
    plan = plan_requests(chain(3, 4), nearest=2, tick_number=1, capacity=ROOMY)
    assert [reading.expiry for reading in plan[:6]] == [DAYS[0]] * 3 + [DAYS[1]] * 3
    assert not any(reading.required for reading in plan[6:])


def test_under_pressure_the_further_ones_give_way_first_then_the_later_near_ones() -> None:
    six, four, one = (
        plan_requests(chain(2, 5), nearest=2, tick_number=0, capacity=capacity)
        for capacity in (6, 4, 1)
    )
    assert [reading.required for reading in six] == [True] * 4 + [False] * 2
    assert [reading.expiry for reading in four] == [DAYS[0], DAYS[0], DAYS[1], DAYS[1]]
    assert [reading.expiry for reading in one] == [DAYS[0]]


def test_symbols_beyond_the_capacity_take_turns_evenly() -> None:
    counts = Counter(
        reading.symbol
        for tick in range(30)
        for reading in plan_requests(chain(10, 1), nearest=1, tick_number=tick, capacity=3)
    )
    assert counts == dict.fromkeys(chain(10, 1), 9)


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, list[date]], int, int]:
    counts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=9))
    known = {f"S{number}": DAYS[:count] for number, count in enumerate(counts)}
    return known, draw(st.integers(1, 4)), draw(st.integers(1, 20))


@given(situations(), st.integers(0, 10**9))
def test_a_plan_never_passes_the_capacity_nor_reads_anything_twice(
    situation: tuple[dict[str, list[date]], int, int], tick: int
) -> None:
    known, nearest, capacity = situation
    plan = plan_requests(known, nearest, tick, capacity)
    assert len(plan) <= capacity
    assert len(read(plan)) == len(plan)
    assert all(expiry in known[symbol] for symbol, expiry in read(plan))
    for symbol, expiry, required in plan:
        assert required == (expiry in known[symbol][:nearest])


@given(situations(), st.integers(0, 10**6))
def test_no_near_expiry_is_starved_however_small_the_capacity(
    situation: tuple[dict[str, list[date]], int, int], first: int
) -> None:
    """Whoever is first in line has its nearest read; and everybody is first in turn."""
    known, nearest, capacity = situation
    period = range(first, first + len(known))
    covered = set().union(*(read(plan_requests(known, nearest, tick, capacity)) for tick in period))
    assert {(symbol, days[0]) for symbol, days in known.items()} <= covered


@given(situations(), st.integers(0, 10**6))
def test_every_expiry_has_its_turn_where_the_near_ones_leave_any_room(
    situation: tuple[dict[str, list[date]], int, int], first: int
) -> None:
    known, nearest, capacity = situation
    near = sum(len(days[:nearest]) for days in known.values())
    further = [len(days[nearest:]) for days in known.values()]
    assume(near < capacity)
    period = range(first, first + len(known) * max(further) + 1)
    covered = set().union(*(read(plan_requests(known, nearest, tick, capacity)) for tick in period))
    assert covered == {(symbol, day) for symbol, days in known.items() for day in days}


@given(st.integers(1, 9), st.integers(1, 20), st.integers(0, 10**6))
def test_second_expiries_take_turns_where_only_some_of_them_fit(
    symbols: int, capacity: int, first: int
) -> None:
    assume(capacity > symbols)
    known = chain(symbols, 2)
    period = range(first, first + symbols)
    covered = set().union(*(read(plan_requests(known, 2, tick, capacity)) for tick in period))
    assert covered == {(symbol, day) for symbol, days in known.items() for day in days}
