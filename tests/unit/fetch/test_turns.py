"""No symbol is left out twice before every other one was left out once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.budget.turns import Turns
from chain_fetch.recording.ticks.plan import plan_requests
from optionchain.rhythm import Rhythm
from tests.support.snapshots import TICK
from tests.unit.fetch.test_plan import DAYS

STORED = {"outcome": "stored"}
BUSY = {"outcome": "skipped", "reason": "busy"}
WAITS = {"outcome": "skipped", "reason": "blocked"}
STEP = timedelta(seconds=5)
NEXT, EARLIER = TICK + STEP, TICK - STEP


def test_who_was_busy_last_comes_first_and_then_who_was_served_longest_ago() -> None:
    turns = Turns()
    turns.note(TICK, {"A": BUSY, "B": BUSY, "C": STORED, "D": STORED})
    turns.note(NEXT, {"A": BUSY, "C": STORED, "E": WAITS})
    assert turns.order("EDCBA", NEXT + STEP) == ["A", "B", "E", "D", "C"]


def test_what_others_did_counts_if_it_is_newer() -> None:
    turns = Turns()
    turns.note(TICK, {"A": BUSY})
    turns.learn({"A": TICK - timedelta(minutes=1), "B": NEXT}, {("A", DAYS[0]): TICK})
    assert turns.order("AB", NEXT) == ["B", "A"]
    assert turns.busy_at == {"A": TICK, "B": NEXT}
    assert turns.asked_at == {("A", DAYS[0]): TICK}


def ticks_of(
    chance: Random, count: int, environments: int
) -> Iterator[tuple[datetime, set[str], set[str]]]:
    """Yield ticks with the symbols that were served and those that were busy.

    Symbols have tiers, offsets and different numbers of expiries. Some ticks have places for all,
    some for one. Environments take turns, a minute each, and learn from the ledger at its start.
    """
    rhythms = {f"S{at}": Rhythm(5) for at in range(3)}
    rhythms |= {f"M{at}": Rhythm(15, chance.choice([0, 5, 10])) for at in range(5)}
    rhythms |= {f"L{at}": Rhythm(60, chance.randrange(0, 60, 5)) for at in range(20)}
    expiries = {symbol: DAYS[: chance.randint(1, 4)] for symbol in rhythms}
    memories = [Turns() for _ in range(environments)]
    ledger: dict[str, datetime] = {}
    for number in range(count):
        tick = TICK + number * STEP
        turns = memories[number // 12 % environments]
        if number % 12 == 0:
            turns.learn(ledger, {})
        due = turns.order((name for name, rhythm in rhythms.items() if rhythm.has(tick)), tick)
        capacity = chance.choice([1, 2, 3, 5, 8, 100])
        planned = plan_requests({name: expiries[name] for name in due}, 2, capacity)
        served = {symbol for symbol, _, required in planned if required}
        busy = set(due) - served
        turns.note(tick, {name: STORED if name in served else BUSY for name in due})
        ledger |= dict.fromkeys(busy, tick)
        yield tick, served, busy


@pytest.mark.parametrize("environments", [1, 3])
@given(seed=st.integers(0, 2**32))
def test_no_symbol_is_busy_twice_before_every_other_one_was_once(
    environments: int, seed: int
) -> None:
    last_busy: dict[str, datetime] = {}
    for tick, served, busy in ticks_of(Random(seed), 400, environments):
        for symbol in busy & last_busy.keys():
            assert all(
                last_busy.get(other, TICK - 2 * (tick - TICK)) >= last_busy[symbol]
                for other in served
            )
        last_busy |= dict.fromkeys(busy, tick)


def test_symbols_that_never_all_fit_are_busy_about_equally_often() -> None:
    turns, count = Turns(), dict.fromkeys("ABCDEFG", 0)
    for number in range(700):
        tick = TICK + number * STEP
        planned = plan_requests(dict.fromkeys(turns.order(count, tick), DAYS[:2]), 2, 7)
        busy = count.keys() - {each.symbol for each in planned}
        turns.note(tick, {name: BUSY if name in busy else STORED for name in count})
        for name in busy:
            count[name] += 1
    assert sum(count.values()) == 700 * 4
    assert max(count.values()) - min(count.values()) < 40
