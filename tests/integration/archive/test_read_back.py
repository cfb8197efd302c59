"""What was written is read back by another implementation, with the same checksums."""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from arro3.core import RecordBatch

from chain_archive.parquet_writer import write_batches, write_rows
from chain_archive.record_batches import row_batches
from chain_archive.row_sorter import RowSorter
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.checksums import ColumnChecksums, column_checksums
from optionchain.archive.document_rows import document_row
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import FileKind
from optionchain.archive.manifest import ArchivedFile
from optionchain.mongo.documents import contract_documents, header_document
from tests.support.snapshots import TICK, snapshot

SNAPSHOTS = [
    snapshot(
        [24_000.0 + 50 * step for step in range(40)], tick=TICK + number * timedelta(minutes=1)
    )
    for number in range(300)
]


def stored(store: FolderStore, path: Path, kind: FileKind) -> ArchivedFile:
    """Store a file under its content, as a sealer does."""
    digest = sha256(path.read_bytes()).hexdigest()
    store.upload(f"{kind}.parquet", path)
    return ArchivedFile(f"{kind}.parquet", path.stat().st_size, digest, 0, {})


def read_back(folder: Path, kind: FileKind, path: Path) -> Iterable[RecordBatch]:
    store = FolderStore(folder / "archive")
    return ArchiveReader(store).batches(stored(store, path, kind), kind)


def test_contracts_that_are_read_back_have_the_checksums_of_what_was_sorted(tmp_path: Path) -> None:
    sums = ColumnChecksums("contracts")
    with RowSorter(tmp_path) as sorter:
        for each in SNAPSHOTS:
            sorter.add(contract_documents(each))
        write_batches(tmp_path / "file", "contracts", map(sums.add, sorter.batches()))

    found = column_checksums("contracts", read_back(tmp_path, "contracts", tmp_path / "file"))

    assert found == sums.digests()
    assert sums.rows == sorter.rows == 24_000


def test_headers_that_are_read_back_have_the_checksums_of_their_rows(tmp_path: Path) -> None:
    documents: list[Any] = [header_document(each, earlier_hashes=["a"]) for each in SNAPSHOTS]
    rows = [document_row("headers", document) for document in documents]
    write_rows(tmp_path / "file", "headers", rows)

    found = column_checksums("headers", read_back(tmp_path, "headers", tmp_path / "file"))

    assert found == column_checksums("headers", row_batches("headers", rows))
