"""Recorded days without a chain, and their seals."""

from datetime import UTC, date, datetime, time, timedelta

from optionchain.exchange_time import IST, expiry_text, midnight_utc
from optionchain.mongo.deletion_register import DeletionRegister
from optionchain.mongo.index_changes import existing_indexes
from optionchain.mongo.indexes import OF_DAYS, SNAPSHOTS, TICKS
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


def delete_until(database: AnyDatabase, instant: datetime) -> None:
    """Note that MongoDB deletes what is older than this, as at a later time of the wall clock."""
    found = [each for name in OF_DAYS for each in existing_indexes(database, name)]
    kept = min(each.ttl_seconds for each in found if each.ttl_seconds is not None)
    DeletionRegister(database).note(OF_DAYS, instant + timedelta(seconds=kept))


def seal(symbol: str, day: date, *, version: int = 1, clock: str = "21:30") -> Seal:
    """Return a seal that was made on the day itself."""
    return Seal(symbol, day, version, india(day, clock), 1, 206, 1)
