"""The trading days around a tick. Pure."""

from datetime import datetime, timedelta

from chain_api.calculations.intervals import midnight_of
from optionchain.market import Market

_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


def end_of_trading_day_before(market: Market, tick: datetime) -> datetime:
    """Return the last millisecond, in India, of the newest day with a session before a tick's day.

    If no session is known within 15 days, it is that of the day before.
    """
    day_before = midnight_of(tick) - _MILLISECOND
    session = market.last_session(day_before)
    return midnight_of(session.opens) + _DAY - _MILLISECOND if session else day_before
