"""The files below a folder as the objects of an archive: listed, flushed, swept."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path

from optionchain.archive.object_store import ObjectInfo
from optionchain.errors import ArchiveUnavailable

PARTIAL = ".partial"
"""How the name of a file ends that is not whole yet. No key ends like this."""
LOCK = ".lock"
# No writer takes that long: the file is of a writer that was killed.
_PARTIAL_SECONDS = 3_600


def entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, in the order of keys: a folder's name ends with a slash."""
    try:
        with os.scandir(folder) as found:
            entries = [each for each in found if not each.name.endswith((PARTIAL, LOCK))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(entries, key=lambda each: f"{each.name}/" if each.is_dir() else each.name)


def objects_below(folder: Path, start: str, prefix: str) -> Iterator[ObjectInfo]:
    """Return the objects below a folder, whose keys begin with `start`."""
    for entry in entries_of(folder):
        key = start + entry.name
        if entry.is_dir():
            if f"{key}/".startswith(prefix):
                yield from objects_below(folder / entry.name, f"{key}/", prefix)
        elif key.startswith(prefix):
            with suppress(FileNotFoundError):  # deleted since the folder was read
                state = entry.stat()
                stored_at = datetime.fromtimestamp(state.st_mtime, UTC)
                yield ObjectInfo(key, state.st_size, tag_of(state), stored_at)


def tag_of(state: os.stat_result) -> str:
    """Return what changes whenever a file is renamed into place, or written to."""
    return f"{state.st_mtime_ns}-{state.st_size}-{state.st_ino}"


def sweep(folder: Path) -> None:
    """Delete what killed writers have left in a folder."""
    before = time.time() - _PARTIAL_SECONDS
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(PARTIAL):
                with suppress(FileNotFoundError):
                    if entry.stat().st_mtime < before:
                        Path(entry.path).unlink()


def sync(file: BufferedWriter) -> None:
    """Write a file to the disk, so that what is renamed is whole after a power cut too."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Write the names of a folder to the disk, so that a rename outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def folder_errors() -> Iterator[None]:
    """Raise ArchiveUnavailable in place of whatever the system raises about a file."""
    try:
        yield
    except OSError as error:
        raise ArchiveUnavailable(f"{type(error).__name__}: {error}") from error
