#!/usr/bin/env bash
# pandas 3.1.1 and pyarrow 26.0.1 and, beside them, polars 2.1.0, duckdb 2.0.1 and datafusion 55.0.0, seen 29 November
# 2026.
#
# A column says which source a tick came from, and it is null where that is not known. All ticks but those of one source
# are wanted: read_parquet of pandas and read_table of pyarrow take filters=[("source", "!=", "dhan")] or
# filters=[("source", "not in", ["dhan"])].
#
# Likely guess: both mean the same, as in SQL, where `!=` and NOT IN drop the null. Or both keep it, as a mask on the
# frame of pandas does.
# Behaviour: with "!=" the tick of the unknown source is left out, and with "not in" it is there. On the frame itself
# both keep it. duckdb, datafusion and polars leave it out in both forms, but polars keeps it for ~is_in if it
# scans a dataset of pyarrow: scan_pyarrow_dataset hands the filter on to pyarrow.
#
# Why it matters: to exclude a second source, "!=" is rewritten as "not in", and the ticks of nobody come back. Or a
# filter is moved from the frame into read_parquet to save time, and rows are gone. Say what a null is to be: "not in"
# with None in its list leaves it out.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/pandas-filters-keep-a-null-with-not-in.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pandas==3.1.1 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1 datafusion==55.0.0 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
import datafusion
import duckdb
import pandas
import polars
import pyarrow
from pyarrow import dataset, parquet

FILE = "ticks.parquet"
parquet.write_table(pyarrow.table({"tick": [1, 2, 3], "source": ["nse", "dhan", None]}), FILE)
frame, source = pandas.read_parquet(FILE), polars.col("source")
session = datafusion.SessionContext()
session.register_parquet("ticks", FILE)


def filtered(sign, value):
    """Return the ticks that pandas and pyarrow read with a filter."""
    filters = [("source", sign, value)]
    ticks = pandas.read_parquet(FILE, filters=filters)["tick"].tolist()
    assert parquet.read_table(FILE, filters=filters)["tick"].to_pylist() == ticks
    return ticks


def duck(condition):
    return [tick for (tick,) in duckdb.sql(f"SELECT tick FROM '{FILE}' WHERE {condition}").fetchall()]


def fusion(condition):
    return session.sql(f"SELECT tick FROM ticks WHERE {condition}").to_pydict()["tick"]


def polar(scan, condition):
    return scan.filter(condition).collect()["tick"].to_list()


arrow = polars.scan_pyarrow_dataset(dataset.dataset(FILE))
answers = {
    "pandas and pyarrow, filters": (filtered("!=", "dhan"), filtered("not in", ["dhan"])),
    "pandas, mask": (
        frame[frame["source"] != "dhan"]["tick"].tolist(),
        frame[~frame["source"].isin(["dhan"])]["tick"].tolist(),
    ),
    "polars, scan_parquet": (
        polar(polars.scan_parquet(FILE), source != "dhan"),
        polar(polars.scan_parquet(FILE), ~source.is_in(["dhan"])),
    ),
    "polars, scan_pyarrow_dataset": (polar(arrow, source != "dhan"), polar(arrow, ~source.is_in(["dhan"]))),
    "duckdb": (duck("source != 'dhan'"), duck("source NOT IN ('dhan')")),
    "datafusion": (fusion("source != 'dhan'"), fusion("source NOT IN ('dhan')")),
}
with_none = filtered("not in", ["dhan", None])
print(f"{'tick 1: nse, 2: dhan, 3: null':32}{'!=':12}not in")
for name, (unequal, not_in) in answers.items():
    print(f"{name:32}{unequal!s:12}{not_in}")
print(f"filters with None in the list of 'not in': {with_none}")

assert answers == {
    "pandas and pyarrow, filters": ([1], [1, 3]),
    "pandas, mask": ([1, 3], [1, 3]),
    "polars, scan_parquet": ([1], [1]),
    "polars, scan_pyarrow_dataset": ([1], [1, 3]),
    "duckdb": ([1], [1]),
    "datafusion": ([1], [1]),
}
assert with_none == [1]
PYTHON
echo "As described: \"not in\" keeps the null that \"!=\" drops."
