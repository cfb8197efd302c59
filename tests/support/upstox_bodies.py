"""Answers as Upstox sends them, with made-up numbers: chains, contracts, holidays, errors.

Every number of a leg is in the vendor's unit: open interest, volume and quantities in shares.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime, time
from typing import Any

import orjson

from optionchain.exchange_time import IST
from tests.support.bodies import EXPIRY, UNDERLYING, Json

KEY = "NSE_INDEX|Nifty 50"
LOT = 65
# No number is 0, none equals another.
MARKET_DATA: Mapping[str, float] = {
    "ltp": 101.35,
    "close_price": 97.2,
    "volume": 5600 * LOT,
    "oi": 1200 * LOT,
    "prev_oi": 1234 * LOT,
    "bid_price": 101.2,
    "bid_qty": 75,
    "ask_price": 101.5,
    "ask_qty": 150,
}
GREEKS = {"vega": 4.1, "theta": -9.7, "gamma": 0.0003, "delta": 0.51, "iv": 12.5, "pop": 48.2}


def leg(strike: float, side: str, **numbers: object) -> Json:
    """Return one contract; `numbers` replace some of its own, `iv` among them."""
    greeks = {**GREEKS, "iv": numbers.pop("iv", GREEKS["iv"])}
    data = {**MARKET_DATA, **numbers}
    key = f"NSE_FO|{strike}{side}"
    return {"instrument_key": key, "market_data": data, "option_greeks": greeks}


def row(
    strike: float,
    *,
    expiry: date = EXPIRY,
    key: str = KEY,
    underlying: float | None = UNDERLYING,
    **numbers: object,
) -> Json:
    """Return one strike with both sides."""
    return {
        "expiry": expiry.isoformat(),
        "pcr": 1.2,
        "strike_price": strike,
        "underlying_key": key,
        "underlying_spot_price": underlying,
        "call_options": leg(strike, "CE", **deepcopy(numbers)),
        "put_options": leg(strike, "PE", **deepcopy(numbers)),
    }


def chain(strikes: Iterable[float] = (24_000.0, 24_050.0), **changes: Any) -> Json:  # noqa: ANN401
    """Return a whole chain; `changes` are those of `row`."""
    return {"status": "success", "data": [row(strike, **changes) for strike in strikes]}


def contracts(
    lots: Mapping[date, float],
    *,
    key: str = KEY,
    strikes: Iterable[float] = (24_000.0,),
    **changes: object,
) -> Json:
    """Return the contracts of a symbol, by the lot of each expiry; `changes` are for each row."""
    rows = [
        {
            "segment": "NSE_FO",
            "expiry": expiry.isoformat(),
            "instrument_key": f"NSE_FO|{expiry:%y%m%d}{strike:.0f}{side}",
            "instrument_type": side,
            "tick_size": 5.0,
            "lot_size": lot,
            "freeze_quantity": lot * 27.0,
            "underlying_key": key,
            "underlying_type": "INDEX" if key.startswith("NSE_INDEX") else "EQUITY",
            "strike_price": strike,
            **changes,
        }
        for expiry, lot in lots.items()
        for strike in strikes
        for side in ("CE", "PE")
    ]
    return {"status": "success", "data": rows}


def error(code: str, message: str = "in the vendor's words") -> Json:
    """Return an error under both spellings of its names, as it is sent today."""
    both = {"errorCode": code, "message": message, "propertyPath": None, "error_code": code}
    return {"status": "error", "errors": [both]}


def encoded(body: object) -> bytes:
    """Return the bytes of an answer."""
    return orjson.dumps(body)


def quotes(chain_body: bytes, **changes: object) -> Json:
    """Return quotes of the contracts of a chain, at the same moment but for `changes`."""
    data: Json = {}
    for number, each in enumerate(orjson.loads(chain_body)["data"]):
        for side in ("call_options", "put_options"):
            sent = each[side]["market_data"]
            data[f"NSE_FO:NIFTY{number}{side}"] = {
                "instrument_token": each[side]["instrument_key"],
                "timestamp": "2026-06-19T15:02:26.099+05:30",
                "last_trade_time": "1781861545000",
                "last_price": sent["ltp"],
                "volume": sent["volume"],
                "oi": sent["oi"],
                "total_buy_quantity": 98_700.0,
                "total_sell_quantity": 87_600.0,
                **changes,
            }
    return {"status": "success", "data": data}


def instruments(rows: Iterable[Json]) -> list[Json]:
    """Return the file of all instruments: rows of contracts in its spelling, and other rows."""
    other = {"segment": "NSE_EQ", "instrument_type": "EQ", "trading_symbol": "NIFTY"}
    future = {"segment": "NSE_FO", "instrument_type": "FUT", "underlying_symbol": "NIFTY"}
    return [other, future, *map(_in_the_file, rows)]


def _in_the_file(row: Json) -> Json:
    ends = datetime.combine(date.fromisoformat(row["expiry"]), time(23, 59, 59), IST)
    return {"underlying_symbol": "NIFTY", **row, "expiry": int(ends.timestamp()) * 1_000}
