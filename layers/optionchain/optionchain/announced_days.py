"""Holidays and special sessions that the exchange announced, as far as this code ships them.

A holiday is a weekday on which options do not trade at the ordinary hours. Sources: the exchange's
yearly circulars on trading holidays and their amendments (elections, 22 January 2024), as listed by
pandas_market_calendars 5.5 (XNSE), with the days of Muhurat, on which it counts an hour as open.
"""

from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType


def _days(year: int, text: str) -> frozenset[date]:
    """Read `15-01 26-01`, day and month, into the days of a year."""
    pairs = (part.split("-") for part in text.split())
    return frozenset(date(year, int(month), int(day)) for day, month in pairs)


HOLIDAYS_2024 = _days(
    2024,
    "22-01 26-01 08-03 25-03 29-03 11-04 17-04 01-05 20-05 17-06 17-07 15-08 02-10 01-11 15-11 "
    "20-11 25-12",
)
HOLIDAYS_2025 = _days(
    2025,
    "26-02 14-03 31-03 10-04 14-04 18-04 01-05 15-08 27-08 02-10 21-10 22-10 05-11 25-12",
)
HOLIDAYS_2026 = _days(
    2026,
    "15-01 26-01 03-03 26-03 31-03 03-04 14-04 01-05 28-05 26-06 14-09 02-10 20-10 10-11 24-11 "
    "25-12",
)
SHIPPED_HOLIDAYS: Mapping[int, frozenset[date]] = MappingProxyType(
    {2024: HOLIDAYS_2024, 2025: HOLIDAYS_2025, 2026: HOLIDAYS_2026}
)
"""By year. For another year the exchange's own list is the only one."""

_ORDINARY_UNTIL_2026 = (time(9, 15), time(15, 30))
_DRILL = ((time(9, 15), time(10)), (time(11, 30), time(12, 30)))

# Opening and close of the F&O segment. The hours of Muhurat on 8 November 2026 are not here: no
# source for them was found, so they take a setting.
SHIPPED_SESSIONS: Mapping[date, tuple[tuple[time, time], ...]] = MappingProxyType(
    {
        # A Saturday like a weekday, because Monday became a holiday (circular of 19 January 2024).
        date(2024, 1, 20): (_ORDINARY_UNTIL_2026,),
        # Saturdays with a switch to the second site (circulars of 14 February and 7 May 2024).
        date(2024, 3, 2): _DRILL,
        date(2024, 5, 18): _DRILL,
        # Muhurat (circulars of 19 October 2024 and 22 September 2025).
        date(2024, 11, 1): ((time(18), time(19)),),
        date(2025, 10, 21): ((time(13, 45), time(14, 45)),),
        # The Union Budget on a Saturday and on a Sunday (circulars of 23 December 2024 and
        # 16 January 2026).
        date(2025, 2, 1): (_ORDINARY_UNTIL_2026,),
        date(2026, 2, 1): (_ORDINARY_UNTIL_2026,),
    }
)
"""Sessions outside the rule by date, each as opening and close in India, in order of time."""
