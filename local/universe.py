"""How many symbols have options at the exchange, where its own list is not at hand."""

from datetime import UTC, date, datetime

from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import Kind

# Of a captured list of 2025: the indices by their names, and so many stocks. They change by a few a
# year.
INDICES = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50")
STOCKS = 208
UNIVERSE = len(INDICES) + STOCKS
_DAY = date(2026, 1, 1)


def assumed_list() -> SymbolList:
    """Return a list with so many made-up stocks, the first of which traded most.

    Of expiries it says nothing, so each symbol counts with as many as a tick asks for at most.
    """
    listed = [_listed(symbol, "index", None) for symbol in INDICES]
    listed += [_listed(f"STOCK{rank}", "stock", 1 / rank) for rank in range(1, STOCKS + 1)]
    return SymbolList(
        day=_DAY,
        read_at=datetime(_DAY.year, _DAY.month, _DAY.day, tzinfo=UTC),
        source="nse",
        symbols={each.symbol: each for each in listed},
    )


def _listed(symbol: str, kind: Kind, traded: float | None) -> ListedSymbol:
    return ListedSymbol(symbol, kind, _DAY, traded=traded)
