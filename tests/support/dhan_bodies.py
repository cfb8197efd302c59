"""Answers as Dhan sends them, with made-up numbers: chains, lists of expiries, errors.

Open interest, volume and quantities are in shares.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import orjson

from tests.support.bodies import UNDERLYING, Json

LOT = 65
# No number is 0, none equals another.
NUMBERS: Mapping[str, float] = {
    "average_price": 99.1,
    "implied_volatility": 12.5,
    "last_price": 101.35,
    "oi": 1200 * LOT,
    "previous_close_price": 97.2,
    "previous_oi": 1234 * LOT,
    "previous_volume": 4321 * LOT,
    "security_id": 47_317,
    "top_ask_price": 101.5,
    "top_ask_quantity": 150,
    "top_bid_price": 101.2,
    "top_bid_quantity": 75,
    "volume": 5600 * LOT,
}
GREEKS = {"delta": 0.51, "theta": -9.7, "gamma": 0.0003, "vega": 4.1}


def leg(**numbers: object) -> Json:
    """Return one contract; `numbers` replace some of its own."""
    return {**NUMBERS, "greeks": GREEKS, **numbers}


def chain(
    strikes: Iterable[float] = (24_000.0, 24_050.0),
    underlying: float | None = UNDERLYING,
    **numbers: object,
) -> Json:
    """Return a whole chain with both sides at each strike; `numbers` are those of every leg."""
    rows = {f"{strike:.6f}": {"ce": leg(**numbers), "pe": leg(**numbers)} for strike in strikes}
    return {"data": {"last_price": underlying, "oc": rows}, "status": "success"}


def expiry_list(days: Iterable[date]) -> Json:
    """Return a list of expiries."""
    return {"data": [f"{day}" for day in days], "status": "success"}


def data_error(code: str, words: str = "in the vendor's words") -> Json:
    """Return an error of the data endpoints, such as 805."""
    return {"data": {code: words}, "status": "failed"}


def api_error(code: str, words: str = "in the vendor's words") -> Json:
    """Return an error of the whole API, such as DH-901."""
    return {"errorType": "A_Type", "errorCode": code, "errorMessage": words}


def encoded(body: object) -> bytes:
    """Return the bytes of an answer."""
    return orjson.dumps(body)
