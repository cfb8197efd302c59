"""How old data are. Pure."""

from datetime import datetime, timedelta


def age_seconds(confirmed_at: datetime, now: datetime) -> float:
    """Return the seconds since the exchange last confirmed something, as a whole number.

    Whole seconds, because ticks are seconds apart and the same question within one second then has
    the same answer. Never negative.
    """
    return float(max((now - confirmed_at) // timedelta(seconds=1), 0))
