"""The lots that a bhavcopy states, by symbol and expiry. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from chain_fetch.nse.bhavcopy import Bhavcopy
from chain_fetch.payload.stated_terms import StatedTerms, terms_by_expiry
from optionchain.contract_terms import ContractTerms


def lots_of(file: Bhavcopy, symbols: Sequence[str]) -> Mapping[str, Mapping[date, ContractTerms]]:
    """Return the lots of these symbols; one without options has no expiry.

    An expiry whose rows state several lots has none.
    """
    stated: dict[str, list[tuple[date, StatedTerms]]] = {symbol: [] for symbol in symbols}
    for row in file.rows:
        if row.symbol in stated:
            stated[row.symbol].append((row.expiry, StatedTerms(row.lot_size)))
    return {symbol: terms_by_expiry(rows) for symbol, rows in stated.items()}
