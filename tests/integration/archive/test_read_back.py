"""What was written is read back by another implementation, with the same checksums."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chain_archive.checksums import ColumnChecksums
from chain_archive.contract_sums import ContractSums, duckdb_connection
from chain_archive.day_files import WrittenFile
from chain_archive.parquet_writer import write_batches, write_rows
from chain_archive.record_batches import row_batches
from chain_archive.row_sorter import RowSorter
from chain_archive.verification import Verification
from optionchain.archive.document_rows import contract_row, document_row
from optionchain.archive.layout import FileKind
from optionchain.errors import ArchiveDamaged
from optionchain.mongo.documents import contract_documents, header_document
from tests.support.snapshots import TICK, snapshot

SNAPSHOTS = [
    snapshot(
        [24_000.0 + 50 * step for step in range(40)], tick=TICK + number * timedelta(minutes=1)
    )
    for number in range(300)
]


def written(path: Path, kind: FileKind, sums: ColumnChecksums) -> WrittenFile:
    """Return a file as one that was given these columns."""
    return WrittenFile(kind, path, sums.rows, path.stat().st_size, "", sums.digests(), "")


def test_contracts_that_are_read_back_have_the_checksums_of_what_was_sorted(tmp_path: Path) -> None:
    sums, path = ColumnChecksums("contracts"), tmp_path / "file"
    with RowSorter(tmp_path) as sorter:
        for each in SNAPSHOTS:
            sorter.add(contract_documents(each))
        write_batches(path, "contracts", map(sums.add, sorter.batches()))

    with duckdb_connection() as connection:
        verification = Verification(connection)
        given = ContractSums(connection)
        for each in SNAPSHOTS:
            given.add(next(row_batches("contracts", map(contract_row, contract_documents(each)))))
        file = written(path, "contracts", sums)._replace(given=given.total())
        verification.check(path, file)
        with pytest.raises(ArchiveDamaged, match="other documents than MongoDB gave"):
            verification.check(path, file._replace(given=(0,)))
        sums.add(
            next(row_batches("contracts", [contract_row(contract_documents(SNAPSHOTS[0])[0])]))
        )
        with pytest.raises(ArchiveDamaged, match="reads back 24000 rows of 24001"):
            verification.check(path, written(path, "contracts", sums))


@pytest.mark.parametrize("name", ["settled", "analytics", "earlier_hashes", "fetched_at"])
def test_one_other_value_of_a_header_is_told(tmp_path: Path, name: str) -> None:
    documents: list[Any] = [header_document(each, earlier_hashes=["a"]) for each in SNAPSHOTS]
    rows = [document_row("headers", document) for document in documents]
    sums, path = ColumnChecksums("headers"), tmp_path / "file"
    other = {
        "settled": True,
        "analytics": {"pcr_oi": 1.5},
        "earlier_hashes": [],
        "fetched_at": TICK,
    }
    changed = document_row("headers", {**documents[-1], name: other[name]})
    for batch in row_batches("headers", [*rows[:-1], {**rows[-1], name: changed[name]}]):
        sums.add(batch)
    write_rows(path, "headers", rows)

    with (
        duckdb_connection() as connection,
        pytest.raises(ArchiveDamaged, match=f"other values of {name}$"),
    ):
        Verification(connection).check(path, written(path, "headers", sums))
