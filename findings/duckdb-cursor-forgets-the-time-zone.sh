#!/usr/bin/env bash
# duckdb 2.0.1, seen 29 November 2026.
#
# SET TimeZone says in which zone a connection casts an instant to a date. The documentation of duckdb's Python API has
# cursor() for each thread that uses a connection.
#
# Likely guess: a cursor has the settings of its connection.
# Behaviour: SET TimeZone = 'Asia/Kolkata' does not reach a cursor or a duplicate: they have the zone of the operating
# system. Most other settings do reach it, because the same word SET makes them for the whole instance: threads,
# memory_limit and also default_order and default_null_order. An instant at 01:30 in India is on 27 November by the
# connection and on 26 November by its cursor. With SET GLOBAL TimeZone a cursor has the zone, also one that
# was made before.
#
# Why it matters: a program that runs one query after another is right, and with threads its days end at another hour.
# Sums by day then differ, and so does BETWEEN two dates. A test on a machine whose zone is the wanted one is green.
#
# Run it with a Python from 3.10 on: PYTHON=python3.13 findings/duckdb-cursor-forgets-the-time-zone.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1
cd "$folder"
TZ=UTC venv/bin/python - <<'PYTHON'
import duckdb

ZONE = "SELECT current_setting('TimeZone')"
DAY = "SELECT (TIMESTAMPTZ '2026-11-26 20:00:00+00')::DATE::VARCHAR"
SETTINGS = {
    "threads": "1",
    "memory_limit": "'512MiB'",
    "default_order": "'DESC'",
    "default_null_order": "'NULLS_FIRST'",
}


def ask(connection, query):
    """Return the one value that a query answers."""
    ((value,),) = connection.execute(query).fetchall()
    return value


def shown(name, connection):
    """Print and return the zone of a connection, and the date of the instant there."""
    zone, day = ask(connection, ZONE), ask(connection, DAY)
    print(f"{name:42}{zone:14}{day}")
    return zone, day


INDIA = ("Asia/Kolkata", "2026-11-27")
connection = duckdb.connect()
earlier = connection.cursor()
system = shown("before SET", connection)
connection.execute("SET TimeZone = 'Asia/Kolkata'")
assert shown("after SET TimeZone, the connection", connection) == INDIA
assert shown("its cursor", connection.cursor()) == system
assert shown("its duplicate", connection.duplicate()) == system
assert system[1] == "2026-11-26"

for name, value in SETTINGS.items():
    connection.execute(f"SET {name} = {value}")
    own, of_cursor = (ask(each, f"SELECT current_setting('{name}')") for each in (connection, connection.cursor()))
    print(f"SET {name}: connection {own}, cursor {of_cursor}")
    assert own == of_cursor, f"{name} does not reach a cursor"

connection.execute("SET GLOBAL TimeZone = 'Asia/Kolkata'")
assert shown("after SET GLOBAL TimeZone, a new cursor", connection.cursor()) == INDIA
assert shown("an earlier cursor", earlier) == INDIA
PYTHON
echo "As described: a cursor has another day than its connection."
