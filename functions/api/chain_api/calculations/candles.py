"""Contracts' documents as candles: open, high, low, close of the last price, volume. Pure.

Intervals count from the opening of the session of their day in India and never span two days.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from chain_api.calculations.intervals import Intervals
from chain_api.rendering.answers import Answer

_CONTRACT = ("symbol", "type", "strike_price", "expiry_date", "identifier")
CANDLE_COLUMNS = (
    *_CONTRACT,
    *("timestamp", "open", "high", "low", "close"),
    *("open_interest", "total_traded_volume", "volume", "count"),
)


def candles(
    documents: Iterable[Mapping[str, Any]],
    interval: timedelta,
    opening: Callable[[datetime], datetime],
    before: Mapping[str, float | None],
) -> list[Answer]:
    """Return the candles of each interval that has documents, by contract and time.

    `documents` run by contract and then by `fetched_at`; `opening` gives the opening of the
    session of an instant's day in India, its midnight where there is none. `before` holds, by
    identifier, the volume counter as it stood earlier on the day of a contract's first document;
    None tells nothing.

    `volume` is in contracts, as the counter is; it is null where the counter before the interval
    is not known, and what the exchange corrects downwards is negative.
    """
    clock = Intervals(interval, opening)
    return [
        candle
        for identifier, contract in groupby(documents, itemgetter("identifier"))
        for candle in _of_contract(contract, clock, before.get(identifier))
    ]


def _of_contract(
    documents: Iterable[Mapping[str, Any]], clock: Intervals, counter: float | None
) -> Iterator[Answer]:
    """Yield one contract's candles; `counter` is where its volume stood before them."""
    today = None
    for interval, group in groupby(documents, lambda row: clock.of(row["fetched_at"])):
        if today not in (None, interval.day):
            counter = None
        today = interval.day
        # The counter starts the day at zero; once trading has begun, nothing known is null.
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
    """Return the values that were sent, in order; a None alone where none was."""
    values = [document[name] for document in documents]
    return [value for value in values if value is not None] or [None]
