"""Conditions on fields find the same rows by SQL and by Python, and as MongoDB finds them."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.archive.conditions import Where, satisfies, sql_of
from tests.support.api import few_examples
from tests.support.mongomock_database import memory_database, uses_mongomock

NUMBERS = st.none() | st.sampled_from([0.0, 1.0, 2.5, 3.0])
BOUND = st.sampled_from([0.0, 1.0, 2.5, 3.0, 99.0])
CONDITION = (
    BOUND
    | st.dictionaries(st.sampled_from(["$gte", "$gt", "$lte", "$lt", "$eq"]), BOUND, min_size=1)
    | st.lists(BOUND, max_size=3).map(lambda values: {"$in": values})
)
WHERE = st.fixed_dictionaries({}, optional={"a": CONDITION, "b": CONDITION})
ROWS = st.lists(st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS}), min_size=1, max_size=6)


@uses_mongomock
@given(ROWS, WHERE)
@few_examples()
def test_sql_and_python_find_what_mongodb_finds(
    rows: list[dict[str, float | None]], where: Where
) -> None:
    database = memory_database()
    database["rows"].insert_many([dict(row) for row in rows])
    expected = list(database["rows"].find(where, {"_id": False}))
    assert [row for row in rows if satisfies(row, where)] == expected
    condition, values = sql_of(where)
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE rows ("a" DOUBLE, "b" DOUBLE)')
        values_of = [[row["a"], row["b"]] for row in rows]
        connection.executemany("INSERT INTO rows VALUES (?, ?)", values_of)
        found = connection.execute(f"SELECT * FROM rows WHERE true {condition}", values)
        assert [dict(zip("ab", row, strict=True)) for row in found.fetchall()] == expected


def test_values_never_stand_in_the_text() -> None:
    condition, values = sql_of({"type": "CE' OR 1=1 --", "strike_price": {"$in": [1.0, 2.0]}})
    assert condition == 'AND "type" = ? AND "strike_price" IN (?, ?)'
    assert values == ["CE' OR 1=1 --", 1.0, 2.0]


def test_unknown_operator_is_refused() -> None:
    with pytest.raises(KeyError):
        sql_of({"a": {"$where": "1"}})
