"""Checks that a file on this machine is the one that a manifest names."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path

from optionchain.archive.manifest import ArchivedFile
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable

type State = tuple[int, int, int]
"""Inode, size and time of the last change: while they stay, the content is taken to stay too."""


def state_of(path: Path) -> State:
    """Return the state of a file; raise OSError."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def is_as_it_was(path: Path, state: State) -> bool:
    """Tell whether a file is there and in this state."""
    try:
        return state_of(path) == state
    except OSError:
        return False


def check(path: Path, file: ArchivedFile) -> State:
    """Return the state of a file whose bytes are right; raise ArchiveDamaged if they are not."""
    with disk_errors():
        state = state_of(path)
        with path.open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
    if digest != file.sha256:
        raise ArchiveDamaged(f"{file.key} is not the file that its manifest names")
    return state


@contextmanager
def disk_errors() -> Iterator[None]:
    """Raise ArchiveUnavailable in place of an error of the disk."""
    try:
        yield
    except OSError as error:
        raise ArchiveUnavailable(f"{type(error).__name__}: {error}") from error
