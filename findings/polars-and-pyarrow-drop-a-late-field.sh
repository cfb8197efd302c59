#!/usr/bin/env bash
# polars 2.1.0 and pyarrow 26.0.1 and, beside them, pandas 3.1.1, duckdb 2.0.1 and datafusion 55.0.0, seen 29 November
# 2026.
#
# A document has only the fields that are known: contracts far from the money come first in a chain and have no Greeks,
# so the fields `greeks` and `ce.iv` appear in later documents alone.
#
# Likely guess: a field that is found late becomes a column with nulls before it, or an error is raised, as for a text
# that comes late in a column of numbers.
# Behaviour: Table.from_pylist of pyarrow and from_pylist of datafusion take the columns from the first document and
# drop every other field; fields within a field (`ce.iv`) are all kept, and pyarrow.array and pyarrow.json keep both.
# polars takes the fields from 100 documents: from_dicts, DataFrame with strict=True, read_ndjson and json_normalize
# drop what comes later, also within a field, and Series drops whatever the first document does not have. No error is
# raised and no warning given. polars.read_json raises one for the same documents, and duckdb after 20,480 documents.
# pandas has all fields.
#
# Why it matters: whether a field is there depends on the order of the documents. All its values are lost, not one, and
# a chain sorted by strike begins with the contracts that have the fewest fields. Give a schema, or
# infer_schema_length=None.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/polars-and-pyarrow-drop-a-late-field.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  polars==2.1.0 pyarrow==26.0.1 pandas==3.1.1 duckdb==2.0.1 datafusion==55.0.0 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
import json
from pathlib import Path

import datafusion
import duckdb
import pandas
import polars
import pyarrow
import pyarrow.json

BOTH, WITHIN, NONE = "both", "within", "none"


def chain(few):
    """Return a chain whose first documents, so many, have few fields, and write it as JSON."""
    documents = [{"strike": 20_000.5 + number, "ce": {"oi": number}} for number in range(few)]
    documents.append({"strike": 24_200.5, "ce": {"oi": 7, "iv": 12.5}, "greeks": 0.5})
    Path("chain.json").write_text(json.dumps(documents))
    Path("chain.ndjson").write_text("".join(json.dumps(document) + "\n" for document in documents))
    return documents


def duck(file):
    """Return the last document as duckdb reads it."""
    columns = duckdb.sql(f"FROM '{file}'")
    (row,) = duckdb.sql(f"FROM '{file}' WHERE strike = 24200.5").fetchall()
    return dict(zip(columns.columns, row, strict=True))


def last_of(frame):
    """Return the last document of a frame of polars."""
    return frame.row(-1, named=True)


def read(documents):
    """Return which of the two late fields each reader has, or that it raises an error."""
    readers = {
        "pyarrow.Table.from_pylist": lambda: pyarrow.Table.from_pylist(documents).to_pylist()[-1],
        "pyarrow.array": lambda: pyarrow.array(documents).to_pylist()[-1],
        "pyarrow.json": lambda: pyarrow.json.read_json("chain.ndjson").to_pylist()[-1],
        "datafusion from_pylist": lambda: datafusion.SessionContext().from_pylist(documents).to_pylist()[-1],
        "polars.from_dicts": lambda: last_of(polars.from_dicts(documents)),
        "polars.DataFrame, strict": lambda: last_of(polars.DataFrame(documents, strict=True)),
        "polars.read_ndjson": lambda: last_of(polars.read_ndjson("chain.ndjson")),
        "polars.json_normalize": lambda: last_of(polars.json_normalize(documents)),
        "polars.read_json": lambda: last_of(polars.read_json("chain.json")),
        "polars.Series": lambda: polars.Series(documents)[-1],
        "polars, all documents": lambda: last_of(polars.DataFrame(documents, infer_schema_length=None)),
        "pandas.DataFrame": lambda: pandas.DataFrame(documents).iloc[-1].to_dict(),
        "duckdb, JSON": lambda: duck("chain.json"),
        "duckdb, lines of JSON": lambda: duck("chain.ndjson"),
    }
    found = {}
    for name, reader in readers.items():
        try:
            document = reader()
        except Exception as error:  # noqa: BLE001
            found[name] = type(error).__name__
            continue
        within = document.get("ce.iv", document.get("ce", {}).get("iv"))
        late = (document.get("greeks") == 0.5, within == 12.5)
        found[name] = {(True, True): BOTH, (False, True): WITHIN, (True, False): "greeks"}.get(late, NONE)
    return found


cases = {few: read(chain(few)) for few in (1, 99, 100, 20_480)}
print("which of the fields `greeks` and `ce.iv` are read, after so many documents without them")
print(f"{'':28}" + "".join(f"{few:>23}" for few in cases))
for name in cases[1]:
    print(f"{name:28}" + "".join(f"{found[name]:>23}" for found in cases.values()))

LATE = {
    "pyarrow.Table.from_pylist": [WITHIN, WITHIN, WITHIN, WITHIN],
    "datafusion from_pylist": [WITHIN, WITHIN, WITHIN, WITHIN],
    "polars.from_dicts": [BOTH, BOTH, NONE, NONE],
    "polars.DataFrame, strict": [BOTH, BOTH, NONE, NONE],
    "polars.read_ndjson": [BOTH, BOTH, NONE, NONE],
    "polars.json_normalize": [BOTH, BOTH, NONE, NONE],
    "polars.read_json": [BOTH, BOTH, "ComputeError", "ComputeError"],
    "polars.Series": [NONE, NONE, NONE, NONE],
    "duckdb, JSON": [BOTH, BOTH, BOTH, "InvalidInputException"],
    "duckdb, lines of JSON": [BOTH, BOTH, BOTH, "InvalidInputException"],
}
for name in cases[1]:
    assert [found[name] for found in cases.values()] == LATE.get(name, [BOTH] * 4), name
PYTHON
echo "As described: a field that appears late is dropped."
