"""Loads are spread evenly, and few of them move when one comes or goes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optionchain.load_spread import Load, spread

NAMES = [f"S{number}" for number in range(240)]
KINDS = 12


def loads(names: list[str], kinds: int = KINDS) -> dict[str, Load]:
    """Loads of which a third weighs less, of so many kinds."""
    numbers = {name: int(name[1:]) for name in names}
    return {name: Load(2 + (at % 3 > 0), at % kinds) for name, at in numbers.items()}


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3)), max_size=60),
    st.integers(1, 20),
)
def test_no_slot_has_more_than_its_share_and_one_load(
    given_loads: list[tuple[int, int]], slots: int
) -> None:
    named = {f"S{at}": Load(*each) for at, each in enumerate(given_loads)}
    found = spread(named, slots)
    assert list(found) == list(named)
    assert set(found.values()) <= set(range(slots))
    taken = Counter[int]()
    for name, slot in found.items():
        taken[slot] += named[name].weight
    heaviest = max((load.weight for load in named.values()), default=0)
    average = sum(load.weight for load in named.values()) / slots
    assert max(taken.values(), default=0) <= 1.1 * average + heaviest


@given(st.integers(1, 12), st.integers(60, 213), st.integers(0, 239))
def test_one_load_more_or_less_moves_few(slots: int, many: int, other: int) -> None:
    before = spread(loads(NAMES[:many]), slots)
    one = NAMES[other]
    names = [name for name in NAMES[:many] if name != one] + [one] * (other >= many)
    after = spread(loads(names), slots)
    assert sum(before.get(name, after[name]) != after[name] for name in names) <= 12


@pytest.mark.parametrize(("kinds", "more"), [(1, 0.1), (12, 0.25)])
@pytest.mark.parametrize("slots", range(1, 12))
def test_one_slot_more_takes_about_its_share(slots: int, kinds: int, more: float) -> None:
    """And some more, where few loads of each kind are spread over many slots."""
    named = loads(NAMES, kinds)
    before, after = (spread(named, number) for number in (slots, slots + 1))
    moved = sum(before[name] != after[name] for name in NAMES)
    assert moved <= len(NAMES) * (1 / (slots + 1) + more)


def test_each_kind_is_spread_evenly_as_well() -> None:
    named = loads(NAMES)
    weights = Counter[tuple[int, object]]()
    for name, slot in spread(named, 4).items():
        weights[slot, named[name].kind] += named[name].weight
    average = sum(load.weight for load in named.values()) / 4 / KINDS
    assert max(weights.values()) <= average + 2 * 3
