"""The contracts of snapshots, each with its volatility and Greeks."""

from collections.abc import Sequence
from typing import NamedTuple

from chain_api.dependencies import Dependencies
from optionchain.analytics import IvChoice, LegGreeks, Terms, price_now, pricer
from optionchain.mongo.documents import ContractDocument, HeaderDocument

_PRICE = ("bid_price", "ask_price", "last_price", "total_traded_volume")
_FIELDS = ("type", "strike_price", "expiry", "open_interest", "implied_volatility", *_PRICE)


class PricedChain(NamedTuple):
    """A snapshot: what its contracts are priced with, and each of them with its Greeks."""

    header: HeaderDocument
    terms: Terms
    legs: Sequence[tuple[ContractDocument, LegGreeks]]


def priced_chains(
    deps: Dependencies, headers: Sequence[HeaderDocument], iv_source: IvChoice
) -> list[PricedChain]:
    """Return these snapshots, of different expiries, with one read; raise StoreUnavailable.

    Volatilities solved of prices and those that were sent are not mixed: with `iv_source` "price"
    none is the sent one.
    """
    if len(headers) == 1:
        contracts = deps.snapshots.contracts(headers[0], None, _FIELDS)
    else:
        contracts = deps.snapshots.contracts_of(headers, {}, _FIELDS)
    by_expiry: dict[object, list[ContractDocument]] = {}
    for leg in contracts:
        by_expiry.setdefault(leg["expiry"].date(), []).append(leg)
    found = []
    for header in headers:
        terms = deps.analytics.terms(header, iv_source)
        price_leg = pricer(terms)
        legs = [
            (
                leg,
                price_leg(
                    leg["type"],
                    leg["strike_price"],
                    leg["implied_volatility"] if iv_source == "exchange" else None,
                    price_now(*(leg[name] for name in _PRICE)),  # type: ignore[literal-required]
                ),
            )
            for leg in by_expiry.get(header["expiry"].date(), [])
        ]
        found.append(PricedChain(header, terms, legs))
    return found
