"""The reader of sealed days works where it is deployed."""

from pathlib import Path

import pytest

from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.folder_store import FolderStore

# Sorts far more than the memory that it may have.
ROWS = 1_500_000
LARGE = f"SELECT range, md5(range::VARCHAR) AS text FROM range({ROWS}) ORDER BY text OFFSET 10"


def test_large_query_uses_the_disk_though_nothing_can_be_written_beside_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda starts a function in /var/task, which is read-only."""
    if not Path("/proc/self").exists():
        pytest.skip("this machine has no /proc, a folder in which nobody can write")
    monkeypatch.chdir("/proc")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with ArchiveReader(FolderStore(tmp_path))._cursor() as cursor:
        cursor.execute("SET memory_limit = '40MB'")
        ((found,),) = cursor.execute(f"SELECT count(*) FROM ({LARGE})").fetchall()
    assert found == ROWS - 10
