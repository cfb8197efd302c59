"""From a body of the exchange to a snapshot. Pure; it raises nothing but PayloadInvalid.

Pydantic checks types and bounds, straight from the bytes: this takes less than half the time of
decoding the JSON first and checking by hand (`make bench`). The code here checks that the legs are
the contracts which their rows name, and decides which zeros mean "none".
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

from chain_fetch.blank_json import holds_objects_in_lists, is_blank
from chain_fetch.nse.body_schema import BODY, Leg, Row
from chain_fetch.nse.consistency import check_consistency, check_no_rows
from chain_fetch.payload.validation import validated
from chain_fetch.payload.wording import LONGEST_EXCERPT
from optionchain.errors import PayloadEmpty, PayloadInvalid
from optionchain.exchange_time import parse_exchange_timestamp, parse_expiry
from optionchain.snapshot import Quote, Side, Snapshot

_SIDES: tuple[Side, ...] = ("CE", "PE")
_OPTION_ON_INDEX = "OPTIDX"
_INSTRUMENTS = (_OPTION_ON_INDEX, "OPTSTK")
_CONTRACT = itemgetter(Quote._fields.index("strike_price"), Quote._fields.index("side"))
_QUOTE = Quote._make  # by position: half the time of keywords


def parse(body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
    """Return the snapshot of a body: one expiry of one symbol, as v3 answers it.

    Raises PayloadInvalid if it is not a whole, consistent chain of `symbol`: its subclass
    PayloadNotJson if it is no JSON, PayloadEmpty if it is well-formed and holds no contract.
    """
    whole = validated(body, BODY, rows="records.data", lacks_rows=_is_chain_without_rows)
    records = whole["records"]
    rows = records["data"]
    if not rows:
        check_no_rows(whole)
        raise PayloadEmpty("no contract", "records.data")
    expiry = _expiry(rows)
    exchange_timestamp = _timestamp(records["timestamp"])
    quotes = _quotes(rows, symbol, expiry)
    if not quotes:
        raise PayloadEmpty("no contract", "records.data")
    check_consistency(whole, quotes)
    # Legs of one body may disagree about the underlying, so the body's own value counts. 0 is none.
    underlying = records["underlying_value"] or None
    listed = _listed_expiries(records.get("expiry_dates"))
    return Snapshot(
        symbol=symbol,
        expiry=expiry,
        fetched_at=fetched_at,
        exchange_timestamp=exchange_timestamp,
        underlying_value=underlying,
        quotes=quotes,
        listed_expiries=listed,
        of_index=_is_of_index(rows),
    )


def _is_chain_without_rows(body: object) -> bool:
    """Return whether a body is a chain whose rows are missing or blank, and has no rows elsewhere.

    If it has rows elsewhere, the exchange has changed its spelling or contradicts itself.
    """
    if not isinstance(body, dict) or not isinstance(records := body.get("records"), dict):
        return False
    return is_blank(records.get("data")) and not holds_objects_in_lists(body)


def _expiry(rows: Sequence[Row]) -> date:
    """Return the expiry date that all rows share."""
    text = rows[0]["expiry"]
    for number, row in enumerate(rows):
        if row["expiry"] != text:
            raise PayloadInvalid("the body is not of one expiry alone", _place(number))
    try:
        return parse_expiry(text)
    except ValueError as error:
        raise PayloadInvalid(str(error), _place(0)) from error


def _is_of_index(rows: Sequence[Row]) -> bool:
    """Tell whether the first contract names itself as an option on an index."""
    legs = (leg for row in rows for side in _SIDES if (leg := row.get(side)))
    names = (name for leg in legs if (name := leg["identifier"]))
    return next(names, "").startswith(_OPTION_ON_INDEX)


def _listed_expiries(texts: object) -> tuple[date, ...]:
    """Return the expiries that the body lists, none if its list cannot be read."""
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return ()
    return _dates(tuple(texts))


@lru_cache(maxsize=1_000)  # all bodies of a symbol have the same list
def _dates(texts: tuple[str, ...]) -> tuple[date, ...]:
    try:
        return tuple(sorted({parse_expiry(text) for text in texts}))
    except ValueError:
        return ()


def _quotes(rows: Sequence[Row], symbol: str, expiry: date) -> tuple[Quote, ...]:
    """Return the quotes by strike and side; each leg must be the contract that its row names."""
    # What the identifier of a leg says between the instrument and the strike.
    names = {side: f"{symbol}{expiry:%d-%m-%Y}{side}" for side in _SIDES}
    quotes = []
    for number, row in enumerate(rows):
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
                excerpt = repr(identifier[:LONGEST_EXCERPT])
                what = f"{excerpt} is not the option …{names[side]}{strike:.2f}"
                raise PayloadInvalid(what, _place(number, side))
            quotes.append(_quote(side, leg, number))
    quotes.sort(key=_CONTRACT)
    for before, after in pairwise(map(_CONTRACT, quotes)):
        if before == after:
            raise PayloadInvalid(f"the contract {after} stands twice", "records.data")
    return tuple(quotes)


def _quote(side: Side, leg: Leg, row: int) -> Quote:
    bid, ask = leg["bid_price"], leg["ask_price"]
    # The exchange's 0 means "none" for prices and volatility; for the rest it is a true 0.
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


def _timestamp(text: str) -> datetime:
    try:
        return parse_exchange_timestamp(text)
    except ValueError as error:
        what = f"{text[:LONGEST_EXCERPT]!r} is not a timestamp"
        raise PayloadInvalid(what, "records.timestamp") from error


def _place(row: int, side: str | None = None) -> str:
    return f"records.data.{row}" + (f".{side}" if side else "")
