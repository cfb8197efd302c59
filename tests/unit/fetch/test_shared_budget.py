"""A budget that several execution environments share, in simulated time."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.http.keyed_budgets import KeyedBudgets
from chain_fetch.http.request_budget import Granted, RequestBudget
from chain_fetch.http.sending import wait_to_send
from chain_fetch.http.shared_timetable import Turn
from chain_fetch.http.window import Window
from chain_fetch.refused import Refused
from optionchain.mongo.request_counts import Counted, RequestCount
from tests.support.budgets import FEW, MANY, FakeCounts, most_in_any_stretch, places_of
from tests.support.fakes import SimulatedClock

START = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
# How late a request may be to its place: so much shorter is a window for others than for itself.
LATE = 0.5


@dataclass
class World:
    """Environments that share a database, and when each of them sent its requests.

    They are of so many groups, one after another.
    """

    windows: tuple[Window, ...]
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START))
    counts: FakeCounts = field(default_factory=FakeCounts)
    budgets: dict[int, RequestBudget] = field(default_factory=dict)
    sent: dict[int, list[int]] = field(default_factory=dict)
    groups: int = 1

    def budget(self, name: int = 0) -> RequestBudget:
        if name not in self.budgets:
            turn = Turn(name % self.groups, self.groups)
            places = places_of(self.windows, self.counts, self.clock.now, turn)
            self.budgets[name] = RequestBudget(
                self.windows, places, self.clock.monotonic, self.clock.sleep
            )
        return self.budgets[name]

    def reserve(self, requests: int, seconds: float = 5.75, name: int = 0) -> Granted:
        return self.budget(name).reserve(requests, self.clock.monotonic() + seconds)

    def send(self, requests: int, seconds: float = 5.75, name: int = 0) -> int:
        """Send requests within some seconds, each when it has its place; return how many did."""
        deadline = self.clock.monotonic() + seconds
        done = 0
        while done < requests and self.budget(name).take(deadline):
            self.sent.setdefault(name, []).append(round(self.clock.monotonic() * 1e3))
            done += 1
        return done

    def put_on_the_wire(self, lates: Sequence[float], seconds: float = 5.75, name: int = 0) -> int:
        """Send requests that are ready so much later than their places; return how many were."""
        deadline = self.clock.monotonic() + seconds
        before = len(self.sent.setdefault(name, []))
        for late in lates:
            if not self.budget(name).take(deadline):
                break
            self.clock.sleep(late)
            with suppress(Refused):
                wait_to_send()
                self.sent[name].append(round(self.clock.monotonic() * 1e3))
        return len(self.sent[name]) - before

    def crash(self, name: int) -> None:
        """Forget what an environment knows; what it has sent was sent."""
        self.budgets.pop(name, None)

    def keeps(self, window: Window, shorter: float = 0.0) -> bool:
        """Tell whether all requests together kept a window."""
        sent = sorted(each for one in self.sent.values() for each in one)
        length = window.seconds - shorter
        return length <= 0 or most_in_any_stretch(sent, Window(window.requests, length)) <= (
            window.requests
        )


@dataclass(frozen=True)
class Step:
    """One tick: so long after the one before, so many places asked for, and so many requests."""

    name: int
    after: float
    asked: int
    sends: int
    late: float
    crashes: bool
    away: bool


def steps(*, late: bool, away: bool) -> st.SearchStrategy[list[Step]]:
    tenths = st.integers(0, 80).map(lambda each: each / 10)
    step = st.builds(
        Step,
        st.integers(0, 2),
        tenths,
        st.integers(0, 5),
        st.integers(0, 7),
        st.sampled_from([0.0, 0.3, 0.7, 2.0]) if late else st.just(0.0),
        st.booleans(),
        st.booleans() if away else st.just(False),
    )
    return st.lists(step, max_size=12)


WINDOWS = st.lists(
    st.builds(Window, st.integers(1, 6), st.sampled_from([1, 3, 7, 60])), min_size=1, max_size=3
).map(tuple)


def played(windows: tuple[Window, ...], story: list[Step]) -> World:
    here = World(windows)
    for step in story:
        here.clock.sleep(step.after)
        here.counts.away = step.away
        here.reserve(step.asked, name=step.name)
        here.clock.sleep(step.late)
        here.send(step.sends, 5.75 - step.late, step.name)
        if step.crashes:
            here.crash(step.name)
    return here


@given(WINDOWS, steps(late=False, away=False))
def test_no_stretch_of_any_window_is_exceeded_whoever_sends_and_crashes(
    windows: tuple[Window, ...], story: list[Step]
) -> None:
    here = played(windows, story)
    assert all(here.keeps(each) for each in windows)


@given(WINDOWS, steps(late=True, away=False))
def test_a_request_that_is_late_to_its_place_is_near_to_others_by_no_more_than_that(
    windows: tuple[Window, ...], story: list[Step]
) -> None:
    here = played(windows, story)
    assert all(here.keeps(each, shorter=LATE) for each in windows)


@given(WINDOWS, steps(late=True, away=True))
def test_without_the_database_the_own_requests_keep_the_windows(
    windows: tuple[Window, ...], story: list[Step]
) -> None:
    here = played(windows, [replace(step, name=0, crashes=False) for step in story])
    assert all(here.keeps(each) for each in windows)


@given(st.integers(1, 4), st.integers(2, 8), st.lists(st.integers(0, 7), max_size=24))
def test_without_the_database_groups_send_in_turn_and_keep_the_window_together(
    requests: int, groups: int, story: list[int]
) -> None:
    """Whoever comes in whatever order, each for what its window allows."""
    here = World((Window(requests, 1),), counts=FakeCounts(away=True), groups=groups)
    for name in story:
        here.reserve(requests, seconds=groups + 1, name=name % groups)
        assert here.send(requests, seconds=groups + 1, name=name % groups) == requests
    assert here.keeps(Window(requests, 1))


def test_groups_that_wait_at_the_same_time_send_one_after_another() -> None:
    here = World((Window(3, 1),), counts=FakeCounts(away=True), groups=8)
    places = []
    for name in range(8):
        here.reserve(3, seconds=9, name=name)
        promised = here.budget(name)._promised
        places += promised.current() if promised else []
    assert len(places) == 24
    assert most_in_any_stretch(sorted(places), Window(3, 1)) == 3


LATES = st.lists(st.sampled_from([0.0, 0.022, 0.05, 0.463, 1.5]), max_size=4)
ON_THE_WIRE = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 80), LATES, st.booleans()))


@given(WINDOWS, ON_THE_WIRE)
def test_windows_hold_for_the_moments_of_sending_whoever_is_late(
    windows: tuple[Window, ...], story: list[tuple[int, int, list[float], bool]]
) -> None:
    """A lateness of 5 ms is told to nobody."""
    here = World(windows)
    for name, tenths, lates, crashes in story:
        here.clock.sleep(tenths / 10)
        here.reserve(len(lates), name=name)
        here.put_on_the_wire(lates, name=name)
        if crashes:
            here.crash(name)
    assert all(here.keeps(each, shorter=0.005) for each in windows)


@given(WINDOWS, ON_THE_WIRE)
def test_windows_hold_to_the_millisecond_for_what_one_environment_sends(
    windows: tuple[Window, ...], story: list[tuple[int, int, list[float], bool]]
) -> None:
    here = World(windows)
    for _, tenths, lates, _ in story:
        here.clock.sleep(tenths / 10)
        here.reserve(len(lates))
        here.put_on_the_wire(lates)
    assert all(here.keeps(each) for each in windows)


@pytest.mark.parametrize("other", [0, 1])
def test_a_request_that_waited_for_its_connection_delays_the_next_one(other: int) -> None:
    """The first one opens the connection, for 463 ms; the next one may be of another Lambda."""
    here = World(FEW.windows)
    here.reserve(2 - other)
    assert here.put_on_the_wire([0.463, 0.0][: 2 - other]) == 2 - other
    here.reserve(1, name=other)
    assert here.put_on_the_wire([0.0], name=other) == 1
    assert here.keeps(Window(1, 3))
    everyone = sorted(each for one in here.sent.values() for each in one)
    assert everyone[1] - everyone[0] < 3_050


def test_requests_that_are_ready_in_time_lose_no_tick_for_ever() -> None:
    here = World(FEW.windows)
    for tick in range(100):
        here.clock.sleep((START + timedelta(seconds=6 * tick) - here.clock.now()).total_seconds())
        assert here.reserve(2) == Granted(2)
        assert here.put_on_the_wire([0.015, 0.002]) == 2
    assert here.keeps(Window(1, 3))


def test_a_tick_writes_once_and_reads_only_if_somebody_else_has_written() -> None:
    here = World(MANY.windows)
    for _ in range(5):
        assert here.reserve(5) == Granted(5)
        assert here.send(5) == 5
        here.clock.sleep(5)
    assert (here.counts.reads, here.counts.writes) == (2, 5)
    here.reserve(1, name=1)
    before = here.counts.reads, here.counts.writes
    here.reserve(5)
    here.clock.sleep(5)
    here.reserve(5)
    # One write is refused; after it each tick reads until nobody else has written in between.
    assert (here.counts.reads, here.counts.writes) == (before[0] + 2, before[1] + 3)


def test_an_environment_has_a_budget_for_each_address_that_it_asks_from() -> None:
    here, address = World((Window(2, 60),)), ["nse@1"]
    budgets = KeyedBudgets(lambda: address[0], lambda key: here.budget(int(key[-1])))
    deadline = here.clock.monotonic() + 5
    taken = [budgets.take(deadline) for _ in range(2)]
    address[0] = "nse@2"
    here.counts.stored = RequestCount()  # that of another address
    assert [*taken, budgets.reserve(2, deadline).requests] == [True, True, 2]


def test_two_requests_fit_into_each_tick_of_six_seconds_for_ever() -> None:
    here = World(FEW.windows)
    for tick in range(200):
        assert here.reserve(2, name=tick // 10 % 2) == Granted(2)
        assert here.send(2, name=tick // 10 % 2) == 2
        here.clock.sleep((START + timedelta(seconds=6 * (tick + 1)) - here.clock.now()).seconds)
    assert here.keeps(Window(1, 3))


def test_a_tick_without_a_place_hears_which_window_is_full_and_when_it_opens() -> None:
    here = World((Window(4, 1_800),))
    assert here.reserve(6) == Granted(
        4, "the budget of 4 requests in 30 min is used up until 10:00:00 IST"
    )
    assert here.send(6) == 4
    here.clock.sleep(60)
    assert here.reserve(2, name=1).requests == 0
    few = World(FEW.windows)
    few.reserve(1)
    granted, why = few.reserve(3, seconds=5.75, name=1)
    expected = "the budget of 1 request in 3 s is used up until 09:30:06 IST"
    assert (granted, why) == (1, expected)


@dataclass
class SlowCounts(FakeCounts):
    """Counts that take so many seconds to be written."""

    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START))
    seconds: float = 0.0

    def write(self, *given: Any) -> bool:  # noqa: ANN401
        self.clock.sleep(self.seconds)
        return super().write(*given)


@pytest.mark.parametrize("seconds", [0.4, 0.8, 2.0])
def test_a_tick_whose_places_pass_while_they_are_written_is_read_all_the_same(
    seconds: float,
) -> None:
    """It was skipped without a reason where the database took more than half a second."""
    clock = SimulatedClock(START)
    world = World((Window(3, 1),), clock, SlowCounts(clock=clock, seconds=seconds))
    for tick in range(3):
        assert world.reserve(2, 10) == Granted(2)
        assert world.put_on_the_wire([0.0, 0.0], 10 - seconds) == 2
        clock.sleep(30 * (tick + 1) - (clock.now() - START).total_seconds())
    assert most_in_any_stretch(world.sent[0], Window(3, 1)) <= 3


def test_what_a_tick_does_not_use_is_given_back() -> None:
    here = World((Window(10, 60),))
    assert here.reserve(10).requests == 10
    here.send(2)
    here.clock.sleep(5)
    assert here.reserve(9) == Granted(
        8, "the budget of 10 requests in 60 s is used up until 09:31:00 IST"
    )


def test_what_a_crash_leaves_behind_stays_counted() -> None:
    here = World((Window(10, 60),))
    here.reserve(7)
    here.send(5)
    here.crash(0)
    here.clock.sleep(5)
    assert here.reserve(9).requests == 3


def test_what_was_sent_without_the_database_is_written_when_it_is_back() -> None:
    here = World((Window(10, 60),))
    here.counts.away = True
    here.reserve(6)
    assert here.send(6) == 6
    here.counts.away = False
    here.clock.sleep(5)
    here.reserve(1)
    assert here.reserve(9, name=1).requests == 3


def test_more_requests_than_were_planned_get_places_of_their_own() -> None:
    here = World((Window(10, 60),))
    here.reserve(1)
    assert (here.send(3), sum(each.requests for each in here.counts.stored.counted)) == (3, 3)


@pytest.mark.parametrize("ahead", [0, 3_600])
def test_counts_of_any_origin_are_honoured(ahead: float) -> None:
    """Those of another interval, and those of a clock that is ahead."""
    here = World((Window(10, 1_800),))
    at = START - timedelta(seconds=30) + timedelta(seconds=ahead)
    here.counts.stored = RequestCount((Counted(at, 8),), 41)
    assert here.reserve(5).requests == 2
    here.clock.sleep(2_000)
    assert here.reserve(5).requests == 5


def test_a_recorder_that_always_comes_second_gives_up_with_a_reason() -> None:
    class Busy(FakeCounts):
        def read(self, source: str) -> RequestCount:
            return super().read(source)._replace(version=7)

    here = World(FEW.windows, counts=Busy(stored=RequestCount((), 8)))
    assert here.reserve(1) == Granted(0, "too many recorders ask for places at this moment")
    assert here.send(1) == 0


@pytest.mark.parametrize("ahead", [0.0, 0.9, 1.2, 2.0])
def test_a_clock_that_is_ahead_makes_nobody_forget_the_places_of_others(ahead: float) -> None:
    """By its own clock they are past, and the next recorder would take them once more."""
    window, counts, clock = Window(3, 1), FakeCounts(), SimulatedClock(START)
    latest = round(START.timestamp() * 1e3) + 60_000
    promised = []
    for lead in (timedelta(0), timedelta(seconds=ahead), timedelta(0)):
        ahead_by = SimulatedClock(clock.now() + lead)
        places = places_of([window], counts, ahead_by.now)
        places.promise(3, latest)
        promised.append(places.current())
        clock.sleep(0.01)
    first, _, third = promised
    assert most_in_any_stretch([*first, *third], window) == window.requests
