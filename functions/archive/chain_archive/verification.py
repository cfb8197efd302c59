"""Reads a file of the archive back, with DuckDB, and compares it with what was written.

arro3 writes and DuckDB reads: two implementations of Parquet that share no code.
"""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import duckdb
from arro3.core import RecordBatch, RecordBatchReader

from chain_archive.checksums import ColumnChecksums
from chain_archive.contract_sums import sums_of_file
from chain_archive.day_files import WrittenFile
from optionchain.archive.columns import COLUMNS, DOCUMENT
from optionchain.archive.layout import FileKind
from optionchain.errors import ArchiveDamaged

# Read at once: DuckDB returns up to a million rows as one piece of memory.
_CONTRACTS_AT_ONCE = 32_768
_DOCUMENTS_AT_ONCE = 1_024


class Verification:
    """Reads files back; one at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def check(self, copy: Path, written: WrittenFile) -> None:
        """Raise ArchiveDamaged unless a copy of the file has exactly what MongoDB gave."""
        checksums, digest = ColumnChecksums(written.kind), blake2b()
        for batch in self._batches(copy, written.kind, written.rows):
            checksums.add(batch)
            if written.kind != "contracts":
                for document in batch.column(DOCUMENT).to_pylist():
                    digest.update(document)
        if checksums.rows != written.rows:
            raise ArchiveDamaged(
                f"{written.kind} reads back {checksums.rows} rows of {written.rows}"
            )
        found = checksums.digests()
        if wrong := [name for name, each in written.columns.items() if found[name] != each]:
            raise ArchiveDamaged(f"{written.kind} reads back other values of {', '.join(wrong)}")
        if written.kind == "contracts":
            given: object = sums_of_file(self._connection, str(copy))
        else:
            given = digest.hexdigest()
        if given != written.given:
            raise ArchiveDamaged(f"{written.kind} reads back other documents than MongoDB gave")

    def _batches(self, path: Path, kind: FileKind, rows: int) -> Iterator[RecordBatch]:
        columns = ", ".join(f'"{name}"' for name in COLUMNS[kind])
        at_once = _CONTRACTS_AT_ONCE if kind == "contracts" else _DOCUMENTS_AT_ONCE
        query = (
            f"SELECT {columns} FROM read_parquet(?, file_row_number = true) "  # noqa: S608
            "WHERE file_row_number >= ? AND file_row_number < ?"
        )
        # One row more than there should be, so that a row too many is found.
        for first in range(0, rows + 1, at_once):
            values = [str(path), first, first + at_once]
            yield from RecordBatchReader.from_stream(self._connection.sql(query, params=values))
