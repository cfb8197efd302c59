"""From a body of Upstox to a snapshot. Pure; it raises nothing but PayloadInvalid.

Upstox counts in shares, and sends no change, no total of the book and no time stamp. Its 0 means
"none" for a price and a volatility, and a true 0 for open interest and volume.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import pairwise, repeat
from operator import attrgetter

from chain_fetch.payload.decoding import decoded
from chain_fetch.payload.differences import DERIVED
from chain_fetch.payload.wording import LONGEST_EXCERPT
from chain_fetch.upstox.body_schema import BODY, Row
from chain_fetch.upstox.leg_quote import ListedLeg, quote_of
from optionchain.errors import PayloadEmpty, PayloadInvalid
from optionchain.snapshot import Side, Snapshot

_CALL: Side = "CE"
_PUT: Side = "PE"
_EXPIRY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ON_INDEX = "NSE_INDEX|"


def parse(
    body: bytes,
    symbol: str,
    fetched_at: datetime,
    lot_of: Callable[[date], int],
    underlying_key: str | None = None,
) -> Snapshot:
    """Return the snapshot of a body: one expiry of one symbol.

    `lot_of` returns the lot size of an expiry or raises PayloadInvalid; `underlying_key` is the
    vendor's name of the symbol, where it is known. Raises PayloadInvalid if the body is not a whole
    chain of that symbol, or its shares are no whole number of contracts: its subclass
    PayloadNotJson if it is no JSON, PayloadEmpty if it is well-formed and holds no contract.
    """
    whole = decoded(body, BODY)
    if whole.status != "success":
        raise PayloadInvalid(f"{whole.status[:LONGEST_EXCERPT]!r} is not success", "status")
    rows = whole.data
    if not rows:
        raise PayloadEmpty("no contract", "data")
    key = _shared([row.underlying_key for row in rows], "underlying_key")
    if underlying_key not in (None, key):
        raise PayloadInvalid(f"{key[:LONGEST_EXCERPT]!r} is not {underlying_key!r}", "data")
    expiry = _expiry(_shared([row.expiry for row in rows], "expiry"))
    legs = _legs(rows)
    return Snapshot(
        symbol=symbol,
        expiry=expiry,
        fetched_at=fetched_at,
        exchange_timestamp=None,
        underlying_value=_underlying(rows),
        quotes=tuple(map(quote_of, legs, repeat(float(lot_of(expiry))))),
        source="upstox",
        derived=DERIVED,
        of_index=key.startswith(_ON_INDEX),
    )


def _shared(texts: Sequence[str], name: str) -> str:
    """Return the text that all rows share."""
    first = texts[0]
    if texts.count(first) != len(texts):
        row = next(number for number, text in enumerate(texts) if text != first)
        raise PayloadInvalid(f"the rows do not share one {name}", f"data.{row}.{name}")
    return first


def _expiry(text: str) -> date:
    try:
        if not _EXPIRY.fullmatch(text):
            raise ValueError("not like 2026-12-01")
        return date.fromisoformat(text)
    except ValueError as error:
        what = f"{text[:LONGEST_EXCERPT]!r} is not a date"
        raise PayloadInvalid(what, "data.0.expiry") from error


def _underlying(rows: Sequence[Row]) -> float | None:
    """Return the price of the underlying that the rows share.

    Rows that differ were made at different moments, and none of them says which price holds for the
    whole chain. Its contracts do: so the price alone is unknown, and 0 is none.
    """
    prices = {row.underlying_spot_price or None for row in rows} - {None}
    return prices.pop() if len(prices) == 1 else None


def _legs(rows: list[Row]) -> list[ListedLeg]:
    """Return the contracts by strike, the call before the put; at least one."""
    rows = sorted(rows, key=attrgetter("strike_price"))
    if not rows[0].strike_price:
        raise PayloadInvalid("a strike of 0", "data")
    for before, after in pairwise(rows):
        if before.strike_price == after.strike_price:
            raise PayloadInvalid(f"the strike {after.strike_price:.15g} stands twice", "data")
    legs: list[ListedLeg] = [
        (side, row.strike_price, leg, data)
        for row in rows
        for side, leg in ((_CALL, row.call_options), (_PUT, row.put_options))
        if leg is not None and (data := leg.market_data) is not None
    ]
    if not legs:
        raise PayloadEmpty("no contract", "data")
    keys = [leg.instrument_key for _, _, leg, _ in legs]
    if len({*keys}) != len(keys) - max(keys.count(None) - 1, 0):
        raise PayloadInvalid("an instrument_key stands twice", "data")
    if not any(map(_says_something, legs)):
        raise PayloadEmpty("every number of every contract is 0", "data")
    return legs


def _says_something(leg: ListedLeg) -> bool:
    _, _, _, data = leg
    amounts = data.oi, data.volume, data.prev_oi
    prices = data.ltp, data.close_price, data.bid_price, data.ask_price
    return any(amounts) or any(prices)
