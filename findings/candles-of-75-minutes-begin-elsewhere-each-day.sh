#!/usr/bin/env bash
# pandas 3.1.1, polars 2.1.0 and duckdb 2.0.1, seen 29 November 2026.
#
# India's markets are open from 09:15 to 15:30, which is five times 75 minutes. Candles of 75 minutes are therefore
# usual there, and candles of an hour as everywhere. The times have the zone Asia/Kolkata in all three libraries.
#
# Likely guess: candles are counted from the midnight of each day, as the name of resample's origin="start_day" says, or
# from the first tick with polars' start_by="datapoint". Hours begin at the full hour of the zone.
# Behaviour: all three count on without regard to days, and 75 minutes do not go up in a day. pandas counts from the
# midnight of the first day alone: the first candle of Thursday holds 45 minutes, that of Friday 30, and Friday read by
# itself has 45 again. polars counts from 1970: 75, 60 and 15 minutes on three days, and start_by="datapoint" is the
# same, because it looks at the first tick of all days. duckdb counts from the year 2000 in UTC: 15, 75 and 30. By
# chance one day is right in polars and one in duckdb. Hours of time_bucket begin at half past in India, although
# TimeZone is set and date_trunc('hour') keeps to it; a day of time_bucket begins at 05:30.
#
# Why it matters: the same day has other candles after one more day was loaded, and three libraries have three charts.
# A test of one day may be green. Group by day first, and count each day's candles from 09:15.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/candles-of-75-minutes-begin-elsewhere-each-day.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pandas==3.1.1 polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1 numpy==2.5.5 tzdata==2026.6
cd "$folder"
venv/bin/python - <<'PYTHON'
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pandas
import polars

INDIA = ZoneInfo("Asia/Kolkata")
OPENS = [datetime(2026, 11, day, 9, 15, tzinfo=INDIA) for day in (26, 27, 30)]
MINUTES = [opens + timedelta(minutes=minute) for opens in OPENS for minute in range(375)]
DAYS = ("26 Nov", "27 Nov", "30 Nov")
table = polars.DataFrame({"time": MINUTES}, schema={"time": polars.Datetime("us", "Asia/Kolkata")})
ticks = table.to_arrow()
connection = duckdb.connect()
connection.execute("SET TimeZone = 'Asia/Kolkata'")


def first(candles):
    """Return the begin and the number of minutes of each day's first candle."""
    found = {}
    for begin, minutes in candles:
        local = begin.astimezone(INDIA)
        found.setdefault(f"{local:%d} Nov", f"{local:%H:%M} {minutes}")
    return found


def by_pandas(every, minutes=MINUTES, **options):
    counts = pandas.Series(1, index=pandas.DatetimeIndex(minutes)).resample(every, **options).sum()
    return first((begin, count) for begin, count in counts.items() if count)


def by_polars(every, **options):
    return first(table.group_by_dynamic("time", every=every, **options).agg(polars.len()).rows())


def by_duckdb(begin):
    query = f"SELECT {begin} AS begin, count(*) FROM ticks GROUP BY begin ORDER BY begin"
    return first(connection.execute(query).fetchall())


friday = [minute for minute in MINUTES if minute.day == 27]
answers = {
    "pandas 75 minutes": by_pandas("75min"),
    "pandas 75 minutes, Friday alone": by_pandas("75min", friday),
    "polars 75 minutes": by_polars("75m"),
    "polars 75 minutes, datapoint": by_polars("75m", start_by="datapoint"),
    "duckdb 75 minutes": by_duckdb("time_bucket(INTERVAL 75 MINUTE, time)"),
    "duckdb 75 minutes, own origin": by_duckdb(
        "time_bucket(INTERVAL 75 MINUTE, time, date_trunc('day', time) + INTERVAL 555 MINUTE)"
    ),
    "pandas hour": by_pandas("1h"),
    "polars hour": by_polars("1h"),
    "duckdb hour, time_bucket": by_duckdb("time_bucket(INTERVAL 1 HOUR, time)"),
    "duckdb hour, date_trunc": by_duckdb("date_trunc('hour', time)"),
    "duckdb day, time_bucket": by_duckdb("time_bucket(INTERVAL 1 DAY, time)"),
}
print(f"{'begin and minutes of the first candle':38}" + "".join(f"{day:>12}" for day in DAYS))
for name, days in answers.items():
    print(f"{name:38}" + "".join(f"{days.get(day, ''):>12}" for day in DAYS))

EXPECTED = {
    "pandas 75 minutes": ("08:45 45", "08:30 30", "09:00 60"),
    "polars 75 minutes": ("09:15 75", "09:00 60", "08:15 15"),
    "polars 75 minutes, datapoint": ("09:15 75", "09:00 60", "08:15 15"),
    "duckdb 75 minutes": ("08:15 15", "09:15 75", "08:30 30"),
    "duckdb 75 minutes, own origin": ("09:15 75",) * 3,
    "pandas hour": ("09:00 45",) * 3,
    "polars hour": ("09:00 45",) * 3,
    "duckdb hour, time_bucket": ("08:30 15",) * 3,
    "duckdb hour, date_trunc": ("09:00 45",) * 3,
    "duckdb day, time_bucket": ("05:30 375",) * 3,
}
assert answers.pop("pandas 75 minutes, Friday alone") == {"27 Nov": "08:45 45"}
for name, days in answers.items():
    assert tuple(days.values()) == EXPECTED[name], name
PYTHON
echo "As described: the candles of a day depend on the days before it, and on the library."
