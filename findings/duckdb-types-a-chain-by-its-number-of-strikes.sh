#!/usr/bin/env bash
# duckdb 2.0.1, seen 29 November 2026.
#
# Dhan sends an option chain as a JSON object whose names are the strikes: {"oc": {"25650.000000": {"ce": ..., "pe":
# ...}}}. The number of strikes differs by expiry and grows with the market: 120 of an index in one week, 240 later.
#
# Likely guess: read_json makes a struct of an object, as pyarrow and polars do, or a map, but the same for each chain.
# Behaviour: up to 199 different names it is a STRUCT, and from 200 on a MAP. What counts is the names in all files that
# are read together: the chains of two indices, 120 strikes each, are STRUCTs if read alone, and MAPs if one pattern
# reads both. Each type has its own SQL: map_entries and cardinality fail on a STRUCT, and unnest fails on a MAP. A
# strike that is not listed is an error of the query on a STRUCT, and NULL on a MAP.
#
# Why it matters: a query that is tested on one chain stops working with a longer one, or with a second one beside it,
# and no chain is malformed. State the type by `columns`. A low map_inference_threshold is no way out: with 2, the
# numbers of an option become a map too, and its open interest a DOUBLE.
#
# Run it with a Python from 3.10 on: PYTHON=python3.13 findings/duckdb-types-a-chain-by-its-number-of-strikes.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import json
from pathlib import Path

import duckdb


def write(name, first, step, strikes):
    """Write a chain of so many strikes from the first one on."""
    legs = {"ce": {"oi": 1, "last_price": 10.5}, "pe": {"oi": 2, "last_price": 9.5}}
    chain = {f"{first + step * number}.000000": legs for number in range(strikes)}
    Path(name).write_text(json.dumps({"data": {"last_price": 24_200.5, "oc": chain}, "status": "success"}))


QUERIES = {
    "listed": "SELECT max(data.oc['24000.000000'].ce.oi) FROM {}",
    "not listed": "SELECT max(data.oc['99000.000000'].ce.oi) FROM {}",
    "sum over a map": "SELECT sum(e.value.pe.oi) FROM (SELECT unnest(map_entries(data.oc)) e FROM {})",
    "strikes": "SELECT max(cardinality(data.oc)) FROM {}",
    "struct as columns": "SELECT count(*) FROM (SELECT unnest(data.oc) FROM {})",
}
COLUMNS = (
    "{data: 'STRUCT(last_price DOUBLE, oc MAP(VARCHAR, STRUCT(ce STRUCT(oi BIGINT, last_price DOUBLE), "
    "pe STRUCT(oi BIGINT, last_price DOUBLE))))'}"
)


def ask(source):
    """Return the type of the strikes and the first number that each query answers, or the name of its error."""
    ((kind,),) = duckdb.sql(f"SELECT typeof(data.oc) FROM {source} LIMIT 1").fetchall()
    answers = {}
    for name, query in QUERIES.items():
        try:
            answers[name] = duckdb.sql(query.format(source)).fetchall()[0][0]
        except duckdb.BinderException as error:
            answers[name] = type(error).__name__
    return kind.partition("(")[0], answers


write("index-1.json", 21_000, 50, 120)
write("index-2.json", 50_000, 100, 120)
write("long-199.json", 20_000, 50, 199)
write("long-200.json", 20_000, 50, 200)
sources = {
    "one index": "'index-1.json'",
    "both indices": "'index-*.json'",
    "199 strikes": "'long-199.json'",
    "200 strikes": "'long-200.json'",
    "one index, threshold 2": "read_json('index-1.json', map_inference_threshold = 2)",
    "one index, columns": f"read_json('index-1.json', columns = {COLUMNS})",
    "both, columns": f"read_json('index-*.json', columns = {COLUMNS})",
}
cases = {name: ask(source) for name, source in sources.items()}
for name, (kind, answers) in cases.items():
    print(f"{name:23}{kind:7}" + ", ".join(f"{query}: {answer}" for query, answer in answers.items()))

FAILS = "BinderException"
for name in ("one index", "199 strikes"):
    assert cases[name] == (
        "STRUCT",
        {"listed": 1, "not listed": FAILS, "sum over a map": FAILS, "strikes": FAILS, "struct as columns": 1},
    ), name
for name, strikes, puts in (
    ("both indices", 120, 480),
    ("200 strikes", 200, 400),
    ("one index, columns", 120, 240),
    ("both, columns", 120, 480),
):
    assert cases[name] == (
        "MAP",
        {"listed": 1, "not listed": None, "sum over a map": puts, "strikes": strikes, "struct as columns": FAILS},
    ), name
assert isinstance(cases["200 strikes"][1]["listed"], int)
assert isinstance(cases["one index, threshold 2"][1]["listed"], float)
PYTHON
echo "As described: 200 names of strikes make a map of a struct."
