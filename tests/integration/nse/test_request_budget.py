"""Places in the budget are given in the order in which they are asked for."""

import threading
import time

from chain_fetch.http.request_budget import RequestBudget
from chain_fetch.http.window import Window
from tests.support.patience import within


def test_places_are_given_in_the_order_of_asking() -> None:
    budget = RequestBudget([Window(3, 1)])
    deadline = time.monotonic() + 1.8
    served: list[int] = []

    def ask(number: int) -> None:
        if budget.take(deadline):
            served.append(number)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(9)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join(3)
    assert sorted(served) == [0, 1, 2, 3, 4, 5]


def test_a_place_that_is_free_is_given_even_at_the_deadline() -> None:
    budget = RequestBudget([Window(2, 60)])
    assert [budget.take(time.monotonic() - 1) for _ in range(3)] == [True, True, False]


def test_who_gives_up_does_not_block_the_next() -> None:
    budget = RequestBudget([Window(1, 2)])
    assert budget.take(within())
    assert not budget.take(within(0.05))
    assert budget.take(within())
