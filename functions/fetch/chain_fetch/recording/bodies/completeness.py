"""Whether a body has all contracts of the snapshot before it. Pure.

The exchange adds strikes during a session and takes none away. Still, a body may lack some for a
moment: in captured ones a single contract, with up to 15 % of the open interest of a side.
"""

from collections.abc import Set
from typing import NamedTuple

from optionchain.snapshot import Leg


class ChainSize(NamedTuple):
    """How many strikes and how many contracts a chain has."""

    rows: int
    legs: int


def size_of(legs: Set[Leg]) -> ChainSize:
    """Return the size of a chain."""
    return ChainSize(len({strike for strike, _ in legs}), len(legs))


def is_far_smaller(size: ChainSize, before: ChainSize) -> bool:
    """Tell whether a chain has under two thirds of the strikes or of the contracts before it."""
    return any(3 * now < 2 * then for now, then in zip(size, before, strict=True))


def loss_told(size: ChainSize, before: ChainSize) -> str:
    """Return in words what a chain has left: `20 of 85 rows, 40 of 170 contracts`."""
    return f"{size.rows} of {before.rows} rows, {size.legs} of {before.legs} contracts"
