"""S3 over HTTP that fails, cuts and waits: nothing half is visible, and to try again succeeds."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from optionchain.archive.object_store import StoredObject
from optionchain.archive.s3_store import S3Store
from optionchain.errors import ArchiveUnavailable
from tests.support.s3_server import Fault, S3Server, s3_server

KEY = "files/NIFTY/2026-11-27/ticks-3f9a.parquet"
MANIFEST = "manifests/NIFTY/2026-11-27.json"
OLD, NEW = b"old" * 100_000, b"new" * 100_000
SLOW_DOWN = Fault("error", "PUT", 503, "SlowDown")
# botocore tries each call twice, so two of these are a failure, and one is not noticed.
UPLOAD_FAULTS = [
    Fault("error", "PUT", 500, "InternalError"),
    SLOW_DOWN,
    Fault("cut_upload", "PUT"),
    Fault("lost_answer", "PUT"),
]
DOWNLOAD_FAULTS = [
    Fault("error", "GET", 500, "InternalError"),
    Fault("error", "GET", 503, "SlowDown"),
    Fault("cut_download", "GET"),
    Fault("short_length", "GET"),
    Fault("changed", "GET"),
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """S3 over HTTP, with an empty bucket."""
    with s3_server(monkeypatch) as server:
        yield server


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to be stored."""
    path = tmp_path / "source"
    path.write_bytes(NEW)
    return path


def data_of(server: S3Server, key: str) -> bytes | None:
    """Return the content of an object."""
    found = server.store.read(key)
    return found.data if found else None


def stored(server: S3Server, key: str, data: bytes) -> StoredObject:
    """Store an object; return it."""
    assert server.store.replace(key, data, None)
    found = server.store.read(key)
    assert found
    return found


@pytest.mark.parametrize("fault", UPLOAD_FAULTS, ids=lambda fault: fault.kind)
def test_one_fault_of_an_upload_is_not_noticed(
    server: S3Server, source: Path, fault: Fault
) -> None:
    server.fail(fault)
    server.store.upload(KEY, source)
    assert data_of(server, KEY) == NEW


@pytest.mark.parametrize("fault", UPLOAD_FAULTS, ids=lambda fault: fault.kind)
def test_failed_upload_leaves_what_was_there(server: S3Server, source: Path, fault: Fault) -> None:
    stored(server, KEY, OLD)
    server.fail(fault, fault)
    with pytest.raises(ArchiveUnavailable, match="s3://chains/own/archive: "):
        server.store.upload(KEY, source)
    # An answer that is lost says nothing about the object: it is whole, old or new.
    assert data_of(server, KEY) == (NEW if fault.kind == "lost_answer" else OLD)
    assert [info.key for info in server.store.keys("")] == [KEY]
    server.store.upload(KEY, source)
    assert data_of(server, KEY) == NEW


@pytest.mark.parametrize("fault", UPLOAD_FAULTS, ids=lambda fault: fault.kind)
@pytest.mark.parametrize("exists", [False, True])
def test_manifest_is_replaced_once_whatever_fails(
    server: S3Server, fault: Fault, *, exists: bool
) -> None:
    """A writer whose first attempt was stored, without an answer, has not lost against itself."""
    tag = stored(server, MANIFEST, OLD).tag if exists else None
    server.fail(fault)
    assert server.store.replace(MANIFEST, NEW, tag) is True
    assert data_of(server, MANIFEST) == NEW
    assert server.store.replace(MANIFEST, OLD, tag) is False


def test_writer_that_lost_is_told_so_after_a_fault_too(server: S3Server) -> None:
    tag = stored(server, MANIFEST, OLD).tag
    assert server.store.replace(MANIFEST, b"faster", tag)
    server.fail(SLOW_DOWN)
    assert server.store.replace(MANIFEST, NEW, tag) is False
    server.fail(Fault("error", "PUT", 409, "ConditionalRequestConflict"))
    assert server.store.replace(MANIFEST, NEW, tag) is False
    assert data_of(server, MANIFEST) == b"faster"


@pytest.mark.parametrize("fault", DOWNLOAD_FAULTS, ids=lambda fault: fault.kind)
def test_one_fault_of_a_download_is_not_noticed(
    server: S3Server, tmp_path: Path, fault: Fault
) -> None:
    stored(server, KEY, NEW)
    server.fail(fault)
    assert server.store.download(KEY, tmp_path / "copy") is True
    assert (tmp_path / "copy").read_bytes() == NEW
    server.fail(fault)
    assert data_of(server, KEY) == NEW


@pytest.mark.parametrize("fault", DOWNLOAD_FAULTS, ids=lambda fault: fault.kind)
def test_failed_download_leaves_no_half_file(
    server: S3Server, tmp_path: Path, fault: Fault
) -> None:
    stored(server, KEY, NEW)
    for _ in range(2):
        server.fail(fault, fault)
        with pytest.raises(ArchiveUnavailable):
            server.store.download(KEY, tmp_path / "copy")
        assert list(tmp_path.iterdir()) == []
    server.fail(fault, fault)
    with pytest.raises(ArchiveUnavailable):
        server.store.read(KEY)
    assert server.store.download(KEY, tmp_path / "copy") is True
    assert (tmp_path / "copy").read_bytes() == NEW


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, "NoSuchBucket", "there is no such bucket"),
        (403, "AccessDenied", "access is denied"),
        (403, "ExpiredToken", "the credentials have expired"),
        (400, "IllegalLocationConstraintException", "another region"),
    ],
)
def test_refusal_is_told_in_words(server: S3Server, status: int, code: str, words: str) -> None:
    for _ in range(4):
        server.fail(Fault("error", "GET", status, code))
    with pytest.raises(ArchiveUnavailable, match=words):
        server.store.read(KEY)
    server.faults.clear()
    for _ in range(4):
        server.fail(Fault("error", "GET", status, code))
    with pytest.raises(ArchiveUnavailable, match=words):
        list(server.store.keys("manifests/"))


def test_server_that_is_not_there_is_away(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    with pytest.raises(ArchiveUnavailable, match="EndpointConnectionError"):
        S3Store(server.store.url).read(KEY)


def test_link_is_read_without_credentials(server: S3Server) -> None:
    stored(server, KEY, NEW)
    link = server.store.link(KEY, 60)
    assert link
    with urlopen(link) as answer:
        assert answer.read() == NEW


def test_slow_answer_is_waited_for(server: S3Server) -> None:
    stored(server, KEY, NEW)
    server.fail(Fault("slow", "GET", seconds=0.5))
    assert data_of(server, KEY) == NEW


def test_large_files_take_little_memory(server: S3Server, tmp_path: Path) -> None:
    """64 MB go up and come down, in a process of their own."""
    with (tmp_path / "source").open("wb") as file:
        file.truncate(64 * 1024**2)
    script = """
import resource, sys
from pathlib import Path
from optionchain.archive.s3_store import S3Store
store, folder = S3Store(sys.argv[1]), Path(sys.argv[2])
store.read("files/a")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
store.upload("files/a", folder / "source")
assert store.download("files/a", folder / "copy")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    command = [sys.executable, "-c", script, server.store.url, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (tmp_path / "copy").stat().st_size == 64 * 1024**2
    assert int(done.stdout) < 16 * 1024
