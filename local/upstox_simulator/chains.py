"""The rows of a chain as Upstox sends them."""

from datetime import date

from local.nse_simulator.feed import ExchangeFeed, FeedChain, FeedLeg
from local.nse_simulator.v3_format import JsonObject, number
from local.upstox_simulator.faults import FaultKind
from local.upstox_simulator.instruments import contract_key, underlying_key
from local.vendor_simulator.greeks import greeks_of
from local.vendor_simulator.vendor import Call

_NAMES = {"CE": "call_options", "PE": "put_options"}


def chain_rows(feed: ExchangeFeed, symbol: str, expiry: date, call: Call) -> list[JsonObject]:
    """Return a chain, empty if the expiry is not listed, with the fault of the call."""
    chain = feed.chain(symbol, expiry)
    days = (expiry - feed.today()).days
    rows = [
        {
            "expiry": expiry.isoformat(),
            "strike_price": strike,
            "underlying_key": underlying_key(symbol),
            "underlying_spot_price": chain.underlying,
            **_put_call_ratio(list(legs.values())),
            **{_NAMES[side]: _side(leg, chain, days) for side, leg in legs.items()},
        }
        for strike, legs in chain.rows.items()
    ]
    return _with_fault(rows, call)


def _put_call_ratio(legs: list[FeedLeg]) -> JsonObject:
    interest = {leg.side: leg.interest for leg in legs}
    calls, puts = interest.get("CE", 0), interest.get("PE", 0)
    return {"pcr": round(puts / calls, 4)} if calls else {}


def _side(leg: FeedLeg, chain: FeedChain, days: int) -> JsonObject:
    delta, gamma, theta, vega = greeks_of(
        leg.side, chain.underlying, leg.strike, days, leg.volatility
    )
    chance = round(abs(delta) * 100, 2)
    return {
        "instrument_key": contract_key(leg),
        "market_data": {
            "ltp": number(leg.last),
            "volume": leg.volume,
            "oi": float(leg.interest),
            "close_price": number(leg.close),
            "bid_price": number(leg.bid),
            "bid_qty": leg.bid_quantity,
            "ask_price": number(leg.ask),
            "ask_qty": leg.ask_quantity,
            "prev_oi": float(leg.interest_before),
        },
        "option_greeks": {
            "vega": vega,
            "theta": theta,
            "gamma": gamma,
            "delta": delta,
            "iv": leg.volatility,
            "pop": chance,
        },
    }


def _with_fault(rows: list[JsonObject], call: Call) -> list[JsonObject]:
    sides = [row[name] for row in rows for name in _NAMES.values() if name in row]
    if call.has(FaultKind.BLANK_CHAIN):
        for row in rows:
            row["underlying_spot_price"] = 0.0
        for side in sides:
            side["market_data"] = dict.fromkeys(side["market_data"], 0)
            side["option_greeks"] = dict.fromkeys(side["option_greeks"], 0)
    if call.has(FaultKind.TWO_EXPIRIES) and rows:
        rows[-1]["expiry"] = "2030-01-01"
    if call.has(FaultKind.ODD_SHARES) and sides:
        sides[0]["market_data"]["oi"] += 1
    return rows
