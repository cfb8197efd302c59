"""Where a run begins in time: now, at a moment of a trading day, or after a recorded day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from local.nse_simulator.listing import is_trading_day
from optionchain.errors import SettingInvalid
from optionchain.exchange_time import IST

# The morning after a recorded day: its open interest and its new contracts can be looked at.
_MORNING = time(9, 20)
_DAY = timedelta(days=1)
_AT_ALLOWED = "must be a time in India as in 15:14, or a day with it as in 2026-11-27T19:44"
_DAY_ALLOWED = "must be yes, or a trading day as in 2026-11-26"


class Start(NamedTuple):
    """A run begins at an instant (UTC); the whole of a trading day is recorded before, if given."""

    at: datetime
    day: date | None = None


def read_start(given: Mapping[str, str], now: datetime) -> Start | None:
    """Return the start that AT or DAY asks for, None for now; raise SettingInvalid."""
    names = [name for name in ("AT", "DAY") if name in given]
    for name in names:
        if len(names) > 1 or "NSE_BASE_URL" in given or "REPLAY" in given:
            others = "AT, DAY, REPLAY and NSE_BASE_URL"
            raise SettingInvalid(name, given[name], f"cannot be combined: choose one of {others}")
    if "AT" in given:
        return Start(_moment(given["AT"].strip(), now))
    if "DAY" in given:
        return _after_a_day(given["DAY"].strip(), now)
    return None


def start_defaults(start: Start | None) -> dict[str, str]:
    """Return the settings of a run at another moment, as far as none are given.

    It has the exchange's hours. Of a whole day, one symbol takes up to a minute.
    """
    if start is None:
        return {}
    return {"MARKET_HOURS": "exchange"} | ({"NSE_SYMBOLS": "NIFTY"} if start.day else {})


def check_age(start: Start, given: Mapping[str, str], now: datetime, retention: timedelta) -> None:
    """Raise SettingInvalid if the database would delete at once what is recorded.

    The database deletes by its own clock, which nobody moves.
    """
    if now - start.at > retention - _DAY:
        name = "DAY" if start.day else "AT"
        raise SettingInvalid(name, given[name], "must be younger than RETENTION_DAYS")


def _moment(text: str, now: datetime) -> datetime:
    try:
        if "T" in text:
            return datetime.fromisoformat(text).replace(tzinfo=IST).astimezone(UTC)
        clock = time.fromisoformat(text)
    except ValueError as error:
        raise SettingInvalid("AT", text, _AT_ALLOWED) from error
    return _last(clock, now)


def _after_a_day(text: str, now: datetime) -> Start:
    if text == "yes":
        at = _last(_MORNING, now)
        return Start(at, _trading_day(at.astimezone(IST).date() - _DAY, -_DAY))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise SettingInvalid("DAY", text, _DAY_ALLOWED) from error
    if not is_trading_day(day):
        raise SettingInvalid("DAY", text, _DAY_ALLOWED)
    return Start(_instant(_trading_day(day + _DAY, _DAY), _MORNING), day)


def _last(clock: time, now: datetime) -> datetime:
    """Return the newest moment of a trading day at this time in India that has passed."""
    day = _trading_day(now.astimezone(IST).date(), -_DAY)
    if _instant(day, clock) > now:
        day = _trading_day(day - _DAY, -_DAY)
    return _instant(day, clock)


def _trading_day(day: date, step: timedelta) -> date:
    while not is_trading_day(day):
        day += step
    return day


def _instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock.replace(tzinfo=None), IST).astimezone(UTC)
