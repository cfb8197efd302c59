"""Writes the files of a day into a folder, and tells what was given to each of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from chain_archive.checksums import ColumnChecksums
from chain_archive.contract_sums import ContractSums, Sums
from chain_archive.day_records import DayRecord
from chain_archive.parquet_writer import write_batches
from chain_archive.record_batches import Row, row_batches
from chain_archive.row_sorter import RowSorter
from chain_archive.stored_day import Committed, StoredDay
from optionchain.archive.columns import DOCUMENT
from optionchain.archive.document_rows import decoded, document_row
from optionchain.archive.layout import FileKind


class WrittenFile(NamedTuple):
    """A file in a folder of this machine, and what it was given.

    `columns` are the checksums of the rows as they were written. `given` tells what MongoDB gave:
    for contracts the sums of their columns, for documents a digest of all their bytes.
    """

    kind: FileKind
    path: Path
    rows: int
    size: int
    sha256: str
    columns: dict[str, str]
    given: Sums | str


class DayWriter:
    """Writes the files of a day into an empty folder; `step` is told before each portion."""

    def __init__(
        self, folder: Path, connection: DuckDBPyConnection, step: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._connection = connection
        self._step = step

    def all_files(
        self,
        day: StoredDay,
        committed: Sequence[Committed],
        records: Callable[[], Iterable[DayRecord]],
    ) -> list[WrittenFile]:
        """Write every file of a day; `records` are read last. Raises SnapshotIncomplete."""
        return [
            self.contracts(day, committed),
            self.documents("headers", day.headers(committed)),
            self.documents("ticks", day.ticks()),
            self.records(records()),
        ]

    def contracts(self, day: StoredDay, committed: Sequence[Committed]) -> WrittenFile:
        """Write the contracts of these snapshots. Raises SnapshotIncomplete."""
        checksums, sums = ColumnChecksums("contracts"), ContractSums(self._connection)
        path = self._path("contracts")
        with RowSorter(self._folder) as rows:
            for expiry, some in day.contracts(committed):
                self._step("read contracts")
                sums.add(some.rows)
                rows.add_batch(expiry, some)
            write_batches(path, "contracts", map(checksums.add, rows.batches()))
        return _written("contracts", path, checksums, sums.total())

    def documents(self, kind: FileKind, documents: Iterable[bytes]) -> WrittenFile:
        """Write documents that are in order, each as BSON without its `_id`."""
        digest, checksums = blake2b(), ColumnChecksums(kind)

        def rows() -> Iterator[Row]:
            for document in documents:
                digest.update(document)
                yield document_row(kind, decoded(document))

        path = self._path(kind)
        self._step(f"write {kind}")
        write_batches(path, kind, map(checksums.add, row_batches(kind, rows())))
        return _written(kind, path, checksums, digest.hexdigest())

    def records(self, records: Iterable[DayRecord]) -> WrittenFile:
        """Write the records of a day, in the order of their collections and their content."""
        digest, checksums = blake2b(), ColumnChecksums("records")
        rows = [
            document_row("records", each.document) | {"collection": each.collection}
            for each in records
        ]
        rows.sort(key=lambda row: (row["collection"], row[DOCUMENT]))
        for row in rows:
            digest.update(row[DOCUMENT])
        path = self._path("records")
        self._step("write records")
        write_batches(path, "records", map(checksums.add, row_batches("records", rows)))
        return _written("records", path, checksums, digest.hexdigest())

    def _path(self, kind: FileKind) -> Path:
        return self._folder / f"{kind}.parquet"


def _written(
    kind: FileKind, path: Path, checksums: ColumnChecksums, given: Sums | str
) -> WrittenFile:
    with path.open("rb") as content:
        sha256 = file_digest(content, "sha256").hexdigest()
    size = path.stat().st_size
    return WrittenFile(kind, path, checksums.rows, size, sha256, checksums.digests(), given)
