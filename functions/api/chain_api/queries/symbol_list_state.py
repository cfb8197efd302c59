"""The source's list of symbols, as it is believed now."""

from chain_api.calculations.symbol_notices import SymbolListState
from chain_api.dependencies import Dependencies


def symbol_list_state(deps: Dependencies) -> SymbolListState:
    """Return the list in force and what speaks against the newest; raise StoreUnavailable."""
    if not deps.symbols.needs_list:
        return SymbolListState(needed=False)
    listed = deps.symbols.plan().symbol_list
    return SymbolListState(True, listed, deps.symbols.register.rejected())
