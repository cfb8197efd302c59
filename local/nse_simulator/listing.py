"""The listings of the simulated exchange: symbols, expiries, strikes and holidays of a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from local.nse_simulator.instruments import INSTRUMENTS, Instrument
from local.nse_simulator.v3_format import JsonObject, day_text

TUESDAY = 1
LATE_DAYS = 35
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

HOLIDAYS: dict[date, str] = {
    date(2026, 1, 15): "Municipal Corporation Election - Maharashtra",
    date(2026, 1, 26): "Republic Day",
    date(2026, 3, 3): "Holi",
    date(2026, 3, 26): "Shri Ram Navami",
    date(2026, 3, 31): "Shri Mahavir Jayanti",
    date(2026, 4, 3): "Good Friday",
    date(2026, 4, 14): "Dr. Baba Saheb Ambedkar Jayanti",
    date(2026, 5, 1): "Maharashtra Day",
    date(2026, 5, 28): "Bakri Id",
    date(2026, 6, 26): "Muharram",
    date(2026, 9, 14): "Ganesh Chaturthi",
    date(2026, 10, 2): "Mahatma Gandhi Jayanti",
    date(2026, 10, 20): "Dussehra",
    date(2026, 11, 10): "Diwali-Balipratipada",
    date(2026, 11, 24): "Prakash Gurpurb Sri Guru Nanak Dev",
    date(2026, 12, 25): "Christmas",
}
_HOLIDAY_DATES = {(day.month, day.day) for day in HOLIDAYS}


def is_trading_day(day: date) -> bool:
    """Tell whether the day is neither a weekend nor a holiday, which every year has on one date."""
    closed = (day.month, day.day) in _HOLIDAY_DATES
    return day.weekday() < WEEKDAYS.index("Saturday") and not closed


def expiry_of(tuesday: date) -> date:
    """Return the expiry of a Tuesday: a holiday moves it a day earlier."""
    while not is_trading_day(tuesday):
        tuesday -= timedelta(days=1)
    return tuesday


@dataclass(frozen=True)
class Listing:
    """What the simulated exchange lists. Empty, it lists every symbol on every day.

    A symbol with a date in `since` is new on that day, one with a date in `until` has none from
    that day on. With `long_dated` the indices have series of up to six years, as on the exchange.
    """

    symbols: tuple[str, ...] = tuple(INSTRUMENTS)
    since: Mapping[str, date] = field(default_factory=dict)
    until: Mapping[str, date] = field(default_factory=dict)
    long_dated: bool = False

    def has(self, symbol: str, day: date) -> bool:
        """Tell whether a symbol has options on a day."""
        begun = day >= self.since.get(symbol, date.min)
        return symbol in self.symbols and begun and day < self.until.get(symbol, date.max)

    def expiries(self, symbol: str, day: date) -> list[date]:
        """Return the expiries of a symbol that are listed on a day; KeyError for an unknown one."""
        item = INSTRUMENTS[symbol]
        if not self.has(symbol, day):
            return []
        near = listed_expiries(item, day)
        return near + _long_dated(item, near[-1]) if self.long_dated else near


def listed_expiries(instrument: Instrument, day: date) -> list[date]:
    """Return the expiries listed on a day, nearest first: weekly ones, then monthly ones."""
    return list(_listed_expiries(instrument.weeklies, instrument.expiries, day))


@lru_cache(maxsize=256)
def _listed_expiries(weeklies: int, expiries: int, day: date) -> tuple[date, ...]:
    first = day + timedelta(days=(TUESDAY - day.weekday()) % 7)
    tuesdays = [first + timedelta(weeks=week) for week in range(60)]
    near = [expiry_of(tuesday) for tuesday in tuesdays[: weeklies + 1]]
    weekly = [expiry for expiry in near if expiry >= day][:weeklies]
    monthly = [expiry_of(tuesday) for tuesday in tuesdays if _is_last_of_month(tuesday)]
    later = [expiry for expiry in monthly if expiry >= day and expiry not in weekly]
    return tuple(sorted((weekly + later)[:expiries]))


def _long_dated(instrument: Instrument, last: date) -> list[date]:
    """Return the expiries of each June and December after the last of the others."""
    tuesday = last + timedelta(days=(TUESDAY - last.weekday()) % 7)
    later = (tuesday + timedelta(weeks=week) for week in range(1, 60 * instrument.long_dated))
    halves = (each for each in later if each.month in (6, 12) and _is_last_of_month(each))
    return [expiry_of(each) for each in islice(halves, instrument.long_dated)]


def _is_last_of_month(tuesday: date) -> bool:
    return (tuesday + timedelta(weeks=1)).month != tuesday.month


class LateListing(NamedTuple):
    """The date on which a strike is listed: at the opening, or within the session."""

    date: date
    in_session: bool


@lru_cache(maxsize=256)
def late_listings(instrument: Instrument, expiry: date) -> dict[float, LateListing]:
    """Return the strikes of an index that are listed late, and when each is.

    On each of the last five weeks' days one strike comes near the money, at the opening, and one at
    an edge, within the session: nearer and farther each day.
    """
    late: dict[float, LateListing] = {}
    if instrument.kind == "Indices":
        middle = round(instrument.price / instrument.step)
        for left in range(LATE_DAYS):
            sign = 1 if left % 2 else -1
            places = (3 + left // 2 * 2, instrument.reach - left // 2)
            for in_session, place in enumerate(places):
                strike = instrument.step * (middle + sign * place)
                day = expiry - timedelta(days=left)
                late.setdefault(strike, LateListing(day, bool(in_session)))
    return late


def holiday_rows(year: int) -> list[JsonObject]:
    """Return the holidays of a year as rows of `holiday-master`: those of 2026 on their dates."""
    days = {day.replace(year=year): name for day, name in HOLIDAYS.items()}
    return [
        {
            "tradingDate": day_text(day),
            "weekDay": WEEKDAYS[day.weekday()],
            "description": name,
            "morning_session": None,
            "evening_session": None,
            "Sr_no": place,
        }
        for place, (day, name) in enumerate(sorted(days.items()), start=1)
    ]
