"""The stored contracts that a request selects."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from chain_api.dependencies import Dependencies
from chain_api.parameters.selection import Selection, around_the_money
from optionchain.mongo.documents import NSE, ContractDocument, HeaderDocument, source_of

# Layouts and the order of contracts need these fields whatever columns a request names.
ORDER_FIELDS = ("type", "strike_price", "expiry_date", "expiry")


def selected_contracts(
    deps: Dependencies,
    headers: Sequence[HeaderDocument],
    selection: Selection,
    columns: Sequence[str] | None = None,
) -> list[ContractDocument]:
    """Return the selected contracts of these snapshots, by expiry, strike and side.

    `columns` are the fields wanted, None means all; ORDER_FIELDS are read in any case.
    """
    fields = tuple({*columns, *ORDER_FIELDS}) if columns else None
    found = _found(deps, headers, selection, fields)
    if fields is None and any(source_of(header) != NSE for header in headers):
        for document in found:  # the answer names the source, and not each of its contracts
            document.pop("source", None)
    return found


def _found(
    deps: Dependencies,
    headers: Sequence[HeaderDocument],
    selection: Selection,
    fields: Sequence[str] | None,
) -> list[ContractDocument]:
    snapshots = deps.snapshots
    if selection.strikes_around_atm is None and len(headers) > 1:
        return snapshots.contracts_of(headers, selection.conditions(), fields)
    nearest = _money_of_nearest(deps, headers) if selection.strikes_around_atm is not None else None
    found = (
        snapshots.contracts(header, conditions_for(deps, header, selection, nearest), fields)
        for header in headers
    )
    return list(chain.from_iterable(found))


def _money_of_nearest(deps: Dependencies, headers: Sequence[HeaderDocument]) -> float | None:
    """Return the price that says where the money is, of the nearest expiry that has one."""
    prices = map(deps.analytics.reference_price, headers)
    return next((price for price in prices if price is not None), None)


def conditions_for(
    deps: Dependencies,
    header: HeaderDocument,
    selection: Selection,
    money: float | None = None,
) -> dict[str, Any]:
    """Return a selection as a MongoDB query on the contracts of one snapshot.

    A window around the money needs the snapshot's strikes, which are read here. `money` is where it
    is if the snapshot itself does not tell. The last resort is a price that stands still: a window
    is a choice of contracts, and no number comes from it.
    """
    each_side = selection.strikes_around_atm
    if each_side is None:
        return selection.conditions()
    strikes, own = deps.snapshots.strikes(header), deps.analytics.reference_price(header)
    known = (own, money, header["underlying_value"])
    price = next((each for each in known if each is not None), None)
    return selection.conditions(around_the_money(strikes, price, each_side))
