"""A sum of each column of contracts that is the same in whatever order the rows come.

It tells that sorting and writing has lost, repeated or mixed up nothing. Each value is hashed
together with its contract and tick, so two rows cannot swap their values.
"""

from typing import Any

import duckdb
from arro3.core import RecordBatch, Table

from optionchain.archive.columns import COLUMNS
from optionchain.archive.duckdb_paths import literal_path

_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "64MB",
    "threads": "1",
}
_ROW = "*, hash(expiry, strike_price, type, fetched_at) AS row_hash"
_SUMS = ", ".join(
    ["count(*)", *(f'sum(hash("{name}", row_hash)::HUGEINT)' for name in COLUMNS["contracts"])]
)
# A query takes four milliseconds, however few rows it is about.
_ROWS_AT_ONCE = 16_384

type Sums = tuple[int, ...]


def duckdb_connection() -> duckdb.DuckDBPyConnection:
    """Return a connection of DuckDB that takes little memory, and loads nothing from anywhere."""
    connection = duckdb.connect(config=_SETTINGS)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


class ContractSums:
    """Adds up batches of contracts as they come from MongoDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._pending: list[RecordBatch] = []
        self._rows = 0
        self._sums: Sums = (0,) * (1 + len(COLUMNS["contracts"]))

    def add(self, batch: RecordBatch) -> None:
        """Add the rows of a batch."""
        self._pending.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _ROWS_AT_ONCE:
            self._add_pending()

    def total(self) -> Sums:
        """Return the number of rows so far, and the sum of each column."""
        if self._rows:
            self._add_pending()
        return self._sums

    def _add_pending(self) -> None:
        rows = self._connection.from_arrow(Table.from_batches(self._pending))
        found = _sums_of(rows)
        self._sums = tuple(map(sum, zip(self._sums, found, strict=True)))
        self._pending, self._rows = [], 0


def sums_of_file(connection: duckdb.DuckDBPyConnection, path: str) -> Sums:
    """Return the number of rows of a Parquet file, and the sum of each column."""
    return _sums_of(connection.from_parquet(literal_path(path)))


def _sums_of(rows: duckdb.DuckDBPyRelation) -> Sums:
    (found,) = rows.project(_ROW).aggregate(_SUMS).fetchall()
    return tuple(value or 0 for value in found)
