#!/usr/bin/env bash
# pandas_market_calendars 5.5.0, exchange_calendars 4.13.2 (with pandas 3.1.1 and numpy 2.5.5), seen 29 November 2026.
#
# Most holidays of India's exchanges follow the moon and are announced each December for the next year. Some have a
# fixed date: Republic Day is 26 January. Both packages list the days by hand, and both know 2026.
#
# Likely guess: for 2027 a calendar raises an error, warns, or has at least the holidays of fixed dates and Good Friday.
# Behaviour: `NSE` of pandas_market_calendars has no holiday in 2027 at all. Each weekday is a session, 26 January too,
# and nothing is raised and no warning given. In 2026 it has 16. `XBOM` is the same calendar by that package, and by
# exchange_calendars, which it is built on, another one: that one raises ValueError for 2027 and says how far it knows.
#
# Why it matters: asked at the end of a year for the next weeks, a schedule is right until it is not. 26 January 2027 is
# the last Tuesday of its month, the day on which contracts of NSE expire unless it is a holiday: a program that counts
# dates puts the expiry of January there. Compare the last holiday that a calendar knows with the day that is asked.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/nse-has-no-holidays-after-2026-by-its-calendar.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pandas_market_calendars==5.5.0 exchange_calendars==4.13.2 pandas==3.1.1 numpy==2.5.5 tzdata==2026.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import warnings
from datetime import date, timedelta

import exchange_calendars
import pandas
import pandas_market_calendars


def closed(sessions, year):
    """Return the weekdays of a year that are no sessions."""
    weekdays = pandas.bdate_range(f"{year}-01-01", f"{year}-12-31")
    return [str(day.date()) for day in weekdays.difference(sessions)]


def by_pandas(name, year):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        schedule = pandas_market_calendars.get_calendar(name).schedule(f"{year}-01-01", f"{year}-12-31")
    told = [str(warning.message) for warning in caught if "holiday" in str(warning.message).lower()]
    return closed(schedule.index, year), told


def by_exchange(name, year):
    try:
        calendar = exchange_calendars.get_calendar(name, start=f"{year}-01-01", end=f"{year}-12-31")
    except ValueError as error:
        return f"ValueError: {error}"
    return closed(calendar.sessions, year)


for year in (2026, 2027):
    for name in ("NSE", "XBOM"):
        days, told = by_pandas(name, year)
        dates = " ".join(day[5:] for day in days)
        print(f"{year} pandas_market_calendars {name:4} {len(days):2} weekdays closed: {dates}")
    other = by_exchange("XBOM", year)
    print(f"{year} exchange_calendars XBOM      {other if isinstance(other, str) else len(other)}")

republic_day = date(2027, 1, 26)
assert republic_day.strftime("%A") == "Tuesday" and (republic_day + timedelta(7)).month == 2
for name in ("NSE", "XBOM"):
    assert len(by_pandas(name, 2026)[0]) == 16 and "2026-01-26" in by_pandas(name, 2026)[0]
    assert by_pandas(name, 2027) == ([], []), "2027 is known, or something is said"
assert by_pandas("NSE", 2026)[0] == by_exchange("XBOM", 2026)
assert "only recorded to the year 2026" in by_exchange("XBOM", 2027)
PYTHON
echo "As described: by this calendar NSE has no holiday in 2027."
