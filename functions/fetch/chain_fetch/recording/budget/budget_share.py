"""Which part of a request budget a group of symbols gets, among those that share it. Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple

from optionchain.symbol_plan import SymbolPlan

type Load = Callable[[str], Fraction]
"""How many requests a second a symbol takes."""


class Share(NamedTuple):
    """A part of a budget: from `begins` to `ends` of a whole of 1.

    `number` is its place among the `of` parts; the first is 0.
    """

    begins: Fraction = Fraction(0)
    ends: Fraction = Fraction(1)
    number: int = 0
    of: int = 1

    @property
    def size(self) -> Fraction:
        """Return how much of the whole it is."""
        return self.ends - self.begins

    def places(self, whole: int, tick_number: int) -> int:
        """Return how many of so many places are this part's at a tick.

        All parts together are the whole at each tick, and within as many ticks as there are parts
        each one gets its share, to within one place.
        """
        shift = Fraction(tick_number % self.of, self.of)
        return floor(self.ends * whole + shift) - floor(self.begins * whole + shift)


class ServedGroup(NamedTuple):
    """The symbols of an invocation: those of the group `number` of `of`; the first is 1."""

    symbols: Sequence[str]
    number: int = 1
    of: int = 1

    def address(self, addresses: int) -> int:
        """Return the number of the address from which the group asks; the first is 1."""
        return (self.number - 1) % addresses + 1


def share_of_address(
    plan: SymbolPlan, group: ServedGroup, on_duty: Collection[str], addresses: int, load: Load
) -> Share:
    """Return the share of a group in the budget of its address.

    Symbols that are recorded and not in the plan are asked for from the first address.
    """
    own, address = set(group.symbols), group.address(addresses)
    same = range(address, group.of + 1, addresses)
    shares = plan.shares(group.of)
    sets = {number: set(shares[number - 1]) - own for number in same}
    strangers = set(plan.symbols) - own if group.of == 1 else set()
    if address == 1:
        strangers |= set(on_duty) - set(plan.symbols) - own
    before = [symbol for number in same if number < group.number for symbol in sets[number]]
    after = [symbol for number in same if number > group.number for symbol in sets[number]]
    parts = len(same) + bool(strangers)
    return _share(load, before, own, [*after, *strangers], same.index(group.number), parts)


def share_of_account(
    plan: SymbolPlan, group: ServedGroup, on_duty: Collection[str], load: Load
) -> Share:
    """Return the share of a group in a budget that all recorders share."""
    own = set(group.symbols)
    return _share(load, (), own, set(plan.symbols).union(on_duty) - own, 0, 1)


def _share(
    load: Load,
    before: Iterable[str],
    own: Iterable[str],
    after: Iterable[str],
    number: int,
    of: int,
) -> Share:
    loads = [sum(map(load, each), Fraction(0)) for each in (before, own, after)]
    if not loads[1]:
        return Share()
    return Share(loads[0] / sum(loads), (loads[0] + loads[1]) / sum(loads), number, of)
