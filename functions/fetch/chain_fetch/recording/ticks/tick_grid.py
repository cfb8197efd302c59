"""The wall-clock grid of ticks."""

from datetime import UTC, datetime, timedelta


def tick_number(instant: datetime, interval: int) -> int:
    """Return how many whole intervals (seconds) lie between the epoch and an instant."""
    return int(instant.timestamp() // interval)


def tick_at(number: int, interval: int) -> datetime:
    """Return the instant of a tick, UTC."""
    return datetime.fromtimestamp(number * interval, UTC)


def first_tick(since: datetime, interval: int) -> datetime:
    """Return the first tick at or after an instant."""
    number = tick_number(since, interval)
    tick = tick_at(number, interval)
    return tick if tick >= since else tick + timedelta(seconds=interval)
