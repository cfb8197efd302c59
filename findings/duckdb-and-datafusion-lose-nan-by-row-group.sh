#!/usr/bin/env bash
# duckdb 2.0.1, datafusion 55.0.0, pyarrow 26.0.1 and, beside them, polars 2.1.0 and arro3-io 0.9.1, seen 29 November
# 2026.
#
# An implied volatility that was not found is often NaN. In duckdb, datafusion and polars NaN is greater than every
# number, so `iv > 100` is true for it; in pyarrow it is false, but `iv != 50` is true.
#
# Likely guess: whatever the order of NaN is, a query of one library finds the same rows, however the file is cut into
# row groups. To skip row groups by their statistics changes the time only.
# Behaviour: Parquet's statistics leave NaN out: a row group of NaN and 50 has the smallest and largest value 50. duckdb
# and datafusion skip it for `iv > 100`, and the row of NaN is missing; in one row group with a 150 it is found. duckdb
# even finds no row by `isnan(iv)`, while ORDER BY iv DESC shows it. pyarrow loses it for `iv != 50`, and so does pandas
# with `filters`. polars finds it always. It is the same with files of pyarrow, polars, arro3 and datafusion. duckdb
# itself writes no statistics for such a row group, so a file that it has written is answered right by all.
#
# Why it matters: to write the same rows in other row groups, or with another library, changes counts and averages. Who
# looks for NaN with isnan is told that there is none. duckdb's option can_have_nan, which is off by default, finds
# them. Write a null where there is no number.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/duckdb-and-datafusion-lose-nan-by-row-group.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  duckdb==2.0.1 datafusion==55.0.0 pyarrow==26.0.1 polars==2.1.0 pandas==3.1.1 numpy==2.5.5 \
  arro3-core==0.9.1 arro3-io==0.9.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import arro3.io
import datafusion
import duckdb
import pandas
import polars
import pyarrow
from pyarrow import parquet

NAN, HALF, ABOVE = float("nan"), 2_048, "iv > 100"
VOLATILITIES = [NAN] + [50.0] * (HALF - 1) + [60.0] * (HALF - 1) + [150.0]
table = pyarrow.table({"strike": [20_000.0 + 50 * row for row in range(2 * HALF)], "iv": VOLATILITIES})
session = datafusion.SessionContext()
session.register_record_batches("chain", [table.to_batches()])


def write(writer, rows):
    """Write the chain in row groups of so many rows, and return the name of the file."""
    name = f"{writer}-{rows}.parquet"
    if writer == "pyarrow":
        parquet.write_table(table, name, row_group_size=rows)
    elif writer == "polars":
        polars.from_arrow(table).write_parquet(name, row_group_size=rows)
    elif writer == "arro3":
        arro3.io.write_parquet(table, name, max_row_group_size=rows)
    elif writer == "datafusion":
        options = f"OPTIONS ('format.max_row_group_size' {rows})"
        session.sql(f"COPY (SELECT * FROM chain ORDER BY strike) TO '{name}' {options}").collect()
    else:
        duckdb.sql(f"COPY (FROM chain) TO '{name}' (ROW_GROUP_SIZE {rows})")
    return name


def count(condition, source):
    """Return how many rows duckdb finds."""
    ((found,),) = duckdb.sql(f"SELECT count(*) FROM {source} WHERE {condition}").fetchall()
    return found


def answers(name):
    """Return how many rows each library finds in a file."""
    above = datafusion.col("iv") > datafusion.lit(100.0)
    return {
        "duckdb iv > 100": count(ABOVE, f"'{name}'"),
        "duckdb isnan(iv)": count("isnan(iv)", f"'{name}'"),
        "duckdb isnan(iv), can_have_nan": count("isnan(iv)", f"read_parquet('{name}', can_have_nan = true)"),
        "datafusion iv > 100": session.read_parquet(name).filter(above).count(),
        "pyarrow iv != 50": len(parquet.read_table(name, filters=[("iv", "!=", 50.0)])),
        "pandas iv != 50": len(pandas.read_parquet(name, filters=[("iv", "!=", 50.0)])),
        "polars iv > 100": polars.scan_parquet(name).filter(polars.col("iv") > 100).collect().height,
    }


chain = table
ORDER = ("pyarrow", "polars", "arro3", "datafusion", "duckdb")
one = {writer: answers(write(writer, 2 * HALF)) for writer in ORDER}
two = {writer: answers(write(writer, HALF)) for writer in ORDER}
fusion = session.sql(f"SELECT * FROM chain WHERE {ABOVE}").count()
in_memory = count(ABOVE, "chain"), count("isnan(iv)", "chain"), fusion
print(f"In memory: duckdb iv > 100: {in_memory[0]}, isnan(iv): {in_memory[1]}, datafusion iv > 100: {in_memory[2]}")
print(f"{'rows in one row group, in two; written by':40}" + "".join(f"{writer:>16}" for writer in ORDER))
for question in one["pyarrow"]:
    cells = (f"{one[writer][question]}, {two[writer][question]}" for writer in ORDER)
    print(f"{question:40}" + "".join(f"{cell:>16}" for cell in cells))
((first,),) = duckdb.sql("SELECT iv FROM 'pyarrow-2048.parquet' ORDER BY iv DESC LIMIT 1").fetchall()
print(f"The first volatility by duckdb's ORDER BY iv DESC, of the file with two row groups: {first}")

RIGHT = {
    "duckdb iv > 100": 2,
    "duckdb isnan(iv)": 1,
    "duckdb isnan(iv), can_have_nan": 1,
    "datafusion iv > 100": 2,
    "pyarrow iv != 50": HALF + 1,
    "pandas iv != 50": HALF + 1,
    "polars iv > 100": 2,
}
LOST = {"duckdb iv > 100", "datafusion iv > 100", "pyarrow iv != 50", "pandas iv != 50"}
assert in_memory == (2, 1, 2)
for writer in ORDER[:-1]:
    assert one[writer] == RIGHT | {"duckdb isnan(iv)": 0}, writer
    expected = {name: rows - (name in LOST or name == "duckdb isnan(iv)") for name, rows in RIGHT.items()}
    assert two[writer] == expected, writer
assert one["duckdb"] == two["duckdb"] == RIGHT
assert first != first
PYTHON
echo "As described: the rows of NaN that are found depend on the row groups."
