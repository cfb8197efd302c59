#!/usr/bin/env bash
# duckdb 2.0.1 and, beside it, polars 2.1.0 and datafusion 55.0.0, seen 29 November 2026.
#
# max_by(price, time), in duckdb also called arg_max, is the usual way to ask for the value of the newest row of each
# contract. Trino, Spark and Snowflake have it too. A contract that is no longer quoted has a null as its newest price.
#
# Likely guess: the answer is the price of the row with the largest time, so it is null.
# Behaviour: rows whose price is null are passed over. The answer is the newest price that is not null, here that of
# half an hour before, beside max(time), which is the time of the row without a price. Two such columns in one query
# may come from two rows. arg_max(price, time, 1), which asks for a list of the newest, passes the null over too.
# last(price ORDER BY time), QUALIFY row_number() and arg_max of a whole row answer null, as polars and datafusion do.
# arg_max_null(price, time) is duckdb's own function for it.
#
# Why it matters: a price that nobody offers any more stands beside the newest time, a chain is put together of prices
# of different moments, and implied volatilities are solved from them. Test data without a null are green.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/duckdb-arg-max-answers-an-older-price.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  duckdb==2.0.1 polars==2.1.0 datafusion==55.0.0 pyarrow==26.0.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import datafusion
import duckdb
import polars

TICKS = {"time": ["14:00", "14:30", "15:00"], "bid": [100.0, 99.5, None], "ask": [101.0, None, 102.5]}
ticks = polars.DataFrame(TICKS)
session = datafusion.SessionContext()
session.from_pydict(TICKS, name="ticks")


def duck(expression, clause=""):
    """Return the one row of duckdb's answer."""
    (row,) = duckdb.sql(f"SELECT {expression} FROM ticks {clause}").fetchall()
    return row


def fusion(name):
    """Return the last value of a column by datafusion."""
    return session.sql(f"SELECT last_value({name} ORDER BY time) AS newest FROM ticks").to_pydict()["newest"][0]


newest = "QUALIFY row_number() OVER (ORDER BY time DESC) = 1"
answers = {
    "max_by": duck("max(time), max_by(bid, time), max_by(ask, time)"),
    "arg_max": duck("max(time), arg_max(bid, time), arg_max(ask, time)"),
    "arg_max(..., 1)": duck("max(time), arg_max(bid, time, 1)[1], arg_max(ask, time, 1)[1]"),
    "arg_max_null": duck("max(time), arg_max_null(bid, time), arg_max_null(ask, time)"),
    "last": duck("max(time), last(bid ORDER BY time), last(ask ORDER BY time)"),
    "row_number": duck("time, bid, ask", newest),
    "arg_max of the row": tuple(duck("arg_max(ticks, time)")[0].values()),
    "polars": ticks.select(polars.all().sort_by("time").last()).row(0),
    "datafusion": ("15:00", fusion("bid"), fusion("ask")),
}
print("bid and ask: 100 and 101 at 14:00, 99.5 and none at 14:30, none and 102.5 at 15:00")
for name, (time, bid, ask) in answers.items():
    print(f"{name:20}{time}  bid {bid!s:6} ask {ask}")

OLDER = {"max_by", "arg_max", "arg_max(..., 1)"}
for name, answer in answers.items():
    assert answer == ("15:00", 99.5 if name in OLDER else None, 102.5), name
PYTHON
echo "As described: beside the time of 15:00 stands a bid of 14:30."
