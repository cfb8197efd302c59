"""A chain by strike: the smile of its volatilities, and the profile of its open interest.

All arrays have the length and the order of `strike_prices`. None means that a side has no number.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chain_api.calculations.new_contracts import CHANGE_FIELDS, change_of
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.rendering.analytics import model_of
from optionchain.analytics import IvChoice, price_now, pricer
from optionchain.mongo.documents import HeaderDocument
from optionchain.snapshot import Side

_SIDES: Mapping[str, Side] = {"call": "CE", "put": "PE"}
type Legs = Mapping[tuple[Side, float], Mapping[str, Any]]

_OF_SMILE = ("iv", "iv_source", "implied_volatility", "iv_as_of")
SMILE_COLUMNS = ("strike_prices", *(f"{side}_{name}" for name in _OF_SMILE for side in _SIDES))
_PRICE = ("bid_price", "ask_price", "last_price", "total_traded_volume")
PROFILE_COLUMNS = (
    "strike_prices",
    "call_open_interest",
    "put_open_interest",
    "call_change_in_oi",
    "put_change_in_oi",
    "call_newly_listed",
    "put_newly_listed",
)
_INTEREST = ("open_interest", "change_in_oi", "newly_listed")


def smile(deps: Dependencies, header: HeaderDocument, iv_source: IvChoice) -> Answer:
    """Return the implied volatilities of a chain by strike, in percent; raise StoreUnavailable.

    Beside them stand those that the exchange sent, and when they last changed. If volatilities are
    solved of prices, all are: one of the exchange between them would be a kink.
    """
    analytics = deps.analytics.of(header)
    price_leg = pricer(deps.analytics.terms(header, iv_source))
    legs = _legs(deps, header, (*_PRICE, "implied_volatility", "iv_as_of"))
    priced: dict[tuple[Side, float], Mapping[str, Any]] = {}
    for (side, strike), leg in legs.items():
        sent, as_of = leg["implied_volatility"], leg.get("iv_as_of")
        price = price_now(*(leg[name] for name in _PRICE))
        found = price_leg(side, strike, sent if iv_source == "exchange" else None, price)
        priced[side, strike] = dict(
            zip(_OF_SMILE, (found.iv, found.iv_source, sent, as_of), strict=True)
        )
    return {
        "model": model_of(analytics, iv_source),
        "atm_strike": analytics["atm_strike"],
        **_arrays(priced, _OF_SMILE),
    }


def open_interest_profile(deps: Dependencies, header: HeaderDocument) -> Answer:
    """Return the open interest of a chain by strike, in contracts; raise StoreUnavailable."""
    analytics: Mapping[str, object] = deps.analytics.of(header)
    levels = ("max_pain", "support", "resistance")
    legs = {
        leg: {**document, "change_in_oi": change_of(document)}
        for leg, document in _legs(deps, header, CHANGE_FIELDS).items()
    }
    return _arrays(legs, _INTEREST) | {name: analytics[name] for name in levels}


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
