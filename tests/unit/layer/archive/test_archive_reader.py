"""The reader of sealed days works where it is deployed, and reads the files that it was given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.local_files import LocalFiles
from optionchain.archive.manifest import ArchivedFile
from optionchain.errors import ArchiveDamaged
from tests.support.archived_ticks import archived_ticks

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


class CutFiles(LocalFiles):
    """Files that are cut after they were checked, so many times."""

    times = 0
    rest = b""

    @contextmanager
    def opened(self, files: Sequence[ArchivedFile]) -> Iterator[list[Path]]:
        with super().opened(files) as paths:
            if self.times:
                self.times -= 1
                paths[0].write_bytes(self.rest)
            yield paths


class RemoteStore(FolderStore):
    """Has its files elsewhere, as S3 does."""

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002
        return None


@pytest.mark.parametrize("rest", [b"", b"PAR1", b"PAR1" + b"x" * 64 + b"PAR1"])
def test_file_that_is_cut_while_it_is_read_is_copied_anew(tmp_path: Path, rest: bytes) -> None:
    store = RemoteStore(tmp_path / "archive")
    days = [archived_ticks(store, 3)]
    files = CutFiles(store)
    files.rest, files.times = rest, 1
    assert ArchiveReader(store, files).rows(days, "ticks", "count(*)") == [(3,)]


@pytest.mark.parametrize("rest", [b"", b"PAR1" + b"x" * 64 + b"PAR1"])
def test_file_that_cannot_be_read_twice_is_damaged_and_named(tmp_path: Path, rest: bytes) -> None:
    store = RemoteStore(tmp_path / "archive")
    days = [archived_ticks(store, 3)]
    files = CutFiles(store)
    files.rest, files.times = rest, 2
    reader = ArchiveReader(store, files)
    with pytest.raises(ArchiveDamaged, match=r"^files/3.parquet cannot be read$"):
        reader.rows(days, "ticks", "count(*)")
    assert reader.rows(days, "ticks", "count(*)") == [(3,)]


def test_wrong_query_is_no_damage(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "archive")
    with pytest.raises(duckdb.BinderException):
        ArchiveReader(store).rows([archived_ticks(store, 3)], "ticks", "no_such_column")


@pytest.mark.parametrize("name", ["ar*", "ar?hive", "[a]rchive", "arch**"])
def test_folder_whose_name_is_a_pattern_is_read_alone(tmp_path: Path, name: str) -> None:
    other, store = FolderStore(tmp_path / "archive"), FolderStore(tmp_path / name)
    archived_ticks(other, 5)
    days = [archived_ticks(store, 3)]
    (tmp_path / "archive/files/3.parquet").write_bytes(
        (tmp_path / "archive/files/5.parquet").read_bytes()
    )
    assert ArchiveReader(store).rows(days, "ticks", "count(*)") == [(3,)]
