"""From a body of the exchange to snapshots. Pure; it raises nothing but PayloadInvalid.

Both dialects are read: v3 (one expiry a body) and the legacy one (all expiries in one body).
"""

from collections import defaultdict
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from chain_fetch.columns import quotes_of
from optionchain.errors import PayloadEmpty, PayloadInvalid
from optionchain.exchange_time import parse_exchange_timestamp, parse_expiry
from optionchain.snapshot import Quote, Side, Snapshot

# No price comes near; a double is exact to well beyond it.
_PRICE_LIMIT = 1e15
_SIDES: tuple[Side, ...] = ("CE", "PE")
_INSTRUMENTS = ("OPTIDX", "OPTSTK")
_BY_STRIKE = itemgetter(Quote._fields.index("strike_price"), Quote._fields.index("side"))


class _Leg(NamedTuple):
    row: int
    side: Side
    expiry: date
    series: str  # what the identifier says between the instrument and the strike
    strike: object  # as the row says
    values: dict[str, Any]


def parse(body: object, symbol: str, fetched_at: datetime) -> list[Snapshot]:
    """Return the snapshots of a decoded body, one per expiry, by expiry date.

    Raises PayloadInvalid where the body is not a whole, consistent chain of `symbol`; its
    subclass PayloadEmpty where it is well-formed and holds no contract.
    """
    records = _mapping(_mapping(body, "body").get("records"), "records")
    stamp = _timestamp(records.get("timestamp"))
    underlying = _underlying(records)
    legs = _legs(records.get("data"), symbol)
    if not legs:
        raise PayloadEmpty("no contract", "records.data")
    chains: defaultdict[date, list[Quote]] = defaultdict(list)
    for leg, quote in zip(legs, _quotes(legs), strict=True):
        chains[leg.expiry].append(quote)
    return [
        Snapshot(symbol, expiry, fetched_at, stamp, underlying, _whole(chains[expiry]))
        for expiry in sorted(chains)
    ]


def _legs(rows: object, symbol: str) -> list[_Leg]:
    if not isinstance(rows, list):
        raise PayloadInvalid("not a list", "records.data")
    legs = []
    series: dict[str, tuple[date, dict[Side, str]]] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise PayloadInvalid("not an object", _place(number))
        text = row.get("expiryDates") or row.get("expiryDate")
        if type(text) is not str:
            raise PayloadInvalid("no expiry date", _place(number))
        expiry, prefixes = series.get(text) or series.setdefault(
            text, _series(text, symbol, _place(number))
        )
        for side in _SIDES:
            values = row.get(side)
            # A missing side: the key is absent (legacy) or the identifier is null (v3).
            if values is not None and _mapping_at(values, number, side).get("identifier"):
                legs.append(
                    _Leg(number, side, expiry, prefixes[side], row.get("strikePrice"), values)
                )
    return legs


def _quotes(legs: list[_Leg]) -> list[Quote]:
    """Return the legs' quotes after checking that each leg is the contract its row says."""
    sides = [leg.side for leg in legs]
    quotes = quotes_of(
        sides,
        [leg.values for leg in legs],
        lambda index: _place(legs[index].row, legs[index].side),
    )
    for leg, quote in zip(legs, quotes, strict=True):
        strike, name = quote.strike_price, leg.values["identifier"]
        if (
            type(name) is not str
            or name[6:] != f"{leg.series}{strike:.2f}"
            or name[:6] not in _INSTRUMENTS
        ):
            expected = f"{leg.series}{strike:.2f}"
            raise PayloadInvalid(f"{name!r:.60} is not …{expected}", _place(leg.row, leg.side))
        if leg.strike != strike:
            raise PayloadInvalid("a leg of another strike", _place(leg.row, leg.side))
    return quotes


def _whole(quotes: list[Quote]) -> tuple[Quote, ...]:
    quotes.sort(key=_BY_STRIKE)
    if len(set(map(_BY_STRIKE, quotes))) != len(quotes):
        raise PayloadInvalid("a contract stands twice", "records.data")
    return tuple(quotes)


def _series(text: str, symbol: str, where: str) -> tuple[date, dict[Side, str]]:
    try:
        expiry = parse_expiry(text)
    except ValueError as error:
        raise PayloadInvalid(str(error), where) from error
    return expiry, {side: f"{symbol}{expiry:%d-%m-%Y}{side}" for side in _SIDES}


def _place(row: int, side: str | None = None) -> str:
    return f"records.data[{row}]" + (f".{side}" if side else "")


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PayloadInvalid("not an object", where)
    return value


def _mapping_at(value: object, row: int, side: Side) -> dict[str, Any]:
    return value if isinstance(value, dict) else _mapping(value, _place(row, side))


def _timestamp(text: object) -> datetime:
    try:
        return parse_exchange_timestamp(text if isinstance(text, str) else "")
    except ValueError as error:
        raise PayloadInvalid(f"{text!r:.40} is not a timestamp", "records.timestamp") from error


def _underlying(records: dict[str, Any]) -> float | None:
    """Return `records.underlyingValue`: legs disagree at times, and 0 means none."""
    value = records.get("underlyingValue", "missing")
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value < _PRICE_LIMIT:
        raise PayloadInvalid(f"{value!r:.40} is not a price", "records.underlyingValue")
    return float(value) or None
