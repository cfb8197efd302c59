"""The lists of contracts that say which terms hold today."""

from collections.abc import Sequence
from datetime import date

from chain_api.dependencies import Dependencies
from optionchain.contract_lists import LONGEST_AGE, ContractList


def lists_in_force(
    deps: Dependencies, today: date, symbols: Sequence[str] | None = None
) -> dict[str, list[ContractList]]:
    """Return the lists of these symbols, or of all, by symbol; raise StoreUnavailable."""
    return deps.contract_lists.between(today - LONGEST_AGE, today, symbols)
