"""A recorded market of many symbols in few documents: newest headers, listings, days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from optionchain.analytics import analytics_of
from optionchain.exchange_time import exchange_date, expiry_text, midnight_utc
from optionchain.mongo.documents import header_document
from optionchain.mongo.indexes import LISTINGS, SNAPSHOTS
from optionchain.mongo.symbol_days import SymbolDays
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import snapshot

INDICES = ("BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTY", "NIFTYNXT50")
_LAST = date(2026, 6, 30)
_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


def symbols_of(number: int) -> list[str]:
    """Return the names of a market's symbols: the indices, and stocks."""
    return [*INDICES, *(f"STOCK{each:03}" for each in range(number - len(INDICES)))][:number]


def expiries_of(symbol: str, day: date) -> list[date]:
    """Return what is listed of a symbol on a day: each fourth week, of some indices each week."""
    weeks = range(-60, 13) if symbol in ("NIFTY", "BANKNIFTY") else range(-60, 13, 4)
    return [expiry for week in weeks if (expiry := _LAST + week * _WEEK) >= day][:8]


def store_market(
    database: AnyDatabase, symbols: Sequence[str], newest: datetime, ticks: int = 3
) -> None:
    """Store headers of each expiry at so many minutes up to the newest, and what is listed."""
    for symbol in symbols:
        database[SNAPSHOTS].insert_many(_headers(symbol, newest, ticks))
    since = newest - timedelta(days=1)
    database[LISTINGS].insert_many(
        {
            "symbol": symbol,
            "expiries": [midnight_utc(day) for day in expiries_of(symbol, exchange_date(newest))],
            "since": since,
            "read_at": newest,
            "unlisted": [],
        }
        for symbol in symbols
    )


def store_days(database: AnyDatabase, symbols: Sequence[str], days: Sequence[date]) -> None:
    """Store closing headers of past days, and make their documents."""
    for day in days:
        close = midnight_utc(day) + timedelta(hours=9, minutes=55)
        headers = [header for symbol in symbols for header in _headers(symbol, close, 1)]
        database[SNAPSHOTS].insert_many(headers)
        SymbolDays(database).add(close - 15 * _MINUTE, close + 15 * _MINUTE)
        database[SNAPSHOTS].delete_many({"fetched_at": close})


def _headers(symbol: str, newest: datetime, ticks: int) -> Iterator[dict[str, Any]]:
    """Yield headers with numbers drawn for symbol and tick."""
    made = _sample()
    for expiry in expiries_of(symbol, exchange_date(newest)):
        for back in range(ticks):
            at = newest - back * _MINUTE
            draw = Random(f"{symbol} {expiry} {at}")
            analytics = {
                **made["analytics"],
                "days_to_expiry": (midnight_utc(expiry) - at) / timedelta(days=1) + 10 / 24,
                "atm_iv": 10 + 20 * draw.random(),
                "pcr_oi": 0.5 + draw.random(),
            }
            yield made | {
                "symbol": symbol,
                "expiry": midnight_utc(expiry),
                "expiry_date": expiry_text(expiry),
                "fetched_at": at,
                "last_seen_at": at,
                "exchange_timestamp": at,
                "content_hash": f"{draw.getrandbits(64):016x}",
                "underlying_value": 1_000 * (1 + draw.random()),
                "call_open_interest": float(draw.randrange(1_000, 100_000)),
                "put_open_interest": float(draw.randrange(1_000, 100_000)),
                "analytics": analytics,
            }


@cache
def _sample() -> dict[str, Any]:
    chain = snapshot([float(strike) for strike in range(23_000, 25_000, 50)])
    return dict(header_document(chain, analytics=analytics_of(chain, 5.5)))
