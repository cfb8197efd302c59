"""A chain by strike: the smile of its volatilities, and the profile of its open interest.

All arrays have the length and the order of `strike_prices`. None means that a side has no number.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.rendering.analytics import model_of
from optionchain.analytics import greeks, price_now
from optionchain.mongo.documents import HeaderDocument
from optionchain.snapshot import Side

type Legs = Mapping[tuple[Side, float], Mapping[str, Any]]

SMILE_COLUMNS = ("strike_prices", "call_iv", "put_iv", "call_iv_source", "put_iv_source")
_PRICE = ("bid_price", "ask_price", "last_price", "total_traded_volume")
PROFILE_COLUMNS = (
    "strike_prices",
    "call_open_interest",
    "put_open_interest",
    "call_change_in_oi",
    "put_change_in_oi",
)
_INTEREST = ("open_interest", "change_in_oi")
_SIDES: Mapping[str, Side] = {"call": "CE", "put": "PE"}


def smile(deps: Dependencies, header: HeaderDocument) -> Answer:
    """Return the implied volatilities of a chain by strike, in percent; raise StoreUnavailable."""
    terms = deps.analytics.terms(header)
    legs = _legs(deps, header, (*_PRICE, "implied_volatility"))
    priced: dict[tuple[Side, float], Mapping[str, Any]] = {}
    for (side, strike), leg in legs.items():
        found = greeks(side, strike, None, price_now(*(leg[name] for name in _PRICE)), terms)
        priced[side, strike] = {"iv": found.iv, "iv_source": found.iv_source}
    return {
        "model": model_of(deps.analytics.of(header)),
        "atm_strike": deps.analytics.of(header)["atm_strike"],
        **_arrays(priced, ("iv", "iv_source")),
    }


def open_interest_profile(deps: Dependencies, header: HeaderDocument) -> Answer:
    """Return the open interest of a chain by strike, in contracts; raise StoreUnavailable."""
    analytics: Mapping[str, object] = deps.analytics.of(header)
    levels = ("max_pain", "support", "resistance")
    arrays = _arrays(_legs(deps, header, _INTEREST), _INTEREST)
    return arrays | {name: analytics[name] for name in levels}


def rows_by_strike(answer: Answer, columns: Sequence[str]) -> tuple[list[Answer], tuple[str, ...]]:
    """Return the arrays of an answer as records, one a strike, and the names of their fields."""
    names = ("strike_price", *columns[1:])
    rows: Iterable[tuple[Any, ...]] = zip(*(answer[name] for name in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows], names


def _legs(deps: Dependencies, header: HeaderDocument, names: Sequence[str]) -> Legs:
    found = deps.snapshots.contracts(header, None, ("type", "strike_price", *names))
    return {(leg["type"], leg["strike_price"]): leg for leg in found}


def _arrays(legs: Legs, names: Sequence[str]) -> Answer:
    strikes = sorted({strike for _, strike in legs})
    return {"strike_prices": strikes} | {
        f"{word}_{name}": [legs.get((side, strike), {}).get(name) for strike in strikes]
        for name in names
        for word, side in _SIDES.items()
    }
