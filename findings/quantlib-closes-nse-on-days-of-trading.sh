#!/usr/bin/env bash
# QuantLib 1.44 and, to compare, pandas_market_calendars 5.5.0 (with exchange_calendars 4.13.2, pandas 3.1.1 and numpy
# 2.5.5), seen 30 November 2026.
#
# QuantLib has calendars of exchanges by name: UnitedStates(NYSE), China(SSE), India(NSE). Expiries are moved and business
# days counted by them. On 19 February, 12 May and 5 September 2025 and on 23 May 2024 NSE traded, while the clearing of
# money paused; on 23 May 2024 NIFTY's weekly options expired. On 20 November 2024 and 27 August 2025 NSE was closed.
#
# Likely guess: India(NSE) has the days on which NSE is closed. UnitedStates(NYSE) has those of NYSE.
# Behaviour: it has the holidays of NSE's clearing house, which its C++ header says and Python does not. From 2024 to 2026
# it is closed on 13 days on which NSE traded (one of them for an hour on the evening of Diwali), and open on two on which
# NSE was closed. It knows of 2027 only three holidays with a fixed date or by Easter, and says nothing.
#
# Why it matters: an option that expires on such a day is moved to the day before; it has a business day less to live, so
# a volatility by business days is too high; a recorder that asks this calendar records nothing on a day of trading. The
# calendar of the exchange's own list, or of pandas_market_calendars, is the one of trading.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/quantlib-closes-nse-on-days-of-trading.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  QuantLib==1.44 pandas_market_calendars==5.5.0 exchange_calendars==4.13.2 pandas==3.1.1 numpy==2.5.5 tzdata==2026.6
cd "$folder"
venv/bin/python - <<'PYTHON'
from datetime import date

import pandas
import pandas_market_calendars
import QuantLib

nse = QuantLib.India(QuantLib.India.NSE)
assert nse.name() == "National Stock Exchange of India"


def by_quantlib(year):
    """Return the weekdays of a year on which the calendar of QuantLib is closed."""
    days = pandas.bdate_range(f"{year}-01-01", f"{year}-12-31")
    return {str(day.date()) for day in days if not nse.isBusinessDay(QuantLib.Date(day.day, day.month, day.year))}


def by_sessions(year):
    """Return the weekdays of a year on which NSE has no session."""
    found = pandas_market_calendars.get_calendar("NSE").valid_days(f"{year}-01-01", f"{year}-12-31")
    days = pandas.bdate_range(f"{year}-01-01", f"{year}-12-31")
    return {str(day.date()) for day in days} - {str(day.date()) for day in found}


closed, opened = [], []
for year in (2024, 2025, 2026):
    quantlib, sessions = by_quantlib(year), by_sessions(year)
    closed += sorted(quantlib - sessions)
    opened += sorted(sessions - quantlib)
print("closed by QuantLib, a session of NSE:", *closed)
print("open by QuantLib, no session of NSE: ", *opened)

expiry = QuantLib.Date(23, 5, 2024)
moved = nse.adjust(expiry, QuantLib.Preceding)
print("the weekly expiry of", expiry.ISO(), "is moved to", moved.ISO())
print("2027 by QuantLib:", *sorted(by_quantlib(2027)))

assert {"2024-05-23", "2025-02-19", "2025-05-12", "2025-09-05"} <= {*closed} and len(closed) == 13
assert opened == ["2024-11-20", "2025-08-27"]
assert date(2024, 5, 23).strftime("%A") == "Thursday" and moved.ISO() == "2024-05-22"
assert sorted(by_quantlib(2027)) == ["2027-01-26", "2027-03-26", "2027-04-14"]
PYTHON
echo "As described: this calendar is one of clearing, not of trading."
