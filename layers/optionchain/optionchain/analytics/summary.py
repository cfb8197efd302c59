"""The analytics of a whole snapshot."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from operator import attrgetter
from typing import Any, cast

from optionchain.analytics import open_interest, volatility
from optionchain.analytics.document import AnalyticsDocument
from optionchain.analytics.new_contracts import reason_of_lost_change, since_previous_close
from optionchain.analytics.open_interest import NumberOrReason
from optionchain.analytics.pricing import pricer
from optionchain.analytics.quotes import Pair, pairs_of, price_of
from optionchain.analytics.reference import Reference, reference_of
from optionchain.analytics.terms import IvChoice, Terms, terms_of
from optionchain.analytics.volatility import Priced
from optionchain.snapshot import Quote, Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts

_MODEL = "black-76"
# Numbers of what the underlying may still do.
_OF_WHAT_MAY_HAPPEN = "atm_iv", "implied_move_percent", "skew_25_delta"


def analytics_of(
    snapshot: Snapshot,
    rate: float,
    facts: SnapshotFacts = NOTHING_KNOWN,
    iv_source: IvChoice = "price",
) -> AnalyticsDocument:
    """Return the analytics of a snapshot; `rate` is the risk-free rate, in percent a year.

    All volatilities are solved of prices; with `iv_source` "exchange" only those that the exchange
    did not send.
    Raises nothing, whatever numbers the exchange sends.
    """
    sent, snapshot = snapshot, since_previous_close(snapshot, facts)
    pairs = pairs_of(snapshot)
    terms = terms_of(snapshot, pairs, rate, facts, iv_source)
    reference = reference_of(snapshot.underlying_value, terms, frozen=facts.frozen)
    calls = _priced([call for call, _ in pairs.values() if call], terms)
    puts = _priced([put for _, put in pairs.values() if put], terms)
    sides = {"calls": [quote for quote, _ in calls], "puts": [quote for quote, _ in puts]}
    found: dict[str, NumberOrReason] = {
        "forward": terms.forward or terms.missing or "no_forward",
        "reference_price": reference.price or reference.missing,
        **_open_interest(list(pairs), sides["calls"], sides["puts"], reference),
        "pcr_change": open_interest.put_call_ratio(
            sides["calls"], sides["puts"], attrgetter("change_in_oi")
        ),
        **_volatility(pairs, calls, puts, reference),
        **_gamma_exposures(calls, puts, terms),
    }
    if found["pcr_change"] == "missing_leg":
        found["pcr_change"] = reason_of_lost_change(sent, snapshot, facts) or "missing_leg"
    if terms.payoff_fixed:
        found |= dict.fromkeys(_OF_WHAT_MAY_HAPPEN, "payoff_fixed")
    # A price or an amount may be so small that a division by it overflows.
    checked = {
        name: value if isinstance(value, str) or isfinite(value) else "not_finite"
        for name, value in found.items()
    }
    numbers = {name: value for name, value in checked.items() if not isinstance(value, str)}
    document = {
        "model": _MODEL,
        **terms.documented(),
        "reference_source": reference.source,
        **dict.fromkeys(checked),
        **numbers,
        "unpriced_legs": sum(leg.gamma is None for _, leg in calls + puts),
        "newly_listed": None if facts.doubted_legs else len(facts.new_legs),
        "largest_oi": _each(open_interest.largest, sides),
        "fastest_oi": _each(open_interest.fastest, sides),
        "buildup": _each(open_interest.buildups, sides),
        "reasons": {name: value for name, value in checked.items() if isinstance(value, str)},
    }
    return cast("AnalyticsDocument", document)


def _priced(quotes: Sequence[Quote], terms: Terms) -> list[Priced]:
    """Return each quote with its Greeks, which are the only ones of the whole summary.

    Volatilities of prices and of the exchange are never mixed: theirs is no last resort here.
    """
    theirs, priced = terms.iv_source == "exchange", pricer(terms)
    return [
        (
            quote,
            priced(
                quote.side,
                quote.strike_price,
                quote.implied_volatility if theirs else None,
                price_of(quote),
            ),
        )
        for quote in quotes
    ]


def _open_interest(
    strikes: Sequence[float],
    calls: Sequence[Quote],
    puts: Sequence[Quote],
    reference: Reference,
) -> dict[str, NumberOrReason]:
    ratio, price = open_interest.put_call_ratio, reference.price
    return {
        "pcr_oi": ratio(calls, puts, attrgetter("open_interest")),
        "pcr_volume": ratio(calls, puts, attrgetter("total_traded_volume")),
        "max_pain": open_interest.max_pain(strikes, calls, puts),
        "support": reference.missing
        if price is None
        else open_interest.wall(put for put in reversed(puts) if put.strike_price <= price),
        "resistance": reference.missing
        if price is None
        else open_interest.wall(call for call in calls if call.strike_price >= price),
    }


def _volatility(
    pairs: Mapping[float, Pair],
    calls: Sequence[Priced],
    puts: Sequence[Priced],
    reference: Reference,
) -> dict[str, NumberOrReason]:
    names = "atm_strike", "atm_iv", "straddle_price", "implied_move_percent", "skew_25_delta"
    price = reference.price
    strike = volatility.nearest_strike(list(pairs), price)
    if strike is None or price is None:
        return dict.fromkeys(names, reference.missing)
    at_the_money = (leg for quote, leg in (*calls, *puts) if quote.strike_price == strike)
    straddle = volatility.straddle(pairs[strike])
    return {
        "atm_strike": strike,
        "atm_iv": volatility.level(at_the_money),
        "straddle_price": straddle,
        "implied_move_percent": straddle if isinstance(straddle, str) else 100 * straddle / price,
        "skew_25_delta": volatility.skew(
            (leg for quote, leg in calls if quote.strike_price >= strike),
            (leg for quote, leg in reversed(puts) if quote.strike_price <= strike),
        ),
    }


def _gamma_exposures(
    calls: Sequence[Priced], puts: Sequence[Priced], terms: Terms
) -> dict[str, NumberOrReason]:
    call, put = _exposure(calls, terms), _exposure(puts, terms)
    both = call if isinstance(call, str) else put
    if isinstance(call, str) or isinstance(put, str):
        together: dict[str, NumberOrReason] = {
            "total_gamma_exposure": both,
            "net_gamma_exposure": both,
        }
    else:
        together = {"total_gamma_exposure": call + put, "net_gamma_exposure": call - put}
    return {"call_gamma_exposure": call, "put_gamma_exposure": put, **together}


def _exposure(legs: Sequence[Priced], terms: Terms) -> NumberOrReason:
    """Return the sum of gamma x open interest x forward² / 100 over the priced legs of a side."""
    if terms.missing or not terms.forward:
        return terms.missing or "no_forward"
    total, priced = 0.0, False
    for quote, leg in legs:
        if leg.gamma is None:
            continue
        if quote.open_interest is None:
            return "missing_leg"
        total += leg.gamma * quote.open_interest
        priced = True
    exposure = total * terms.forward * terms.forward / 100
    return exposure if priced and isfinite(exposure) else "no_iv"


def _each(of: Callable[[Sequence[Quote]], Any], sides: Mapping[str, Sequence[Quote]]) -> Any:  # noqa: ANN401
    return {name: of(legs) for name, legs in sides.items()}
