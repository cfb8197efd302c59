#!/usr/bin/env bash
# polars 2.1.0 and datafusion 55.0.0 and, beside them, duckdb 2.0.1, pandas 3.1.1 and pyarrow 26.0.1, seen 29 November
# 2026.
#
# Instants are often stored in milliseconds: MongoDB has no finer ones, and brokers send them so. A program asks with a
# moment of Python's clock, which has microseconds: which ticks were there at 09:15:00.001500?
#
# Likely guess: both sides of a comparison are taken to the finer unit, so that 09:15:00.001 is before 09:15:00.001500.
# Behaviour: so it is in duckdb, pandas and pyarrow. polars and datafusion take the moment to the unit of the column and
# cut its microseconds off. A tick of .001 is then not before .001500 but equal to it. polars does the same between two
# columns, and concat(how="vertical_relaxed") cuts the finer column. Its is_in does not: there the tick is not equal.
# A join on the two columns is refused.
#
# Why it matters: a tick counts on the wrong side of a moment: "since this moment" has it, and "before this moment" does
# not. Of two programs that share a moment, one with duckdb and one with polars, both take the tick or neither does. Cut
# the moment first, or cast the column to microseconds.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/polars-and-datafusion-cut-a-moment-to-milliseconds.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  polars==2.1.0 datafusion==55.0.0 duckdb==2.0.1 pandas==3.1.1 pyarrow==26.0.1 numpy==2.5.5 tzdata==2026.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import operator
from datetime import UTC, datetime

import datafusion
import duckdb
import pandas
import polars
import pyarrow
from pyarrow import dataset, parquet

TICK = datetime(2026, 11, 27, 3, 45, 0, 1_000, UTC)
MOMENT = datetime(2026, 11, 27, 3, 45, 0, 1_500, UTC)
FILE = "ticks.parquet"
parquet.write_table(pyarrow.table({"time": pyarrow.array([TICK], pyarrow.timestamp("ms", "UTC"))}), FILE)
session = datafusion.SessionContext()


def duck(sign):
    """Return how many ticks duckdb finds."""
    ((found,),) = duckdb.execute(f"SELECT count(*) FROM '{FILE}' WHERE time {sign} ?", [MOMENT]).fetchall()
    return found


def moments(unit):
    """Return a frame of polars with the moment as a column of this unit."""
    return polars.DataFrame({"moment": [MOMENT]}, schema={"moment": polars.Datetime(unit, "UTC")})


def read(sign, compare):
    """Return how many ticks each library finds."""
    time, ticks = polars.col("time"), polars.read_parquet(FILE)
    beside = ticks.hstack(moments("us"))
    finer = time.cast(polars.Datetime("us", "UTC"))
    return {
        "duckdb": duck(sign),
        "pandas": int(compare(pandas.read_parquet(FILE)["time"], MOMENT).sum()),
        "pandas, filters": len(pandas.read_parquet(FILE, filters=[("time", sign, MOMENT)])),
        "pyarrow": dataset.dataset(FILE).to_table(filter=compare(dataset.field("time"), MOMENT)).num_rows,
        "polars": ticks.filter(compare(time, MOMENT)).height,
        "polars, scan": polars.scan_parquet(FILE).filter(compare(time, MOMENT)).collect().height,
        "polars, two columns": beside.filter(compare(time, polars.col("moment"))).height,
        "polars, cast": ticks.filter(compare(finer, MOMENT)).height,
        "datafusion": session.read_parquet(FILE).filter(
            compare(datafusion.col("time"), datafusion.lit(MOMENT))
        ).count(),
    }


before, equal, since = read("<", operator.lt), read("==", operator.eq), read(">=", operator.ge)
print(f"a tick at {TICK.time()}, asked with {MOMENT.time()}")
print(f"{'':21}{'before':>8}{'equal':>8}{'since':>8}")
for name in before:
    print(f"{name:21}{before[name]:>8}{equal[name]:>8}{since[name]:>8}")
ticks = polars.read_parquet(FILE)
member = ticks.filter(polars.col("time").is_in([MOMENT])).height
joined = polars.concat([ticks, moments("us").rename({"moment": "time"})], how="vertical_relaxed")
same = joined["time"].n_unique()
try:
    ticks.join(moments("us"), left_on="time", right_on="moment")
    refused = False
except polars.exceptions.SchemaError:
    refused = True
print(f"polars: is_in finds {member}, concat has {same} different moment(s) of 2, a join is refused: {refused}")

CUT = {"polars", "polars, scan", "polars, two columns", "datafusion"}
for name in before:
    found = (before[name], equal[name], since[name])
    assert found == ((0, 1, 1) if name in CUT else (1, 0, 0)), f"{name} compares in another way"
assert (member, same, refused) == (0, 1, True)
PYTHON
echo "As described: a moment loses its microseconds beside a column of milliseconds."
