"""The five readers of Parquet that an archive is for, each used without any option.

Each returns the rows of files as Python's values: None for null, aware instants in UTC.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any

import datafusion
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

type Rows = list[dict[str, Any]]
type Reader = Callable[[Sequence[Path]], Rows]


def by_duckdb(paths: Sequence[Path]) -> Rows:
    """Read with DuckDB, whose instants are in the zone of its session."""
    with duckdb.connect() as connection:
        relation = connection.sql("FROM read_parquet(?)", params=[list(map(str, paths))])
        names = relation.columns
        return [_in_utc(dict(zip(names, row, strict=True))) for row in relation.fetchall()]


def by_polars(paths: Sequence[Path]) -> Rows:
    """Read with polars."""
    return pl.read_parquet(list(paths)).to_dicts()


def by_pandas(paths: Sequence[Path]) -> Rows:
    """Read with pandas: a null is NaN in its columns of numbers, and NaT in those of instants."""
    frame = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    columns = {name: [_of_pandas(value) for value in frame[name]] for name in frame}
    return _rows({str(name): values for name, values in columns.items()})


def by_pyarrow(paths: Sequence[Path]) -> Rows:
    """Read with pyarrow."""
    rows: Rows = pq.read_table(list(map(str, paths))).to_pylist()
    return rows


def by_datafusion(paths: Sequence[Path]) -> Rows:
    """Read with DataFusion, which takes one file at a time."""
    context = datafusion.SessionContext()
    frames = [context.read_parquet(str(path)) for path in paths]
    whole = reduce(lambda first, second: first.union(second), frames)
    rows: Rows = pa.Table.from_batches(whole.collect(), schema=whole.schema()).to_pylist()
    return rows


READERS: dict[str, Reader] = {
    "duckdb": by_duckdb,
    "polars": by_polars,
    "pandas": by_pandas,
    "pyarrow": by_pyarrow,
    "datafusion": by_datafusion,
}


def types_of(path: Path) -> dict[str, dict[str, str]]:
    """Return the types of a file's columns, as each reader names them."""
    with duckdb.connect() as connection:
        relation = connection.sql("FROM read_parquet(?)", params=[[str(path)]])
        by_duck = dict(zip(relation.columns, map(str, relation.types), strict=True))
    fusion = datafusion.SessionContext().read_parquet(str(path)).schema()
    return {
        "duckdb": by_duck,
        "polars": {name: str(each) for name, each in pl.read_parquet_schema(path).items()},
        "pyarrow": {field.name: str(field.type) for field in pq.read_schema(path)},
        "datafusion": {field.name: str(field.type) for field in fusion},
    }


def _rows(columns: dict[str, list[Any]]) -> Rows:
    return [dict(zip(columns, values, strict=True)) for values in _transposed(columns)]


def _transposed(columns: dict[str, list[Any]]) -> Iterator[tuple[Any, ...]]:
    return zip(*columns.values(), strict=True)


def _of_pandas(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, (str, bytes, dict)):
        return value
    if hasattr(value, "tolist"):  # a number or a list of numpy
        value = value.tolist()
    return value if isinstance(value, list) or not pd.isna(value) else None


def _in_utc(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in row.items()
    }
