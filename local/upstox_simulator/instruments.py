"""How Upstox names the contracts of the simulated market, and its public file of them."""

import gzip
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson

from local.nse_simulator.feed import ExchangeFeed, NamedContract
from local.nse_simulator.instruments import INSTRUMENTS, Instrument
from local.nse_simulator.v3_format import IST, MONTHS, JsonObject, Side, number

# Upstox spells the indices in its own way, and a share by its ISIN.
_INDEX_KEYS = {
    "NIFTY": "NSE_INDEX|Nifty 50",
    "BANKNIFTY": "NSE_INDEX|Nifty Bank",
    "FINNIFTY": "NSE_INDEX|Nifty Fin Service",
    "MIDCPNIFTY": "NSE_INDEX|NIFTY MID SELECT",
    "NIFTYNXT50": "NSE_INDEX|Nifty Next 50",
}
_PLACES = {symbol: place for place, symbol in enumerate(INSTRUMENTS, start=1)}
_FREEZE_LOTS = 27
_TICK_PAISE = 5


def underlying_key(symbol: str) -> str:
    """Return the key of an underlying, as in `NSE_INDEX|Nifty 50`."""
    if symbol in _INDEX_KEYS:
        return _INDEX_KEYS[symbol]
    return f"NSE_EQ|INE{_PLACES[symbol]:03}A01018"


UNDERLYINGS = {underlying_key(symbol): symbol for symbol in INSTRUMENTS}
"""Every symbol by the key of its underlying."""


def contract_key(leg: NamedContract) -> str:
    """Return the key of a contract, as in `NSE_FO|51834`."""
    return f"NSE_FO|{leg.id}"


def quote_name(symbol: str, expiry: date, side: Side, strike: float) -> str:
    """Return the name of a contract among quotes, as in `NSE_FO:NIFTY2692225000CE`."""
    return f"NSE_FO:{symbol}{expiry:%y}{expiry.month:X}{expiry:%d}{number(strike)}{side}"


def contract_row(instrument: Instrument, expiry: date, leg: NamedContract) -> JsonObject:
    """Return a contract as `/v2/option/contract` lists it; amounts in shares, ticks in paise."""
    lot, index = instrument.lot_of(expiry), instrument.kind == "Indices"
    month = MONTHS[expiry.month - 1].upper()
    return {
        "name": instrument.symbol if index else instrument.name.upper(),
        "segment": "NSE_FO",
        "exchange": "NSE",
        "expiry": expiry.isoformat(),
        "instrument_key": contract_key(leg),
        "exchange_token": str(leg.id),
        "trading_symbol": f"{instrument.symbol} {number(leg.strike)} {leg.side} "
        f"{expiry.day:02} {month} {expiry:%y}",
        "tick_size": _TICK_PAISE,
        "lot_size": lot,
        "instrument_type": leg.side,
        "freeze_quantity": lot * _FREEZE_LOTS,
        "underlying_key": underlying_key(instrument.symbol),
        "underlying_type": "INDEX" if index else "EQUITY",
        "underlying_symbol": instrument.symbol,
        "strike_price": number(leg.strike),
        "minimum_lot": lot,
        "weekly": index and (expiry + timedelta(days=7)).month == expiry.month,
    }


def instruments_file(feed: ExchangeFeed) -> bytes:
    """Return `NSE.json.gz`: its own spelling of the same rows, and rows that are no options."""
    return gzip.compress(orjson.dumps(list(_rows(feed))), 5, mtime=0)


def _rows(feed: ExchangeFeed) -> Iterator[dict[str, Any]]:
    for symbol, instrument in feed.symbols().items():
        segment, _, _ = underlying_key(symbol).partition("|")
        kind = "INDEX" if segment == "NSE_INDEX" else "EQ"
        yield {
            "segment": segment,
            "name": instrument.name,
            "exchange": "NSE",
            "instrument_type": kind,
            "instrument_key": underlying_key(symbol),
            "exchange_token": symbol,
            "trading_symbol": symbol,
        }
        yield {
            "segment": "NSE_FO",
            "name": symbol,
            "asset_symbol": symbol,
            "underlying_symbol": symbol,
            "instrument_key": f"NSE_FO|{symbol}-FUT",
            "instrument_type": "FUT",
            "trading_symbol": f"{symbol} FUT",
            "lot_size": instrument.lot,
            "expiry": _end_of(feed.market.expiries(symbol)[-1]),
            "strike_price": 0.0,
        }
    for instrument, expiry, leg in feed.listed():
        row = contract_row(instrument, expiry, leg)
        yield row | {
            "asset_symbol": row["underlying_symbol"],
            "asset_key": row["underlying_key"],
            "asset_type": row["underlying_type"],
            "expiry": _end_of(expiry),
            "strike_price": leg.strike,
            "tick_size": float(row["tick_size"]),
            "freeze_quantity": float(row["freeze_quantity"]),
            "qty_multiplier": 1.0,
        }


def _end_of(expiry: date) -> int:
    """Return 23:59:59 of a day in India, in milliseconds since 1970."""
    return int(datetime.combine(expiry, time(23, 59, 59), IST).timestamp()) * 1000
