"""The quotes of single contracts as Upstox sends them."""

from datetime import date, timedelta

from local.nse_simulator.contract_ids import series_of
from local.nse_simulator.feed import ExchangeFeed, FeedChain, FeedLeg
from local.nse_simulator.v3_format import IST, JsonObject, number
from local.upstox_simulator.instruments import contract_key, quote_name

_DEPTH = 5
_NO_ORDER = {"quantity": 0, "price": 0.0, "orders": 0}


def quotes_by_name(feed: ExchangeFeed, keys: list[str]) -> JsonObject:
    """Return the quotes of these keys by the vendor's names; an unknown key has none.

    `timestamp` is when the answer was made. Only `last_trade_time` is the exchange's.
    """
    wanted = set(keys)
    found: JsonObject = {}
    for symbol, expiry in sorted({series for key in keys if (series := _series(key))}):
        chain = feed.chain(symbol, expiry)
        for leg in (leg for row in chain.rows.values() for leg in row.values()):
            if contract_key(leg) in wanted:
                name = quote_name(symbol, expiry, leg.side, leg.strike)
                found[name] = _quote(feed, chain, leg, name.partition(":")[2])
    return found


def _series(key: str) -> tuple[str, date] | None:
    segment, _, digits = key.partition("|")
    return series_of(int(digits)) if segment == "NSE_FO" and digits.isdecimal() else None


def _quote(feed: ExchangeFeed, chain: FeedChain, leg: FeedLeg, name: str) -> JsonObject:
    traded_at = chain.stamp if leg.volume else chain.stamp - timedelta(days=1)
    return {
        "ohlc": dict.fromkeys(("open", "high", "low", "close"), number(leg.last)),
        "depth": {
            "buy": _depth(leg.bid, leg.bid_quantity),
            "sell": _depth(leg.ask, leg.ask_quantity),
        },
        "timestamp": feed.now().astimezone(IST).isoformat(timespec="milliseconds"),
        "instrument_token": contract_key(leg),
        "symbol": name,
        "last_price": number(leg.last),
        "volume": leg.volume,
        "average_price": number(leg.last),
        "oi": float(leg.interest),
        "previous_oi": float(leg.interest_before),
        "net_change": number(leg.last - leg.close),
        "prev_close_price": number(leg.close),
        "total_buy_quantity": float(leg.total_bid),
        "total_sell_quantity": float(leg.total_ask),
        "last_trade_time": str(int(traded_at.timestamp() * 1000)),
        "oi_day_high": float(leg.interest),
        "oi_day_low": float(leg.interest),
    }


def _depth(price: float, quantity: int) -> list[JsonObject]:
    best = [{"quantity": quantity, "price": number(price), "orders": 1}] if price else []
    return [*best, *([_NO_ORDER] * (_DEPTH - len(best)))]
