"""Which symbols have options on a day, by the source's own list as it was believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from optionchain.symbol_selection import Kind


class ListedSymbol(NamedTuple):
    """A symbol of a list.

    `since` is the first day of which a list had it. `expiries` is how many of its expiries are
    listed, and `traded` the rupees (notional) of its trades in the last recorded session; None if
    that is not known. `lost_since` is the day since when the source's list lacks it, although it
    still trades; None if the list has it.
    """

    symbol: str
    kind: Kind
    since: date
    expiries: int | None = None
    traded: float | None = None
    lost_since: date | None = None


@dataclass(frozen=True)
class SymbolList:
    """The list that is in force from the beginning of a day in India on, until a later one is.

    `added` and `removed` are the symbols by which it differs from the list before it.
    """

    day: date
    read_at: datetime
    source: str
    symbols: Mapping[str, ListedSymbol] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each symbol."""
        return {symbol: listed.kind for symbol, listed in self.symbols.items()}
