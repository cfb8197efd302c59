"""Seals several days, one after another: a day that cannot be sealed keeps no other one back."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from chain_archive.sealing import SealedDay, Sealer


class SymbolDay(NamedTuple):
    """A day in India of a symbol."""

    symbol: str
    day: date


class FailedDay(NamedTuple):
    """A symbol's day that is not sealed, or not anew, and why."""

    symbol: str
    day: date
    error: Exception


class OutOfTime(Exception):
    """Raised by the `step` of a sealer: the time for all days is up, and the day is not sealed."""


def seal_days(sealer: Sealer, days: Iterable[SymbolDay]) -> Iterator[SealedDay | FailedDay]:
    """Seal days in the given order; yield what came of each. Ends early at OutOfTime."""
    for each in days:
        try:
            yield sealer.seal(each.symbol, each.day)
        except OutOfTime:
            return
        except Exception as error:  # noqa: BLE001  (whatever it is, the other days are sealed)
            yield FailedDay(each.symbol, each.day, error)
