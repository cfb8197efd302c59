"""Bodies as the exchange sends them, in each of its spellings, with made-up numbers.

A leg's numbers are given by the names of Quote's fields; the spelling decides the keys.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date, datetime
from typing import Any, Literal

from optionchain.exchange_time import IST, expiry_text
from optionchain.snapshot import Side

type Json = dict[str, Any]
type Spelling = Literal["v3", "v3-january-2026"]

SPELLINGS: tuple[Spelling, ...] = ("v3", "v3-january-2026")

# The key and an ordinary number of each field of Quote: no number is 0, none equals another.
_FIELDS: Mapping[str, tuple[str, float]] = {
    "open_interest": ("openInterest", 1200),
    "change_in_oi": ("changeinOpenInterest", -34),
    "pchange_in_oi": ("pchangeinOpenInterest", -2.75),
    "last_price": ("lastPrice", 101.35),
    "change": ("change", 4.15),
    "pchange": ("pchange", 4.27),
    "total_traded_volume": ("totalTradedVolume", 5600),
    "implied_volatility": ("impliedVolatility", 12.5),
    "bid_qty": ("buyQuantity1", 75),
    "bid_price": ("buyPrice1", 101.2),
    "ask_price": ("sellPrice1", 101.5),
    "ask_qty": ("sellQuantity1", 150),
    "total_buy_qty": ("totalBuyQuantity", 98700),
    "total_sell_qty": ("totalSellQuantity", 87600),
}
_KEYS = {"strike_price": ("strikePrice",)} | {name: (key,) for name, (key, _) in _FIELDS.items()}
# The keys of each field of Quote.
KEYS: Mapping[Spelling, Mapping[str, tuple[str, ...]]] = {
    "v3": _KEYS | {"pchange": ("pChange", "PChange")},
    "v3-january-2026": _KEYS,
}
NUMBERS: Mapping[str, Any] = {name: number for name, (_, number) in _FIELDS.items()}
EXPIRY = date(2026, 6, 23)
STAMP = datetime.fromisoformat("2026-06-19T09:32:20+00:00")  # 15:02:20 in India
UNDERLYING = 24013.1


def exchange_timestamp_text(instant: datetime) -> str:
    """Return an instant as the exchange writes it: `05-Dec-2025 12:32:20`, IST."""
    local = instant.astimezone(IST)
    return f"{expiry_text(local.date())} {local:%H:%M:%S}"


def leg(
    side: Side,
    strike: float,
    *,
    symbol: str = "NIFTY",
    expiry: date = EXPIRY,
    spelling: Spelling = "v3",
    **numbers: object,
) -> Json:
    """Return one leg; `numbers` replace the ordinary ones, by the names of Quote's fields."""
    values = {**NUMBERS, "strike_price": strike, **numbers}
    keys = KEYS[spelling]
    written = {key: value for name, value in values.items() for key in keys[name]}
    instrument = "OPTIDX" if symbol.endswith("NIFTY") else "OPTSTK"
    return written | {
        "identifier": f"{instrument}{symbol}{expiry:%d-%m-%Y}{side}{strike:.2f}",
        "underlying": symbol,
        "underlyingValue": UNDERLYING,
        "expiryDate": f"{expiry:%d-%m-%Y}",
    }


def absent_leg(spelling: Spelling = "v3") -> Json:
    """Return what v3 writes for a side that is not there: zeros under no name."""
    zeros = {key: 0 for keys in KEYS[spelling].values() for key in keys}
    nulls = dict.fromkeys(("identifier", "underlying", "expiryDate", "optionType"))
    return {**zeros, **nulls, "underlyingValue": 0}


def row(strike: float, *legs: Json, expiry: date = EXPIRY, **sides: Json) -> Json:
    """Return a row of a chain; a leg goes to its side by its identifier, or by name."""
    named = {"CE" if "CE" in item["identifier"] else "PE": item for item in legs}
    return {"expiryDates": expiry_text(expiry), "strikePrice": strike, **named, **sides}


def body(rows: Sequence[Json], *, stamp: datetime = STAMP, underlying: object = UNDERLYING) -> Json:
    """Return a body of these rows; `filtered` repeats them as the exchange does."""
    records = {
        "data": list(rows),
        "timestamp": exchange_timestamp_text(stamp),
        "underlyingValue": underlying,
        "expiryDates": sorted({str(item.get("expiryDates")) for item in rows}),
        "strikePrices": [str(item.get("strikePrice")) for item in rows],
    }
    totals = {side: _totals(rows, side) for side in ("CE", "PE")}
    return {"records": records, "filtered": {"data": deepcopy(records["data"]), **totals}}


def _totals(rows: Sequence[Json], side: str) -> Json:
    legs = [item[side] for item in rows if isinstance(item.get(side), dict)]
    return {
        total: sum(leg.get(key) or 0 for leg in legs)
        for total, key in (("totOI", "openInterest"), ("totVol", "totalTradedVolume"))
    }


def chain_body(
    strikes: Iterable[float] = (24000, 24050, 24100),
    *,
    symbol: str = "NIFTY",
    expiry: date = EXPIRY,
    spelling: Spelling = "v3",
    stamp: datetime = STAMP,
    **numbers: object,
) -> Json:
    """Return a whole body with both sides at each strike."""
    given: Any = {"symbol": symbol, "expiry": expiry, "spelling": spelling, **numbers}
    rows = [
        row(strike, CE=leg("CE", strike, **given), PE=leg("PE", strike, **given), expiry=expiry)
        for strike in strikes
    ]
    return body(rows, stamp=stamp)


def encoded(body: object) -> bytes:
    """Return the JSON of a body; unlike orjson this writes NaN and numbers of any length."""
    return json.dumps(body).encode()
