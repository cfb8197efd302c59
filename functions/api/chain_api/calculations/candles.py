"""Candles of contracts: open, high, low and close of the last price, and volume. Pure.

Intervals are counted from the opening of the session of their day in India, and never span two
days.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from chain_api.calculations.intervals import Intervals
from chain_api.json_types import Answer

_CONTRACT = ("symbol", "type", "strike_price", "expiry_date", "identifier")
CANDLE_COLUMNS = (
    *_CONTRACT,
    "timestamp",
    "open",
    "high",
    "low",
    "close",
    "open_interest",
    "total_traded_volume",
    "volume",
    "count",
)


def candles(
    documents: Iterable[Mapping[str, Any]],
    interval: timedelta,
    opening: Callable[[datetime], datetime],
    before: Mapping[str, float | None],
) -> list[Answer]:
    """Return a candle for each interval that has documents, by contract and time.

    `documents` are in the order of contract and `fetched_at`. `opening` returns the opening of the
    session on an instant's day in India, or the midnight of a day without a session. `before` holds
    by identifier the volume counter earlier on the day of a contract's first document, or None.

    `volume` is in contracts (lots), as the counter is. It is null if the counter before the
    interval is not known, and negative if the exchange corrected the counter downwards.
    """
    intervals = Intervals(interval, opening)
    return [
        candle
        for identifier, contract in groupby(documents, itemgetter("identifier"))
        for candle in _of_contract(contract, intervals, before.get(identifier))
    ]


def _of_contract(
    documents: Iterable[Mapping[str, Any]], intervals: Intervals, counter: float | None
) -> Iterator[Answer]:
    """Yield the candles of one contract; `counter` is its volume before the first of them."""
    today = None
    for interval, group in groupby(documents, lambda row: intervals.of(row["fetched_at"])):
        if today not in (None, interval.day):
            counter = None
        today = interval.day
        # The counter starts each day at zero. After the opening an unknown counter stays unknown.
        fresh = counter is None and interval.timestamp <= today.opens
        candle = _candle(list(group), interval.timestamp, 0 if fresh else counter)
        yield candle
        if candle["total_traded_volume"] is not None:
            counter = candle["total_traded_volume"]


def _candle(
    documents: Sequence[Mapping[str, Any]], timestamp: datetime, counter: float | None
) -> Answer:
    first = documents[0]
    prices = _sent(documents, "last_price")
    counted = _sent(documents, "total_traded_volume")[-1]
    return {
        **{name: first[name] for name in _CONTRACT},
        "timestamp": timestamp,
        "open": prices[0],
        "high": max(prices),
        "low": min(prices),
        "close": prices[-1],
        "open_interest": _sent(documents, "open_interest")[-1],
        "total_traded_volume": counted,
        "volume": None if counted is None or counter is None else counted - counter,
        "count": len(documents),
    }


def _sent(documents: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """Return the values that the exchange sent, in order; [None] if it sent none."""
    values = [document[name] for document in documents]
    return [value for value in values if value is not None] or [None]
