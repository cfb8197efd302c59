"""A file that the disk has no room for ends in the error of the disk, and not in one of arro3."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

# The system refuses to write a file of more than 2,000 bytes: a disk that is full for sure.
PROGRAM = """
import resource, signal, sys, tempfile
from pathlib import Path
from chain_archive.parquet_writer import write_rows
from optionchain.archive.document_rows import contract_row, document_row
from optionchain.mongo.documents import contract_documents, header_document
from tests.support.snapshots import snapshot

kind = sys.argv[1]
found = snapshot([24_000.0 + 50 * step for step in range(400)])
rows = {
    "contracts": [contract_row(each) for each in contract_documents(found)],
    "headers": [document_row("headers", header_document(found)) for _ in range(400)],
}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
with tempfile.TemporaryDirectory() as folder:
    try:
        write_rows(Path(folder) / "file", kind, rows[kind])
    except OSError as error:
        print(error.strerror)
"""


@pytest.mark.parametrize("kind", ["contracts", "headers"])
def test_disk_without_room_is_an_os_error(kind: str) -> None:
    command = [sys.executable, "-c", PROGRAM, kind]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    assert ran.stdout == "File too large\n"
