#!/usr/bin/env bash
# exchange_calendars 4.13.2 with pandas 3.1.1 and with pandas 2.3.3, seen 28 November 2026.
#
# India's exchanges traded on the Saturdays 20 January 2024 and 1 February 2025. The calendar XBOM of exchange_calendars
# lists both as special weekmasks.
#
# Likely guess: the same release of the calendar has the same sessions with every pandas that its metadata allow.
# Behaviour: with pandas 2.3.3 both Saturdays are sessions. With pandas 3.1.1 neither is, although the property
# `special_weekmasks` still names both. Nothing is raised, and no
# warning speaks of sessions.
#
# Why it matters: a recorder or a backtest that takes its sessions from this calendar loses whole days after an update
# of pandas, and the calendar's own source code shows those days. Compare the sessions, not the source.
#
# Run it with a Python from 3.11 on: PYTHON=python3.13 findings/exchange-calendars-drops-saturdays-on-pandas-3.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > saturdays.py <<'PYTHON'
import exchange_calendars
import pandas

calendar = exchange_calendars.get_calendar("XBOM", start="2023-01-01", end="2025-12-31")
listed = [str(end.date()) for _, end, _ in calendar.special_weekmasks]
sessions = [str(day.date()) for day in calendar.sessions if day.weekday() > 4]
print(f"pandas {pandas.__version__}: special weeks until {listed}, sessions on weekends {sessions}")
PYTHON

for pandas in 2.3.3 3.1.1; do
  "${PYTHON:-python3}" -m venv "$pandas"
  "$pandas/bin/python" -m pip install --quiet --disable-pip-version-check \
    exchange_calendars==4.13.2 "pandas==$pandas" numpy==2.3.5 tzdata==2026.6
  "$pandas/bin/python" saturdays.py | tee "$pandas.txt"
done

weeks="special weeks until ['2024-01-21', '2025-02-02']"
grep -qF "pandas 2.3.3: $weeks, sessions on weekends ['2024-01-20', '2025-02-01']" 2.3.3.txt
grep -qF "pandas 3.1.1: $weeks, sessions on weekends []" 3.1.1.txt
echo "As described: with pandas 3.1.1 the two Saturdays are no sessions."
