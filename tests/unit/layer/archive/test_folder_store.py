"""An archive in a folder: whole objects or none, whatever ends a writer."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from optionchain.archive.folder_store import FolderStore
from optionchain.archive.object_stores import open_store
from optionchain.errors import ArchiveUnavailable, SettingInvalid

KEY = "files/NIFTY/2026-11-27/ticks-3f9a.parquet"
MANIFEST = "manifests/NIFTY/2026-11-27.json"
OLD, NEW = b"old" * 30_000, b"new" * 30_000

# Stores a file and a manifest. Before the given step, a call that changes the folder, it kills
# itself, or the system says that the disk is full, or that it is read-only.
_WRITER = """
import errno, os, shutil, signal, sys
from pathlib import Path
from optionchain.archive.folder_store import FolderStore
from optionchain.errors import ArchiveUnavailable

folder, source, last, how = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
steps = 0

def step(event, _):
    global steps
    if event in ("open", "os.mkdir", "os.rename", "os.remove", "shutil.copyfileobj"):
        steps += 1
        if steps == last and how == "SIGKILL":
            os.kill(os.getpid(), signal.SIGKILL)
        if steps == last:
            raise OSError(getattr(errno, how), os.strerror(getattr(errno, how)))

store = FolderStore(folder)
before = store.read("manifests/NIFTY/2026-11-27.json")
sys.addaudithook(step)
try:
    store.upload("files/NIFTY/2026-11-27/ticks-3f9a.parquet", source)
    tag = before.tag if before else None
    store.replace("manifests/NIFTY/2026-11-27.json", source.read_bytes(), tag)
except (ArchiveUnavailable, OSError):
    sys.exit(1)
sys.exit(3 if steps < last else 0)
"""


def data_of(store: FolderStore, key: str) -> bytes | None:
    """Return the content of an object."""
    found = store.read(key)
    return found.data if found else None


@pytest.mark.parametrize("how", ["SIGKILL", "ENOSPC", "EROFS"])
@pytest.mark.parametrize("before", [None, OLD])
def test_writer_that_ends_at_any_step_leaves_whole_objects(
    tmp_path: Path, before: bytes | None, how: str
) -> None:
    source, step, codes = tmp_path / "source", 0, set[int]()
    while 3 not in codes:
        step += 1
        folder = tmp_path / str(step)
        store = FolderStore(folder)
        if before:
            source.write_bytes(before)
            store.upload(KEY, source)
            store.replace(MANIFEST, before, None)
        source.write_bytes(NEW)
        command = [sys.executable, "-c", _WRITER, str(folder), str(source), str(step), how]
        codes.add(subprocess.run(command, check=False).returncode)
        seen = data_of(store, KEY), data_of(store, MANIFEST)
        assert seen in {(before, before), (NEW, before), (NEW, NEW)}, step
        listed = {info.key: info.size for info in store.keys("")}
        whole = {key: len(data) for key, data in zip((KEY, MANIFEST), seen, strict=True) if data}
        assert listed == whole, step
        left = list(folder.rglob("*.partial"))
        assert how == "SIGKILL" or not left, step
        # What was left is not in the way of the next writer.
        store.upload(KEY, source)
        found = store.read(MANIFEST)
        assert store.replace(MANIFEST, NEW, found.tag if found else None)
        assert (data_of(store, KEY), data_of(store, MANIFEST)) == (NEW, NEW)
    assert (-9 if how == "SIGKILL" else 1) in codes
    assert step > 8


def test_two_processes_cannot_both_replace(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from optionchain.archive.folder_store import FolderStore
store = FolderStore(Path(sys.argv[1]))
won = 0
while won < 20:
    found = store.read("n")
    number = int(found.data) if found else 0
    won += store.replace("n", str(number + 1).encode(), found.tag if found else None)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "archive")]
    writers = [subprocess.Popen(command) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert data_of(FolderStore(tmp_path / "archive"), "n") == b"60"


def test_disk_that_is_too_small_for_a_copy_has_no_half_copy(tmp_path: Path) -> None:
    """A process may write 50,000 bytes: the real error of the system, at a real write."""
    script = """
import resource, signal, sys
from pathlib import Path
from optionchain.archive.folder_store import FolderStore
from optionchain.errors import ArchiveUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
source = folder / "source"
source.write_bytes(bytes(90_000))
store = FolderStore(folder / "archive")
store.upload("files/a", source)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
for call in (
    lambda: store.upload("files/b", source),
    lambda: store.download("files/a", folder / "copy"),
    lambda: store.replace("manifests/a", bytes(90_000), None),
):
    try:
        call()
    except ArchiveUnavailable:
        print("unavailable")
print([info.key for info in store.keys("")], sorted(path.name for path in folder.iterdir()))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        *["unavailable"] * 3,
        "['files/a'] ['archive', 'source']",
    ]


def test_what_a_killed_writer_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    store, source = FolderStore(tmp_path / "archive"), tmp_path / "source"
    source.write_bytes(NEW)
    store.upload(KEY, source)
    folder = (tmp_path / "archive" / KEY).parent
    for name, age in ((".a.partial", 4_000), (".b.partial", 0)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (age_of := (folder / name).stat().st_mtime - age, age_of))
    store.upload(KEY, source)
    assert sorted(path.name for path in folder.iterdir()) == [".b.partial", Path(KEY).name]


def test_folder_that_is_gone_is_away_and_not_empty(tmp_path: Path) -> None:
    folder, source = tmp_path / "archive", tmp_path / "source"
    source.write_bytes(NEW)
    store = FolderStore(folder)
    assert store.read(MANIFEST) is None
    store.upload(KEY, source)
    folder.rename(tmp_path / "unmounted")
    calls: list[Callable[[], object]] = [
        lambda: store.read(MANIFEST),
        lambda: store.download(KEY, tmp_path / "copy"),
        lambda: list(store.keys("")),
        lambda: list(store.keys("manifests/NIFTY/")),
        lambda: list(store.folders("manifests/")),
        lambda: store.upload(KEY, source),
        lambda: store.replace(MANIFEST, NEW, None),
    ]
    for call in calls:
        with pytest.raises(ArchiveUnavailable, match="is gone"):
            call()
    assert not folder.exists()
    (tmp_path / "unmounted").rename(folder)
    assert data_of(store, KEY) == NEW


def test_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A file stands where the folder of the objects would have to be made."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "files").write_bytes(b"")
    (tmp_path / "source").write_bytes(NEW)
    store = FolderStore(tmp_path / "archive")
    with pytest.raises(ArchiveUnavailable, match="files"):
        store.upload(KEY, tmp_path / "source")
    assert list(store.folders("files/")) == []


def test_listing_reads_only_the_folders_of_its_prefix(tmp_path: Path) -> None:
    for symbol in ("A", "NIFTY", "NIFTYNXT50"):
        for kind in ("files", "manifests"):
            (tmp_path / kind / symbol / "2026-11-27").mkdir(parents=True)
            (tmp_path / kind / symbol / "2026-11-27" / "x").write_bytes(b"")
    script = """
import sys
from pathlib import Path
from optionchain.archive.folder_store import FolderStore
store, read = FolderStore(Path(sys.argv[1])), []
sys.addaudithook(lambda event, args: read.append(str(args[0])) if event == "os.scandir" else None)
print([info.key for info in store.keys("manifests/NIFTY/")])
print(*read, sep="\\n")
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    folder = tmp_path / "manifests" / "NIFTY"
    expected = ["['manifests/NIFTY/2026-11-27/x']", str(folder), str(folder / "2026-11-27")]
    assert done.stdout.splitlines() == expected


@pytest.mark.parametrize("key", ["../x", "files/../../x", ".."])
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    (tmp_path / "x").write_bytes(b"secret")
    store = FolderStore(tmp_path / "archive")
    with pytest.raises(ArchiveUnavailable, match="leads out"):
        store.read(key)
    with pytest.raises(ArchiveUnavailable, match="leads out"):
        store.delete(key)


def test_folder_has_no_links(tmp_path: Path) -> None:
    assert FolderStore(tmp_path).link(KEY, 60) is None


@pytest.mark.parametrize("name", ["file", "s3:/bucket"])
def test_path_that_cannot_be_an_archive_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("a file")
    url = str(tmp_path / name) if name == "file" else name
    with pytest.raises(SettingInvalid, match="must be the path of a folder, or s3://bucket"):
        open_store(url)
