#!/usr/bin/env bash
# duckdb 2.0.1 and, beside it, pyarrow 26.0.1, pandas 3.1.1, polars 2.1.0 and datafusion 55.0.0, seen 29 November 2026.
#
# A folder has one Parquet file a day. On the first day all prices were whole, as they are in JSON that says 100 and not
# 100.0, so the writer made a column of int64. The next day has 101.95, so its column is float64.
#
# Likely guess: read_parquet('*.parquet') raises an error for columns of two types, or takes the wider one.
# Behaviour: the first file decides. Each later price is rounded to a whole number: 101.95 is read as 102, and 0.5 as 0.
# A filter sees the rounded price: `price = 102` finds the row of 101.95, and `price > 0` does not find 0.5. A timestamp
# after a file with a date loses its time of day. A text that is a number, '100.7', is rounded too; another text raises
# an error. Nothing is raised and no warning given. With the files in the other order, and with union_by_name = true,
# all prices are right. pyarrow, pandas, polars and datafusion refuse the same files.
#
# Why it matters: a glob sorts by name, so the oldest day decides about all later ones. One quiet first day, or a new
# file in front, changes every price of the archive. Give a column one type in every file, and read with union_by_name.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/duckdb-reads-decimals-as-whole-after-a-whole-day.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  duckdb==2.0.1 pyarrow==26.0.1 pandas==3.1.1 polars==2.1.0 datafusion==55.0.0 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
from datetime import date, datetime
from pathlib import Path

import datafusion
import duckdb
import pandas
import polars
import pyarrow
from pyarrow import parquet


def write(folder, *days):
    """Write one file for each day's values, and return the names of the files."""
    Path(folder).mkdir()
    names = [f"{folder}/2026-11-{26 + number}.parquet" for number in range(len(days))]
    for name, values in zip(names, days, strict=True):
        parquet.write_table(pyarrow.table({"price": values}), name)
    return names


def ask(query):
    """Return the first column of duckdb's answer, or the name of its error."""
    try:
        return [row[0] for row in duckdb.sql(query).fetchall()]
    except duckdb.Error as error:
        return type(error).__name__


def attempt(read):
    """Return what another library reads, or that it refuses the files."""
    try:
        return read()
    except Exception as error:  # noqa: BLE001
        return f"refused: {str(error).splitlines()[0]}"


WHOLE, DECIMAL = [100, 102], [101.95, 0.5]
days = write("prices", WHOLE, DECIMAL)
write("text", WHOLE, ["100.7"])
write("word", WHOLE, ["closed"])
write("moments", [date(2026, 11, 26)], [datetime(2026, 11, 27, 9, 15)])
duck = {
    "both days": ask("SELECT price FROM 'prices/*.parquet'"),
    "price = 102": ask("SELECT count(*) FROM 'prices/*.parquet' WHERE price = 102"),
    "price > 0": ask("SELECT count(*) FROM 'prices/*.parquet' WHERE price > 0"),
    "the later day first": ask(f"SELECT price FROM read_parquet(['{days[1]}', '{days[0]}'])"),
    "union_by_name": ask("SELECT price FROM read_parquet('prices/*.parquet', union_by_name = true)"),
    "a number as text": ask("SELECT price FROM 'text/*.parquet'"),
    "a word": ask("SELECT price FROM 'word/*.parquet'"),
    "a moment after a date": ask("SELECT price FROM 'moments/*.parquet'"),
}
others = {
    "pyarrow": attempt(lambda: parquet.read_table(days)["price"].to_pylist()),
    "pandas": attempt(lambda: pandas.read_parquet(days)["price"].tolist()),
    "polars": attempt(lambda: polars.read_parquet(days)["price"].to_list()),
    "datafusion": attempt(lambda: datafusion.SessionContext().read_parquet("prices/").to_pydict()["price"]),
}
print(f"{WHOLE} on the first day, {DECIMAL} on the second")
for name, answer in duck.items():
    print(f"duckdb, {name}: {answer}")
for name, answer in others.items():
    print(f"{name}: {answer}")

assert duck == {
    "both days": [100, 102, 102, 0],
    "price = 102": [2],
    "price > 0": [3],
    "the later day first": [101.95, 0.5, 100.0, 102.0],
    "union_by_name": [100.0, 102.0, 101.95, 0.5],
    "a number as text": [100, 102, 101],
    "a word": "ConversionException",
    "a moment after a date": [date(2026, 11, 26), date(2026, 11, 27)],
}
for name, answer in others.items():
    assert str(answer).startswith("refused"), f"{name} reads the files"
PYTHON
echo "As described: after a file of whole prices, duckdb reads 101.95 as 102."
