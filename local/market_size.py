"""How many symbols have options at the exchange, where its own list is not at hand."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import Kind, is_fixed

# Of a captured list of 2025: the indices by their names, and so many stocks. They change by a few a
# year.
INDICES = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50")
STOCKS = 208
UNIVERSE = len(INDICES) + STOCKS
_DAY = date(2026, 1, 1)


def assumed_list(words: Iterable[str] = ()) -> SymbolList:
    """Return a list with so many stocks, the first of which traded most.

    The stocks are those that the words of a selection name, and then made-up ones. Of expiries it
    says nothing, so each symbol counts with as many as a tick asks for at most.
    """
    listed = [_listed(symbol, "index", None) for symbol in INDICES]
    named = [word for word in words if is_fixed([word]) and word[0] != "-" and word not in INDICES]
    made_up = [f"STOCK{number}" for number in range(len(named) + 1, STOCKS + 1)]
    listed += [
        _listed(symbol, "stock", 1 / rank)
        for rank, symbol in enumerate([*named, *made_up], start=1)
    ]
    return SymbolList(
        day=_DAY,
        read_at=datetime(_DAY.year, _DAY.month, _DAY.day, tzinfo=UTC),
        source="nse",
        symbols={each.symbol: each for each in listed},
    )


def _listed(symbol: str, kind: Kind, traded: float | None) -> ListedSymbol:
    return ListedSymbol(symbol, kind, _DAY, traded=traded)
