"""The days of the simulated exchange: when they open and close, and its closing auction."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from local.nse_simulator.listing import is_trading_day
from local.nse_simulator.v3_format import IST, today

type Hours = Literal["always", "exchange"]

_OPENS, _CLOSES = time(9, 15), time(15, 40)
_AUCTION_SINCE = date(2026, 8, 3)
_CLOSES_BEFORE = time(15, 30)
# With real hours the spot stands from 15:16 on and jumps at 15:30, five minutes before the payoff.
_STANDS, _JUMPS, _PAYOFF = time(15, 16), time(15, 30), time(15, 35)
_REWRITTEN = time(17, 16), time(19, 16)
# A market that never closes has an auction in each hour: the minutes :50 to :55 of India's clock.
_HOUR, _HOUR_STANDS, _HOUR_JUMPS = 3600, 50 * 60, 55 * 60
_HALF_HOUR = 1800  # India's clock is ahead of UTC by half an hour beside whole ones
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class MarketDay:
    """One day of the market. All times are epoch seconds."""

    date: date
    opens: int
    closes: int
    hours: Hours

    def spot_second(self, second: int) -> int:
        """Return the second whose spot is shown: within the auction that of its beginning.

        With real hours the auction's price stays from its end on.
        """
        if self.hours == "always":
            passed = (second + _HALF_HOUR) % _HOUR
            standing = _HOUR_STANDS <= passed < _HOUR_JUMPS
            return second - passed + _HOUR_STANDS if standing else second
        if self.date < _AUCTION_SINCE or second < self._at(_STANDS):
            return second
        return self._at(_STANDS) if second < self._at(_JUMPS) else self._at(_JUMPS)

    def _at(self, clock: time) -> int:
        return _epoch(self.date, clock)


def payoff_at(expiry: date) -> int:
    """Return the epoch second at which the payoff of an expiry is fixed."""
    return _epoch(expiry, _PAYOFF if expiry >= _AUCTION_SINCE else _CLOSES_BEFORE)


def payoff_price_at(expiry: date) -> int:
    """Return the epoch second whose spot decides the payoff: the end of the auction."""
    return _epoch(expiry, _JUMPS)


def rewritten_at(day: MarketDay, share: float) -> int:
    """Return the epoch second of the evening's rewrite; `share` in [0, 1) places it."""
    first, last = (_epoch(day.date, clock) for clock in _REWRITTEN)
    return first + int((last - first) * share)


@lru_cache(maxsize=256)
def market_day(day: date, hours: Hours) -> MarketDay:
    """Return the market's day of a date, which must be a trading day unless it never closes."""
    if hours == "always":
        return MarketDay(day, _epoch(day, time()), _epoch(day + _DAY, time()), hours)
    closes = _CLOSES if day >= _AUCTION_SINCE else _CLOSES_BEFORE
    return MarketDay(day, _epoch(day, _OPENS), _epoch(day, closes), hours)


def day_at(second: int, hours: Hours) -> MarketDay:
    """Return the last day that had opened by an epoch second."""
    day = today(datetime.fromtimestamp(second, UTC))
    while hours == "exchange" and not (is_trading_day(day) and _epoch(day, _OPENS) <= second):
        day -= _DAY
    return market_day(day, hours)


def day_before(day: MarketDay) -> MarketDay:
    """Return the market's day before another one."""
    return day_at(day.opens - 1, day.hours)


def _epoch(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock, IST).timestamp())
