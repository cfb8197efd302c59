"""Snapshots with made-up numbers, and their ticks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from optionchain.snapshot import Quote, Side, Snapshot
from tests.support.bodies import EXPIRY, NUMBERS, STAMP, UNDERLYING

TICK = datetime.fromisoformat("2026-06-19T09:32:25+00:00")
INTERVAL = timedelta(seconds=5)


def quote(side: Side = "CE", strike: float = 24000.0, **numbers: float | None) -> Quote:
    """Return an ordinary quote, typed as the parser does; `numbers` replace some of its own."""
    ordinary: dict[str, Any] = {name: float(value) for name, value in NUMBERS.items()}
    units = {name: int(NUMBERS[name]) for name in ("bid_qty", "ask_qty")}
    return Quote(side=side, strike_price=strike, **{**ordinary, **units, **numbers})


def snapshot(
    strikes: Sequence[float] = (24000.0, 24050.0),
    *,
    symbol: str = "NIFTY",
    expiry: date = EXPIRY,
    tick: datetime = TICK,
    stamp: datetime = STAMP,
    underlying: float | None = UNDERLYING,
    **numbers: float | None,
) -> Snapshot:
    """Return a snapshot with both sides at each strike, in order."""
    sides: tuple[Side, ...] = ("CE", "PE")
    quotes = tuple(quote(side, strike, **numbers) for strike in strikes for side in sides)
    return Snapshot(symbol, expiry, tick, stamp, underlying, quotes)


def stored_numbers(snapshot: Snapshot) -> set[float]:
    """Return every number of a snapshot: of its quotes, and the underlying value."""
    values = chain([snapshot.underlying_value], *(quote[1:] for quote in snapshot.quotes))
    return {value for value in values if value is not None}
