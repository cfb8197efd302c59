"""How many requests a source got: written by one recorder at a time, and never lost."""

import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction
from functools import partial

import pytest

from chain_fetch.http.shared_timetable import Turn
from chain_fetch.http.window import Window
from chain_fetch.recording.budget.budget_share import Share
from optionchain.mongo.request_counts import Counted, RequestCount, RequestCounts, address_key
from tests.support.budgets import most_in_any_stretch, places_of
from tests.support.fakes import SimulatedClock
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK

FIRST = (Counted(TICK, 2), Counted(TICK + timedelta(milliseconds=3_001), 1))
PLAN = {"symbols": 2, "text": "2 symbols", "windows": [{"requests": 1, "seconds": 3}]}


def test_requests_are_read_as_they_were_written(database: AnyDatabase) -> None:
    counts = RequestCounts(database)
    nothing = counts.read("dhan")
    assert nothing == RequestCount((), 0)
    assert counts.write("dhan", FIRST, nothing, TICK)
    assert counts.read("dhan") == RequestCount(FIRST, 1)
    assert counts.write("dhan", FIRST[1:], counts.read("dhan"), TICK)
    assert counts.read("dhan") == RequestCount(FIRST[1:], 2)
    assert counts.read("upstox") == nothing


def test_who_has_not_read_the_newest_requests_writes_nothing(database: AnyDatabase) -> None:
    counts = RequestCounts(database)
    nothing = counts.read("dhan")
    assert counts.write("dhan", FIRST, nothing, TICK)
    assert not counts.write("dhan", (), nothing, TICK)
    assert counts.write("dhan", FIRST, counts.read("dhan"), TICK)
    assert not counts.write("dhan", (), RequestCount((), 1), TICK)
    assert counts.read("dhan") == RequestCount(FIRST, 2)


def test_a_plan_and_requests_keep_each_other(database: AnyDatabase) -> None:
    counts = RequestCounts(database)
    counts.write_plan("dhan", PLAN, TICK)
    assert counts.write("dhan", FIRST, counts.read("dhan"), TICK)
    counts.write_plan("dhan", PLAN | {"symbols": 3}, TICK)
    counts.write("upstox", FIRST, RequestCount(), TICK)
    assert counts.plans(TICK)["dhan"]["symbols"] == 3
    assert counts.read("dhan") == RequestCount(FIRST, 1)


def test_a_plan_is_read_with_the_requests_that_each_window_counts(database: AnyDatabase) -> None:
    """Places that are promised for later are not used yet."""
    counts = RequestCounts(database)
    windows = [{"requests": 9, "seconds": seconds} for seconds in (3, 60)]
    for source in ("dhan", "nse", "upstox"):
        counts.write_plan(source, PLAN | {"windows": windows}, TICK)
    ago = [Counted(TICK - timedelta(seconds=each), 1) for each in (60, 59, 3, 2, 0, -1)]
    counts.write("dhan", ago, counts.read("dhan"), TICK)
    for address, counted in ((1, ago[:2]), (2, ago[1:])):
        counts.write(address_key("nse", address), counted, RequestCount(), TICK)
    plans = counts.plans(TICK)
    assert plans.keys() == {"dhan", "nse", "upstox"}
    assert [each["used"] for each in plans["dhan"]["windows"]] == [2, 4]
    # Of the address that was asked from most.
    assert [each["used"] for each in plans["nse"]["windows"]] == [2, 4]
    assert [each["used"] for each in plans["upstox"]["windows"]] == [None, None]


def test_of_those_who_have_read_one_version_one_writes(database: AnyDatabase) -> None:
    """Threads that take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def write(_: int) -> list[int]:
        counts, versions = RequestCounts(database), []
        for _ in range(20):
            before = counts.read("dhan")
            if counts.write("dhan", FIRST, before, TICK):
                versions.append(before.version)
        return versions

    try:
        with ThreadPoolExecutor(6) as pool:
            replaced = sorted(version for each in pool.map(write, range(6)) for version in each)
    finally:
        sys.setswitchinterval(usual)
    assert replaced == list(range(RequestCounts(database).read("dhan").version))


def test_recorders_that_ask_at_one_moment_get_different_places(database: AnyDatabase) -> None:
    windows = (Window(3, 60),)
    latest = int(TICK.timestamp() * 1e3) + 5_000

    def ask(_: int) -> list[int]:
        places = places_of(windows, RequestCounts(database), lambda: TICK)
        places.promise(2, latest)
        return places.current()

    with ThreadPoolExecutor(4) as pool:
        promised = [place for places in pool.map(ask, range(4)) for place in places]
    assert len(promised) == 3
    assert sum(each.requests for each in RequestCounts(database).read("dhan").counted) == 3


@pytest.mark.parametrize("groups", [2, 5, 8])
def test_groups_on_one_address_keep_its_window_and_each_gets_its_share(
    database: AnyDatabase, groups: int
) -> None:
    """All ask at the same moment of each tick, each for its share, and send at their places."""
    clock, window, ticks = SimulatedClock(TICK), Window(3, 1), 3 * groups
    counts, order = RequestCounts(database), random.Random(groups)
    shares = [
        Share(Fraction(number, groups), Fraction(number + 1, groups), number, groups)
        for number in range(groups)
    ]
    places = [
        places_of([window], counts, clock.now, Turn(each.number, each.of), "nse@1")
        for each in shares
    ]
    sent: list[int] = []
    got: Counter[int] = Counter()

    def promise(tick: int, number: int) -> None:
        wanted = shares[number].places(15, tick)
        assert places[number].promise(wanted, places[number].now() + 5_000) is None

    with ThreadPoolExecutor(groups) as pool:
        for tick in range(ticks):
            waiting = order.sample(range(groups), groups)
            list(pool.map(partial(promise, tick), waiting))
            for number in waiting:
                promised = [places[number].use() for _ in range(len(places[number].current()))]
                sent += promised
                got[number] += len(promised)
            clock.sleep(5)
    assert most_in_any_stretch(sorted(sent), window) == window.requests
    assert len(sent) == 15 * ticks
    assert max(got.values()) - min(got.values()) <= 3
