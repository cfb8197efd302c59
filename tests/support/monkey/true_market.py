"""What is really so at the exchange of the monkey: sessions, listed expiries, chains.

A chain is a function of its symbol, expiry and moment, so each number that was ever true can be
computed again. Chains are tiny, because what the monkey tries is trust and not size.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zlib import crc32

from optionchain.announced_days import SHIPPED_HOLIDAYS
from optionchain.exchange_time import IST, exchange_date, expiry_text
from optionchain.snapshot import Side
from tests.support.bodies import Json, body, leg, row

SYMBOLS = {"NIFTY": "Indices", "IDEA": "Equity"}
STRIKES = (24_000.0, 24_050.0, 24_100.0, 24_150.0, 24_200.0, 24_250.0)
SIDES: tuple[Side, Side] = ("CE", "PE")
SETTLED_AFTER = timedelta(minutes=5)
HOLIDAYS = SHIPPED_HOLIDAYS[2026]
_REFRESH = timedelta(seconds=30)
_OPENS, _CLOSES = time(9, 15), time(15, 40)
_SATURDAY = 5


def hours_of(day: date) -> tuple[datetime, datetime] | None:
    """Return when options really trade on a day, in UTC; None on a day without trade."""
    if day.weekday() >= _SATURDAY or day in HOLIDAYS:
        return None
    opens, closes = (datetime.combine(day, at, IST).astimezone(UTC) for at in (_OPENS, _CLOSES))
    return opens, closes


def is_open(instant: datetime) -> bool:
    """Tell whether options really trade at an instant."""
    hours = hours_of(exchange_date(instant))
    return hours is not None and hours[0] <= instant < hours[1]


def stamp_at(instant: datetime) -> datetime:
    """Return the timestamp of what the exchange shows: data change every 30 seconds."""
    day = exchange_date(instant)
    while (hours := hours_of(day)) is None or instant < hours[0]:
        day -= timedelta(days=1)
        instant = datetime.combine(day + timedelta(days=1), time.min, IST)
    opens, closes = hours
    return opens + (min(instant, closes) - opens) // _REFRESH * _REFRESH


@cache
def chain_at(symbol: str, expiry: date, stamp: datetime, node: int = 0) -> Json:
    """Return the body of one expiry under a timestamp; `node` 1 is a node that disagrees."""
    number = int(stamp.timestamp()) // 30 % 100_000
    rows = []
    for strike in STRIKES:
        legs = {}
        for side in SIDES:
            own = crc32(f"{symbol} {expiry} {side} {strike}".encode()) % 1_000
            legs[side] = leg(
                side,
                strike,
                symbol=symbol,
                expiry=expiry,
                open_interest=number * 1_000 + own,
                total_traded_volume=number * 1_000 + own + node,
                last_price=round(100 + number % 997 / 20 + own / 100, 2),
            )
        rows.append(row(strike, expiry=expiry, **legs))
    return body(rows, stamp=stamp, underlying=24_100 + number % 100 / 4)


@dataclass
class Listing:
    """The expiries that are really listed, by symbol, and since when."""

    now: dict[str, list[date]]
    changed_at: dict[str, datetime] = field(default_factory=dict)

    def move(self, symbol: str, days: Iterable[date], at: datetime) -> None:
        """List other expiries from now on."""
        self.now[symbol] = sorted(days)
        self.changed_at[symbol] = at

    def current(self, symbol: str, today: date) -> list[date]:
        """Return the listed expiries that have not passed."""
        return [day for day in self.now[symbol] if day >= today]

    def texts(self, symbol: str) -> list[str]:
        """Return all listed expiries as the exchange writes them."""
        return [expiry_text(day) for day in self.now[symbol]]
