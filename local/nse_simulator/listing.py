"""The listings of the simulated exchange: instruments, strikes, expiries and holidays."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from local.nse_simulator.v3_format import JsonObject, Kind, day_text

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


@dataclass(frozen=True)
class Instrument:
    """A symbol that has options. Prices in rupees, sizes in lots, volatility a year."""

    symbol: str
    name: str
    kind: Kind
    price: float
    step: float
    reach: int  # strikes listed on each side of the price
    volatility: float
    lot: int
    interest: int  # open interest of the busiest strike on its last day
    weeklies: int
    expiries: int
    other_lot: int | None = None  # of the series that expire in an odd year

    def lot_of(self, expiry: date) -> int:
        """Return the lot of an expiry: since a change of it two stand side by side."""
        return self.other_lot if self.other_lot and expiry.year % 2 else self.lot

    @property
    def strikes(self) -> list[float]:
        """All strikes in rupees, ascending."""
        middle = round(self.price / self.step)
        return [self.step * n for n in range(middle - self.reach, middle + self.reach + 1)]


INSTRUMENTS = {
    row.symbol: row
    for row in (
        Instrument("NIFTY", "Nifty 50", "Indices", 25000, 50, 51, 0.13, 65, 180_000, 5, 8, 75),
        Instrument("BANKNIFTY", "Nifty Bank", "Indices", 56000, 100, 60, 0.15, 30, 60_000, 0, 4),
        Instrument("RELIANCE", "Reliance", "Equity", 1400, 10, 20, 0.22, 500, 16_000, 0, 3),
        Instrument("M&M", "Mahindra", "Equity", 3500, 50, 14, 0.25, 200, 7_000, 0, 3),
        Instrument("BAJAJ-AUTO", "Bajaj Auto", "Equity", 9000, 100, 15, 0.24, 75, 4_000, 0, 3),
        Instrument("IDEA", "Vodafone Idea", "Equity", 8, 0.5, 10, 0.5, 71_475, 5_000, 0, 2),
    )
}


def is_trading_day(day: date) -> bool:
    """Tell whether the day is neither a weekend nor a holiday, which every year has on one date."""
    closed = (day.month, day.day) in _HOLIDAY_DATES
    return day.weekday() < WEEKDAYS.index("Saturday") and not closed


def expiry_of(tuesday: date) -> date:
    """Return the expiry of a Tuesday: a holiday moves it a day earlier."""
    while not is_trading_day(tuesday):
        tuesday -= timedelta(days=1)
    return tuesday


def listed_expiries(instrument: Instrument, day: date) -> list[date]:
    """Return the expiries listed on a day, nearest first: weekly ones, then monthly ones."""
    first = day + timedelta(days=(TUESDAY - day.weekday()) % 7)
    tuesdays = [first + timedelta(weeks=week) for week in range(60)]
    near = [expiry_of(tuesday) for tuesday in tuesdays[: instrument.weeklies + 1]]
    weekly = [expiry for expiry in near if expiry >= day][: instrument.weeklies]
    last_of_month = [t for t in tuesdays if (t + timedelta(weeks=1)).month != t.month]
    monthly = [expiry_of(tuesday) for tuesday in last_of_month]
    later = [expiry for expiry in monthly if expiry >= day and expiry not in weekly]
    return sorted((weekly + later)[: instrument.expiries])


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
