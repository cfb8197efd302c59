"""How loads are spread evenly over a few slots, such that a new one moves few others. Pure.

It is rendezvous hashing with bounded loads: each load has an order of slots of its own, and takes
the first one that has room. So most loads stay where they are, whatever comes and goes.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

# A slot has room up to so much of the average.
_ROOM = Fraction(11, 10)


class Load(NamedTuple):
    """What a thing weighs. Those of one `kind` are spread evenly among themselves as well."""

    weight: int
    kind: Hashable = None


def spread(loads: Mapping[str, Load], slots: int) -> dict[str, int]:
    """Return a slot for each load, 0 to `slots` - 1.

    The heaviest slot has at most 1.1 times the average, and the weight of one load more.
    """
    average = _averages(loads.values(), slots)
    room = _ROOM * sum(average.values())
    taken, taken_of_kind = Counter[int](), Counter[tuple[int, Hashable]]()
    found = {}
    for name in sorted(loads, key=_hash):
        weight, kind = loads[name]
        order = sorted(range(slots), key=partial(_hash, name))
        roomy = [slot for slot in order if taken[slot] + weight <= room]
        roomy = roomy or [min(order, key=taken.__getitem__)]
        fair = [slot for slot in roomy if taken_of_kind[slot, kind] <= average[kind]]
        slot = fair[0] if fair else min(roomy, key=lambda each: taken_of_kind[each, kind])
        found[name] = slot
        taken[slot] += weight
        taken_of_kind[slot, kind] += weight
    return {name: found[name] for name in loads}


def _averages(loads: Iterable[Load], slots: int) -> dict[Hashable, Fraction]:
    """Return the weight of each kind that a slot has on average."""
    weights = Counter[Hashable]()
    for load in loads:
        weights[load.kind] += load.weight
    return {kind: Fraction(weight, slots) for kind, weight in weights.items()}


def _hash(name: str, slot: int | None = None) -> bytes:
    return blake2b(f"{name} {slot}".encode(), digest_size=8).digest()
