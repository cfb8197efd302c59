"""From a body of the exchange to snapshots. Pure; it raises nothing but PayloadInvalid.

Both dialects are read: v3 (one expiry a body) and the legacy one (all expiries in one body).
Types and bounds are pydantic's work, straight from the bytes: in less than half the time of
decoding them first and checking by hand (`make bench`). What is left here is whether the legs are
the contracts they should be, and which zeros mean "none".
"""

from datetime import date, datetime
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chain_fetch.payload.schema import BODY, Body, Leg, Row
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson
from optionchain.exchange_time import parse_exchange_timestamp, parse_expiry
from optionchain.snapshot import Quote, Side, Snapshot

_SIDES: tuple[Side, ...] = ("CE", "PE")
_INSTRUMENTS = ("OPTIDX", "OPTSTK")
_BY_STRIKE = itemgetter(Quote._fields.index("strike_price"), Quote._fields.index("side"))
_QUOTE = Quote._make  # by position: half the time of keywords
_SHOWN = 60


class _Series(NamedTuple):
    expiry: date
    names: dict[Side, str]  # what an identifier says between the instrument and the strike
    quotes: list[Quote]


def parse(body: object, symbol: str, fetched_at: datetime) -> list[Snapshot]:
    """Return the snapshots of a body, one per expiry, by expiry date.

    `body` is the JSON as received, in bytes, or as decoded. Raises PayloadInvalid where it is not
    a whole, consistent chain of `symbol`; its subclasses PayloadNotJson where it is no JSON, and
    PayloadEmpty where it is well-formed and holds no contract.
    """
    records = _checked(body)["records"]
    stamp = _timestamp(records["timestamp"])
    chains = _chains(records["data"], symbol)
    if not chains:
        raise PayloadEmpty("no contract", "records.data")
    # Legs disagree on the underlying at times; the body's own value holds, and its 0 means none.
    underlying = records["underlying_value"] or None
    return [
        Snapshot(symbol, expiry, fetched_at, stamp, underlying, _whole(chains[expiry]))
        for expiry in sorted(chains)
    ]


def _checked(body: object) -> Body:
    try:
        if isinstance(body, bytes):
            return BODY.validate_json(body)
        return BODY.validate_python(body)
    except ValidationError as error:
        raise _invalid(body, error.errors(include_url=False)[0]) from error


def _invalid(body: object, fault: ErrorDetails) -> PayloadInvalid:
    text = body.strip() if isinstance(body, bytes) else body
    if not text or text == b"{}":
        return PayloadEmpty("the body is empty", "body")
    if fault["type"] == "json_invalid":
        return PayloadNotJson(fault["msg"], cut_off="EOF" in fault["msg"])
    where = ".".join(str(part) for part in fault["loc"]) or "body"
    if fault["type"] == "missing":
        return PayloadInvalid("missing; has the exchange changed its spelling?", where)
    value = fault["input"]
    shown = repr(value)[:_SHOWN] if isinstance(value, (str, float, bool)) else type(value).__name__
    return PayloadInvalid(f"{fault['msg']}, not {shown}", where)


def _chains(rows: list[Row], symbol: str) -> dict[date, list[Quote]]:
    """Return the quotes of each expiry, each checked to be the contract that its row says."""
    series: dict[str, _Series] = {}
    for number, row in enumerate(rows):
        text = row["expiry"]
        _, names, quotes = series.get(text) or series.setdefault(
            text, _series(text, symbol, number)
        )
        strike = row["strike_price"]
        for side in _SIDES:
            leg = row.get(side)
            if leg is None or (identifier := leg["identifier"]) is None:
                continue
            if (
                leg["strike_price"] != strike
                or identifier[6:] != f"{names[side]}{strike:.2f}"
                or identifier[:6] not in _INSTRUMENTS
            ):
                what = f"{identifier[:_SHOWN]!r} is not the option …{names[side]}{strike:.2f}"
                raise PayloadInvalid(what, _place(number, side))
            quotes.append(_quote(side, leg, number))
    return {each.expiry: each.quotes for each in series.values() if each.quotes}


def _quote(side: Side, leg: Leg, row: int) -> Quote:
    bid, ask = leg["bid_price"], leg["ask_price"]
    # The exchange's 0 means "none" for prices and volatility; it is a true 0 for the rest.
    return _QUOTE(
        (
            side,
            leg["strike_price"],
            leg["open_interest"],
            leg["change_in_oi"],
            leg["pchange_in_oi"],
            leg["last_price"] or None,
            leg["change"] or None,
            leg["pchange"] or None,
            leg["total_traded_volume"],
            leg["implied_volatility"] or None,
            _units(leg["bid_qty"], row, side) if bid else 0,
            bid or None,
            ask or None,
            _units(leg["ask_qty"], row, side) if ask else 0,
            leg["total_buy_qty"],
            leg["total_sell_qty"],
        )
    )


def _units(quantity: float | None, row: int, side: Side) -> int:
    if quantity is None or not quantity.is_integer():
        raise PayloadInvalid(f"a price for {quantity} units", _place(row, side))
    return int(quantity)


def _whole(quotes: list[Quote]) -> tuple[Quote, ...]:
    quotes.sort(key=_BY_STRIKE)
    for before, after in pairwise(map(_BY_STRIKE, quotes)):
        if before == after:
            raise PayloadInvalid(f"the contract {after} stands twice", "records.data")
    return tuple(quotes)


def _series(text: str, symbol: str, row: int) -> _Series:
    try:
        expiry = parse_expiry(text)
    except ValueError as error:
        raise PayloadInvalid(str(error), _place(row)) from error
    names = {side: f"{symbol}{expiry:%d-%m-%Y}{side}" for side in _SIDES}
    return _Series(expiry, names, [])


def _timestamp(text: str) -> datetime:
    try:
        return parse_exchange_timestamp(text)
    except ValueError as error:
        what = f"{text[:_SHOWN]!r} is not a timestamp"
        raise PayloadInvalid(what, "records.timestamp") from error


def _place(row: int, side: str | None = None) -> str:
    return f"records.data.{row}" + (f".{side}" if side else "")
