"""Recorded days without a chain, and their seals."""

from datetime import UTC, date, datetime, time

from optionchain.exchange_time import IST, expiry_text, midnight_utc
from optionchain.mongo.indexes import SNAPSHOTS, TICKS
from optionchain.mongo.seal_register import Seal
from tests.support.mongomock_database import AnyDatabase


def india(day: date, clock: str = "09:15") -> datetime:
    """Return the instant of a time in India, UTC."""
    return datetime.combine(day, time.fromisoformat(clock), IST).astimezone(UTC)


def record(database: AnyDatabase, symbol: str, *days: date, clock: str = "09:15") -> None:
    """Store for each of these days the header of a chain without contracts."""
    for day in days:
        at = india(day, clock)
        header = {"symbol": symbol, "expiry": midnight_utc(day), "expiry_date": expiry_text(day)}
        times = {"fetched_at": at, "last_seen_at": at, "exchange_timestamp": at}
        database[SNAPSHOTS].insert_one({**header, **times, "calls": 0, "puts": 0})


def claim(database: AnyDatabase, symbol: str, day: date) -> None:
    """Store a tick of a day of which nothing else is stored."""
    database[TICKS].insert_one({"symbol": symbol, "tick": india(day, "10:00")})


def seal(symbol: str, day: date, *, version: int = 1, clock: str = "21:30") -> Seal:
    """Return a seal that was made on the day itself."""
    return Seal(symbol, day, version, india(day, clock), 1, 206, 1)
