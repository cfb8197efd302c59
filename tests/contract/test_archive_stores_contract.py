"""One suite, two stores: a folder and a bucket of S3 keep the same promises."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from optionchain.archive.folder_store import FolderStore
from optionchain.archive.object_store import ObjectStore
from tests.support.bucket import simulated_bucket
from tests.support.s3_server import s3_server

KEY = "files/M_M/2026-11-27/contracts-3f9a.parquet"
MANIFEST = "manifests/M_M/2026-11-27.json"


@pytest.fixture(params=["folder", "s3", "s3_over_http"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ObjectStore]:
    """An empty store of each kind; the last one is asked over HTTP."""
    match request.param:
        case "folder":
            yield FolderStore(tmp_path / "archive")
        case "s3":
            with simulated_bucket(monkeypatch) as bucket:
                yield bucket
        case _:
            with s3_server(monkeypatch) as server:
                yield server.store


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write a file to be stored."""

    def write(content: bytes) -> Path:
        path = tmp_path / "source"
        path.write_bytes(content)
        return path

    return write


def test_empty_store_has_nothing(store: ObjectStore, tmp_path: Path) -> None:
    target = tmp_path / "target"
    assert store.read(KEY) is None
    assert store.download(KEY, target) is False
    assert not target.exists()
    assert list(store.keys("")) == []
    assert list(store.folders("manifests/")) == []
    store.delete(KEY)


@pytest.mark.parametrize("content", [b"", b"PAR1", bytes(range(256)) * 40_000])
def test_file_comes_back_as_it_was(
    store: ObjectStore, file: Callable[[bytes], Path], tmp_path: Path, content: bytes
) -> None:
    store.upload(KEY, file(content))
    assert store.download(KEY, tmp_path / "target") is True
    assert (tmp_path / "target").read_bytes() == content
    found = store.read(KEY)
    assert found is not None
    assert found.data == content
    (info,) = store.keys(KEY)
    assert (info.key, info.size, info.tag) == (KEY, len(content), found.tag)
    assert abs(datetime.now(UTC) - info.stored_at) < timedelta(minutes=5)


def test_upload_replaces(store: ObjectStore, file: Callable[[bytes], Path]) -> None:
    store.upload(KEY, file(b"old"))
    (before,) = store.keys(KEY)
    store.upload(KEY, file(b"new"))
    (after,) = store.keys(KEY)
    found = store.read(KEY)
    assert found is not None
    assert found.data == b"new"
    assert before.tag != after.tag


def test_replace_needs_the_tag_that_holds(store: ObjectStore) -> None:
    assert store.replace(MANIFEST, b"1", '"9ae0ea9e3c9c6e1b9b6252c8395efdc1"') is False
    assert store.replace(MANIFEST, b"1", None) is True
    assert store.replace(MANIFEST, b"2", None) is False
    first = store.read(MANIFEST)
    assert first is not None
    assert first.data == b"1"
    assert store.replace(MANIFEST, b"2", first.tag) is True
    assert store.replace(MANIFEST, b"3", first.tag) is False
    second = store.read(MANIFEST)
    assert second is not None
    assert second.data == b"2"


@pytest.mark.parametrize("exists", [False, True])
def test_of_writers_at_once_one_wins(store: ObjectStore, *, exists: bool) -> None:
    if exists:
        store.replace(MANIFEST, b"before", None)
    found = store.read(MANIFEST)
    tag = found.tag if found else None
    start, results = threading.Barrier(4), dict[bytes, bool]()

    def write(content: bytes) -> None:
        start.wait()
        results[content] = store.replace(MANIFEST, content, tag)

    threads = [threading.Thread(target=write, args=(bytes([n]) * 99,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = (content for content, won in results.items() if won)
    after = store.read(MANIFEST)
    assert after is not None
    assert after.data == winner


def test_keys_are_listed_in_order_below_a_prefix(
    store: ObjectStore, file: Callable[[bytes], Path]
) -> None:
    keys = [
        "files/A/2026-11-27/ticks-1.parquet",
        "manifests/A-B/2026-11-26.json",
        "manifests/A/2026-11-26.json",
        "manifests/A/2026-11-27.json",
        "manifests/M_M/2026-11-27.json",
    ]
    for key in reversed(keys):
        store.upload(key, file(key.encode()))
    for prefix in ("", "manifests/", "manifests/A", "manifests/A/", "manifests/A/2026-11-27", "x/"):
        expected = [key for key in keys if key.startswith(prefix)]
        assert [info.key for info in store.keys(prefix)] == expected, prefix
    assert list(store.folders("manifests/")) == ["A-B", "A", "M_M"]
    assert list(store.folders("files/A/")) == ["2026-11-27"]
    assert list(store.folders("")) == ["files", "manifests"]


def test_deleted_object_is_gone(store: ObjectStore, file: Callable[[bytes], Path]) -> None:
    store.upload(KEY, file(b"PAR1"))
    store.delete(KEY)
    store.delete(KEY)
    assert store.read(KEY) is None
    assert list(store.keys("")) == []
    assert list(store.folders("files/")) == []
