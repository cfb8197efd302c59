"""Contracts' documents as candles: open, high, low, close of the last price, volume. Pure.

Intervals count from the opening of the session of their day in India and never span two days.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from chain_api.answers import Answer
from optionchain.exchange_time import IST, exchange_date

_CONTRACT = ("symbol", "type", "strike_price", "expiry_date", "identifier")
CANDLE_COLUMNS = (
    *_CONTRACT,
    *("timestamp", "open", "high", "low", "close"),
    *("open_interest", "total_traded_volume", "volume", "count"),
)

_SHORTEST, _DAY = timedelta(seconds=5), timedelta(days=1)
_INTERVAL = re.compile(r"(\d{1,5})([smh])|1d", re.ASCII)
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


def interval_of(text: str) -> timedelta:
    """Read `5s`, `15m`, `1h`, `1d`; raise ValueError for what is no interval or out of bounds."""
    match = _INTERVAL.fullmatch(text)
    length = match and (int(match[1]) * _UNITS[match[2]] if match[1] else _DAY)
    if not length or not _SHORTEST <= length <= _DAY:
        raise ValueError("an interval is digits and s, m or h, like 15m, from 5s to 24h, or 1d")
    return length


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
    clock = _Clock(interval, opening)
    return [
        candle
        for identifier, contract in groupby(documents, itemgetter("identifier"))
        for candle in _of_contract(contract, clock, before.get(identifier))
    ]


class _Day(NamedTuple):
    midnight: datetime
    opens: datetime
    ends: datetime


class _Interval(NamedTuple):
    """An interval as far as it lies in its day: begins ≤ t < ends."""

    begins: datetime
    ends: datetime
    timestamp: datetime
    day: _Day


class _Clock:
    """Knows the interval of a document; reckons again only where the one before has ended."""

    def __init__(self, length: timedelta, opening: Callable[[datetime], datetime]) -> None:
        self._length = length
        self._opening = opening
        self._days: dict[date, _Day] = {}
        self._last: _Interval | None = None

    def interval(self, document: Mapping[str, Any]) -> _Interval:
        instant, last = document["fetched_at"], self._last
        if last is None or not last.begins <= instant < last.ends:
            self._last = last = self._reckoned(instant)
        return last

    def _reckoned(self, instant: datetime) -> _Interval:
        day = self._day(exchange_date(instant))
        if self._length == _DAY:
            return _Interval(day.midnight, day.ends, day.opens, day)
        # Before the opening the quotient is negative, and rounded down as well.
        start = day.opens + (instant - day.opens) // self._length * self._length
        begins, ends = max(start, day.midnight), min(start + self._length, day.ends)
        return _Interval(begins, ends, begins, day)

    def _day(self, number: date) -> _Day:
        day = self._days.get(number)
        if day is None:
            midnight = datetime.combine(number, time.min, IST).astimezone(UTC)
            opens = self._opening(midnight).astimezone(UTC)
            day = self._days[number] = _Day(midnight, opens, midnight + _DAY)
        return day


def _of_contract(
    documents: Iterable[Mapping[str, Any]], clock: _Clock, counter: float | None
) -> Iterator[Answer]:
    """Yield one contract's candles; `counter` is where its volume stood before them."""
    today = None
    for interval, group in groupby(documents, clock.interval):
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
