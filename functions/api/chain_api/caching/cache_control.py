"""For how long an answer stays valid: the header Cache-Control. Pure."""

from datetime import datetime, timedelta

from optionchain.exchange_time import IST
from optionchain.market import Market
from optionchain.rhythm import Rhythm

# A tick is written within seconds, and its ledger entry within the two minutes of a shift if the
# database was away. After this time nothing about a tick changes any more.
_COMPLETE_AFTER = timedelta(minutes=5)
_CLOSED_SECONDS = 60
_IMMUTABLE = "private, max-age=31536000, immutable"
NOT_STORED = "no-store"


def cache_control(
    market: Market, rhythm: Rhythm, now: datetime, until: datetime | None, *, absolute: bool
) -> str:
    """Return for how long an answer stays valid.

    `rhythm` says when the next tick may change it. `until` is the last moment that the answer is
    about, None for the latest. `absolute` says that
    the same request will mean the same moment tomorrow.
    """
    if until is not None and now - until > _COMPLETE_AFTER:
        return _IMMUTABLE if absolute else _for_seconds(_to_midnight(now))
    if market.is_open(now):
        return _for_seconds((rhythm.newest(now) + rhythm.step - now).total_seconds())
    opening = market.next_opening(now)
    left = (opening - now).total_seconds() if opening else _CLOSED_SECONDS
    return _for_seconds(min(left, _CLOSED_SECONDS))


def _to_midnight(now: datetime) -> float:
    midnight = now.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1) - now).total_seconds()


def _for_seconds(seconds: float) -> str:
    return f"private, max-age={int(seconds)}"
