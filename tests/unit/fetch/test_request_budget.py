"""Places in the budget are given in the order in which they are asked for, in simulated time."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chain_fetch.http.request_budget import RequestBudget
from chain_fetch.http.window import Window
from tests.support.fakes import SimulatedClock

START = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)


def test_places_are_given_in_the_order_of_asking() -> None:
    clock = SimulatedClock(START)
    asked = {str(number): threading.Event() for number in range(9)}

    def monotonic() -> float:
        # Whoever looks at the clock for the first time has just joined the queue.
        asked[threading.current_thread().name].set()
        return clock.monotonic()

    def sleep(seconds: float) -> None:
        for each in asked.values():
            each.wait()
        clock.sleep(seconds)

    budget = RequestBudget([Window(3, 1_000)], monotonic=monotonic, sleep=sleep)
    deadline = clock.monotonic() + 1_800
    served: list[str] = []

    def ask() -> None:
        if budget.take(deadline):
            served.append(threading.current_thread().name)

    threads = [threading.Thread(target=ask, name=name) for name in asked]
    for thread in threads:
        thread.start()
        asked[thread.name].wait()
    for thread in threads:
        thread.join()
    assert sorted(served) == ["0", "1", "2", "3", "4", "5"]
    assert clock.now() == START + timedelta(seconds=1_000)


def test_a_place_that_is_free_is_given_even_at_the_deadline() -> None:
    budget = RequestBudget([Window(2, 60)], monotonic=passing(SimulatedClock(START)))
    deadline = START.timestamp() - 1
    assert [budget.take(deadline) for _ in range(3)] == [True, True, False]


def test_who_gives_up_does_not_block_the_next() -> None:
    clock = SimulatedClock(START)
    budget = RequestBudget([Window(1, 2)], monotonic=clock.monotonic, sleep=clock.sleep)
    deadline = clock.monotonic() + 30
    assert budget.take(deadline)
    assert not budget.take(clock.monotonic() + 0.05)
    assert budget.take(deadline)
    assert clock.now() == START + timedelta(seconds=2)


def passing(clock: SimulatedClock) -> Callable[[], float]:
    """Return a clock that each reading finds a millisecond later than the one before."""

    def monotonic() -> float:
        clock.sleep(0.001)
        return clock.monotonic()

    return monotonic
