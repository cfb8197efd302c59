#!/usr/bin/env bash
# polars 2.1.0 and duckdb 2.0.1 and, beside them, pandas 3.1.1 and pyarrow 26.0.1, seen 29 November 2026.
#
# A list of contracts begins with an index, whose strikes are whole numbers, and a share with the strike 262.5 comes
# later. JSON has one type of number, and what writes it often sends 25000 and not 25000.0.
#
# Likely guess: a reader that takes the type of a column from the first rows raises an error where a later number does
# not fit, as it does for a text, or makes the column float64, as pandas and pyarrow do.
# Behaviour: polars looks at 100 rows. read_json, from_dicts and DataFrame then read 262.5 as 262, also with
# strict=True, though a text raises an error. Only read_ndjson and read_csv refuse the number. duckdb looks at 20,480
# rows. It then rounds: of JSON 262.5 becomes 262 (to the even one), and of the same numbers in CSV 263; a text raises
# an error. No warning is given. polars 1.44.2 and duckdb 1.5.6 do the same.
#
# Why it matters: a strike that does not exist joins with no price, or with that of another contract, and 101.95 is
# traded at 101 by the one and at 102 by the other. Brokers' lists have 100,000 rows, so a test with a short list is
# green. `infer_schema_length=None` and `sample_size=-1` read all rows first.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/polars-and-duckdb-round-a-late-strike.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  polars==2.1.0 duckdb==2.0.1 pandas==3.1.1 pyarrow==26.0.1 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
import json
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow

SHARE = "WHERE symbol = 'SHARE'"


def contracts(whole, last=262.5):
    """Write a list of so many whole strikes and one more, in three formats, and return it."""
    rows = [{"symbol": "INDEX", "strike": 20_000 + 50 * number} for number in range(whole)]
    rows.append({"symbol": "SHARE", "strike": last})
    Path("list.json").write_text(json.dumps(rows))
    Path("list.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = ["symbol,strike"] + [f"{row['symbol']},{row['strike']}" for row in rows]
    Path("list.csv").write_text("\n".join(lines) + "\n")
    return rows


def ask(duck):
    """Return the strike of the share by duckdb."""
    ((strike,),) = duckdb.sql(f"SELECT strike FROM {duck} {SHARE}").fetchall()
    return strike


def read(rows):
    """Return the strike of the share by each reader, or the name of its error."""
    readers = {
        "pandas.read_json": lambda: pandas.read_json("list.json")["strike"].iloc[-1].item(),
        "pyarrow.Table.from_pylist": lambda: pyarrow.Table.from_pylist(rows)["strike"][-1].as_py(),
        "polars.read_json": lambda: polars.read_json("list.json")["strike"][-1],
        "polars.from_dicts, strict": lambda: polars.from_dicts(rows, strict=True)["strike"][-1],
        "polars.DataFrame, strict": lambda: polars.DataFrame(rows, strict=True)["strike"][-1],
        "polars.read_ndjson": lambda: polars.read_ndjson("list.ndjson")["strike"][-1],
        "polars.read_csv": lambda: polars.read_csv("list.csv")["strike"][-1],
        "polars, all rows": lambda: polars.DataFrame(rows, infer_schema_length=None)["strike"][-1],
        "duckdb, JSON": lambda: ask("'list.json'"),
        "duckdb, lines of JSON": lambda: ask("'list.ndjson'"),
        "duckdb, CSV": lambda: ask("'list.csv'"),
        "duckdb, JSON, all rows": lambda: ask("read_json('list.json', sample_size = -1)"),
    }
    strikes = {}
    for name, reader in readers.items():
        try:
            strikes[name] = reader()
        except Exception as error:  # noqa: BLE001
            strikes[name] = type(error).__name__
    return strikes


few, some, many = (read(contracts(whole)) for whole in (99, 100, 20_480))
text = read(contracts(20_480, "none"))
print(f"{'the strike 262.5 after':26} {99:>14} {100:>14} {20_480:>14}   a text after 20480")
for name in few:
    print(f"{name:26} {few[name]:>14} {some[name]:>14} {many[name]:>14}   {text[name]}")

assert set(few.values()) == {262.5}, "a list of 100 rows is read differently"
for name in ("polars.read_json", "polars.from_dicts, strict", "polars.DataFrame, strict"):
    assert some[name] == many[name] == 262, f"{name} no longer cuts off"
    assert text[name].endswith("Error"), f"{name} takes a text"
assert some["polars.read_ndjson"] == some["polars.read_csv"] == "ComputeError"
for name, rounded in {"duckdb, JSON": 262, "duckdb, lines of JSON": 262, "duckdb, CSV": 263}.items():
    assert some[name] == 262.5
    assert many[name] == rounded, f"{name} no longer rounds"
    assert text[name].endswith("Exception"), f"{name} takes a text"
for name in ("polars, all rows", "duckdb, JSON, all rows", "pandas.read_json", "pyarrow.Table.from_pylist"):
    assert many[name] == 262.5
PYTHON
echo "As described: a strike of 262.5 is 262 or 263 if it comes late."
