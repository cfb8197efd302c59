"""Files of an archive are checked before they are read, and stay while they are read."""

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from threading import Barrier

import pytest

from optionchain.archive.folder_store import FolderStore
from optionchain.archive.local_files import LocalFiles
from optionchain.archive.manifest import ArchivedFile
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable

SIZE = 100


class RemoteStore(FolderStore):
    """Has its files elsewhere, as S3 does; `error` is raised in the middle of a file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.downloads: list[str] = []
        self.error: OSError | None = None
        self.meeting: Barrier | None = None

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002
        return None

    def download(self, key: str, path: Path) -> bool:
        self.downloads.append(key)
        if self.meeting:
            self.meeting.wait()
        if self.error:
            path.write_bytes(b"half")
            raise ArchiveUnavailable(str(self.error))
        return super().download(key, path)


@pytest.fixture
def store(tmp_path: Path) -> RemoteStore:
    return RemoteStore(tmp_path / "archive")


def put(store: FolderStore, name: str) -> ArchivedFile:
    """Store a file of 100 bytes, and return what a manifest says of it."""
    content = name.encode().ljust(SIZE)
    part = Path(store.url).parent / "part"
    part.write_bytes(content)
    store.upload(name, part)
    return ArchivedFile(name, SIZE, sha256(content).hexdigest(), 1, {})


def copies(tmp_path: Path) -> list[bytes]:
    """Return the first byte of every copy on this disk."""
    return sorted(path.read_bytes()[:1] for path in tmp_path.glob("temporary/*/*/*.parquet"))


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_copy_is_made_once_and_kept(store: RemoteStore) -> None:
    files, a = LocalFiles(store), put(store, "a")
    for _ in range(3):
        with files.opened([a]) as (path,):
            assert path.read_bytes() == b"a".ljust(SIZE)

    assert store.downloads == ["a"]


def test_the_copy_used_longest_ago_goes_for_a_new_one(store: RemoteStore, tmp_path: Path) -> None:
    files = LocalFiles(store, most_bytes=2 * SIZE)
    for name in "abac":
        with files.opened([put(store, name)]):
            pass

    assert copies(tmp_path) == [b"a", b"c"]


def test_a_copy_stays_while_a_reader_has_its_path(store: RemoteStore, tmp_path: Path) -> None:
    files = LocalFiles(store, most_bytes=SIZE)
    with files.opened([put(store, "a")]) as (path,):
        for name in "bcd":
            with files.opened([put(store, name)]):
                assert copies(tmp_path) == [b"a", name.encode()]
        assert path.read_bytes()[:1] == b"a"
    with files.opened([put(store, "e")]):
        assert copies(tmp_path) == [b"e"]


def test_many_files_at_once_stay_together_even_if_they_are_too_large(
    store: RemoteStore, tmp_path: Path
) -> None:
    files = LocalFiles(store, most_bytes=SIZE)
    with files.opened([put(store, name) for name in "abc"]) as paths:
        assert [path.read_bytes()[:1] for path in paths] == [b"a", b"b", b"c"]

    assert len(copies(tmp_path)) == 1


def test_threads_that_want_one_file_wait_for_one_download(store: RemoteStore) -> None:
    files, a = LocalFiles(store), put(store, "a")
    everybody = Barrier(4)

    def read(_: int) -> bytes:
        everybody.wait()
        with files.opened([a]) as (path,):
            return path.read_bytes()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(read, range(4)))

    assert found == {b"a".ljust(SIZE)}
    assert store.downloads == ["a"]


def test_files_that_are_being_copied_count_for_the_limit(
    store: RemoteStore, tmp_path: Path
) -> None:
    files = LocalFiles(store, most_bytes=3 * SIZE)
    for name in "ab":
        with files.opened([put(store, name)]):
            pass
    store.meeting = Barrier(2)  # each download begins before the other ends
    with files.opened([put(store, name) for name in "cd"]):
        assert copies(tmp_path) == [b"b", b"c", b"d"]


@pytest.mark.parametrize(
    "lose",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"a"),
        lambda path: path.write_bytes(b"b".ljust(SIZE)),
        lambda path: rmtree(path.parent),
    ],
    ids=["deleted", "cut", "changed", "its folder deleted"],
)
def test_a_copy_that_is_lost_is_made_anew(
    store: RemoteStore, lose: Callable[[Path], object]
) -> None:
    files, a = LocalFiles(store), put(store, "a")
    with files.opened([a]) as (path,):
        pass
    lose(path)

    with files.opened([a]) as (path,):
        assert path.read_bytes() == b"a".ljust(SIZE)
    assert store.downloads == ["a", "a"]


def test_a_copy_that_is_forgotten_is_made_anew(store: RemoteStore, tmp_path: Path) -> None:
    files, a = LocalFiles(store), put(store, "a")
    with files.opened([a]):
        files.forget([a])
        with files.opened([a]):
            assert copies(tmp_path) == [b"a"]
    assert store.downloads == ["a", "a"]


def test_a_full_disk_leaves_nothing_and_the_archive_is_unavailable(
    store: RemoteStore, tmp_path: Path
) -> None:
    files, a, b = LocalFiles(store), put(store, "a"), put(store, "b")
    store.error = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(ArchiveUnavailable, match="No space left"), files.opened([a, b]):
        pass
    assert copies(tmp_path) == []

    store.error = None
    with files.opened([a, b]):
        assert copies(tmp_path) == [b"a", b"b"]


def test_no_place_for_temporary_files_is_an_archive_that_is_unavailable(
    store: RemoteStore, temporary: Path
) -> None:
    a = put(store, "a")
    temporary.rmdir()

    with pytest.raises(ArchiveUnavailable, match="No such file"), LocalFiles(store).opened([a]):
        pass


@pytest.mark.parametrize("change", [b"a".ljust(SIZE - 1), b"b".ljust(SIZE), b""])
def test_a_copy_that_is_not_the_file_of_the_manifest_is_refused(
    store: RemoteStore, tmp_path: Path, change: bytes
) -> None:
    a = put(store, "a")
    (Path(store.url) / "a").write_bytes(change)

    with pytest.raises(ArchiveDamaged, match="not the file"), LocalFiles(store).opened([a]):
        pass
    assert copies(tmp_path) == []


def test_a_file_that_is_missing_is_damage(store: RemoteStore) -> None:
    a = put(store, "a")
    store.delete("a")

    with pytest.raises(ArchiveDamaged, match="a is missing"), LocalFiles(store).opened([a]):
        pass


def test_copies_go_with_the_object_that_made_them(store: RemoteStore, temporary: Path) -> None:
    files = LocalFiles(store)
    with files.opened([put(store, "a")]):
        assert list(temporary.glob("*/archive-*"))
    del files

    assert not list(temporary.glob("*/archive-*"))


class TestFolder:
    """Files of a folder are read where they are."""

    def test_no_copy_is_made(self, tmp_path: Path, temporary: Path) -> None:
        store = FolderStore(tmp_path / "archive")
        files, a = LocalFiles(store), put(store, "a")

        with files.opened([a]) as (path,):
            assert path == tmp_path / "archive" / "a"
        assert not list(temporary.iterdir())

    def test_a_file_is_checked_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = FolderStore(tmp_path / "archive")
        files, a = LocalFiles(store), put(store, "a")
        with files.opened([a]):
            pass
        monkeypatch.setattr("optionchain.archive.file_checks.file_digest", None)

        with files.opened([a]) as (path,):
            assert path.is_file()

    def test_a_file_that_changes_is_noticed(self, tmp_path: Path) -> None:
        store = FolderStore(tmp_path / "archive")
        files, a = LocalFiles(store), put(store, "a")
        with ExitStack() as stack:
            (path,) = stack.enter_context(files.opened([a]))
            path.write_bytes(b"b".ljust(SIZE))
            os.utime(path, ns=(0, 0))

        with pytest.raises(ArchiveDamaged, match="not the file"), files.opened([a]):
            pass

    def test_a_file_that_is_missing_is_damage(self, tmp_path: Path) -> None:
        store = FolderStore(tmp_path / "archive")
        a = put(store, "a")
        store.delete("a")

        with pytest.raises(ArchiveDamaged, match="a is missing"), LocalFiles(store).opened([a]):
            pass
