"""Whether anything is about to be recorded: then nothing is replaced."""

from datetime import datetime, timedelta

from pymongo.database import Database

from local.compact.refused import CompactRefused
from optionchain.exchange_time import IST
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.recorder_switch import NOBODY
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.settings import Settings

# A shift takes over up to two minutes before its first tick, and ends as long after its last one.
_BEFORE, _AFTER = timedelta(minutes=5), timedelta(minutes=2)
_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def check_quiet(database: Database[Document], settings: Settings, now: datetime) -> None:
    """Raise CompactRefused while ticks are due or a shift is on duty; raise StoreUnavailable.

    A market that is always open has no hours: it is quiet while no shift is on duty.
    """
    calendar = MarketCalendar(
        HolidayRegister(database),
        settings.market_hours,
        settings.market_special_sessions,
        lambda: now,
    )
    market = calendar.market()
    if market.hours == "exchange" and (until := busy_until(market, now)):
        text = f"ticks are due until {until.astimezone(IST):%H:%M} IST; run it again after that"
        raise CompactRefused(text)
    register = ShiftRegister(database)
    for symbol, owner in register.owners().items():
        duty = register.last_duty(symbol)
        if owner["owner"] != NOBODY and duty and now < duty.until:
            text = f"a shift of {symbol} is on duty until {duty.until.astimezone(IST):%H:%M:%S} IST"
            raise CompactRefused(f"{text}; stop the recorder, or run it again after that")


def busy_until(market: Market, now: datetime) -> datetime | None:
    """Return when a stretch of ticks around this moment ends; None if there is none."""
    moment = now.replace(second=0, microsecond=0)
    while moment < now + _DAY and _is_busy(market, moment):
        moment += _MINUTE
    return moment if moment > now else None


def _is_busy(market: Market, moment: datetime) -> bool:
    seconds = (_BEFORE + _AFTER) // _SECOND
    first = moment - _AFTER
    return any(market.may_be_due(first + number * _SECOND) for number in range(seconds))
