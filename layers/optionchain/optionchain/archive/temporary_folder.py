"""A folder on this machine for the time that somebody works with it.

What a killed process has left is deleted when the next folder is made: Lambda keeps the disk of an
environment that ran into its time limit, and then it would be full some day.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from types import TracebackType
from typing import BinaryIO, Self
from weakref import finalize

_LOCK = ".lock"


class TemporaryFolder:
    """An empty folder, which goes with this object, at the end of a `with`, or with the process.

    It is locked as long as its process lives. Raises OSError if it cannot be made.
    """

    def __init__(self, purpose: str) -> None:
        parent = _parent()
        with _locked(parent):
            _sweep(parent)
            self.path = Path(mkdtemp(prefix=f"{purpose}-", dir=parent))
            lock = (self.path / _LOCK).open("wb")
            flock(lock, LOCK_EX)
        self._delete = finalize(self, _delete, self.path, lock)

    def __enter__(self) -> Self:
        """Give the folder."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Delete it with all that is in it."""
        self._delete()


def _parent() -> Path:
    """Return the folder of all such folders, which is this user's alone."""
    parent = Path(gettempdir()) / f"optionchain-{os.getuid()}"
    parent.mkdir(mode=0o700, exist_ok=True)
    if parent.is_symlink() or parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{parent} belongs to another user: delete it, or set TMPDIR")
    return parent


@contextmanager
def _locked(parent: Path) -> Iterator[None]:
    with (parent / _LOCK).open("wb") as file:
        flock(file, LOCK_EX)  # it ends with the file, and with the process
        yield


def _sweep(parent: Path) -> None:
    """Delete the folders that nobody has locked: nobody makes one meanwhile."""
    for folder in parent.iterdir():
        if folder.name != _LOCK and not _is_used(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_used(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open("rb") as lock:
            flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it was killed while it made the folder, or deleted it
        return False
    return False


def _delete(path: Path, lock: BinaryIO) -> None:
    shutil.rmtree(path, ignore_errors=True)
    lock.close()
