"""A chain as Dhan sends it."""

from datetime import date

from local.dhan_simulator.faults import FaultKind
from local.nse_simulator.feed import ExchangeFeed, FeedChain, FeedLeg
from local.nse_simulator.v3_format import JsonObject, number
from local.vendor_simulator.greeks import greeks_of
from local.vendor_simulator.vendor import Call


def chain_data(feed: ExchangeFeed, symbol: str, expiry: date, call: Call) -> JsonObject:
    """Return the underlying's price and the contracts by strike, with the fault of the call."""
    chain, days = feed.chain(symbol, expiry), (expiry - feed.today()).days
    strikes = {
        f"{strike:.6f}": {side.lower(): _side(leg, chain, days) for side, leg in legs.items()}
        for strike, legs in chain.rows.items()
    }
    data = {"last_price": chain.underlying, "oc": strikes}
    return _with_fault(data, call)


def _side(leg: FeedLeg, chain: FeedChain, days: int) -> JsonObject:
    greeks = greeks_of(leg.side, chain.underlying, leg.strike, days, leg.volatility)
    unpriced = not leg.volatility
    return {
        "average_price": number(leg.last) if leg.volume else 0,
        "greeks": dict.fromkeys(greeks._fields, 0) if unpriced else greeks._asdict(),
        "implied_volatility": number(leg.volatility),
        "last_price": number(leg.last),
        "oi": leg.interest,
        "previous_close_price": number(leg.close),
        "previous_oi": leg.interest_before,
        "previous_volume": leg.volume_before,
        "security_id": leg.id,
        "top_ask_price": number(leg.ask),
        "top_ask_quantity": leg.ask_quantity,
        "top_bid_price": number(leg.bid),
        "top_bid_quantity": leg.bid_quantity,
        "volume": leg.volume,
    }


def _with_fault(data: JsonObject, call: Call) -> JsonObject:
    sides = [side for row in data["oc"].values() for side in row.values()]
    if call.has(FaultKind.NO_STRIKES):
        return data | {"oc": {}}
    if call.has(FaultKind.ODD_SHARES) and sides:
        sides[0]["oi"] += 1
    if call.has(FaultKind.BLANK_CHAIN):
        for side in sides:
            kept = {"security_id": side["security_id"], "greeks": dict.fromkeys(side["greeks"], 0)}
            side.update(dict.fromkeys(side, 0) | kept)
        data["last_price"] = 0.0
    return data
