"""The files of an archive on this machine's disk, each checked before it is read."""

import shutil
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from uuid import uuid4
from weakref import finalize

from optionchain.archive.manifest import ArchivedFile
from optionchain.archive.object_store import ObjectStore
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable

# Lambda has 512 MB of disk without a charge.
_MOST_BYTES = 384 * 1024**2
# So many files are copied at once.
_DOWNLOADS = 4


@dataclass
class _Copy:
    """A copy on this disk; `readers` is how many are using it now."""

    path: Path
    size: int
    readers: int = 0


class LocalFiles:
    """Keeps copies of the files that were read last; safe for several threads.

    A file that lies on this machine is read where it is. Raises ArchiveUnavailable, and
    ArchiveDamaged for a file that is missing or not what its manifest says. Nothing of a file that
    could not be copied is left. The folder of the copies goes with the object, or with the process.
    """

    def __init__(self, store: ObjectStore, most_bytes: int = _MOST_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._folder: Path | None = None
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._checked: dict[str, tuple[int, ...]] = {}
        self._downloads = ThreadPoolExecutor(_DOWNLOADS, thread_name_prefix="copies")
        self._lock = Lock()

    @contextmanager
    def opened(self, files: Sequence[ArchivedFile]) -> Iterator[list[Path]]:
        """Give the paths of files, which stay until the end, in their order."""
        with ExitStack() as stack:
            # One file after another would wait for a bucket each time.
            started = [self._downloads.submit(self._acquire, file) for file in files]
            wait(started)
            for each in started:
                if not each.exception():
                    stack.callback(self._release, each.result())
            yield [each.result().path for each in started]

    def _acquire(self, file: ArchivedFile) -> _Copy:
        """Return a copy as one that is being used; a file of this machine stands for itself."""
        if found := self._store.local_path(file.key):
            self._check_in_place(found, file)
            return _Copy(found, file.size)
        return self._used(file.sha256) or self._copied(file)

    def _release(self, copy: _Copy) -> None:
        with self._lock:
            copy.readers -= 1
            self._make_room(0)

    def _check_in_place(self, path: Path, file: ArchivedFile) -> None:
        """Check a file where it lies: at first, and when it has changed since."""
        with _disk_errors():
            state = path.stat()
            signature = state.st_ino, state.st_size, state.st_mtime_ns
            if self._checked.get(file.key) != signature:
                _check(path, file)
                self._checked[file.key] = signature

    def _used(self, digest: str) -> _Copy | None:
        """Return a copy that is kept, as one that is being used."""
        with self._lock:
            if copy := self._copies.get(digest):
                copy.readers += 1
                self._copies.move_to_end(digest)
            return copy

    def _copied(self, file: ArchivedFile) -> _Copy:
        with self._lock, _disk_errors():
            self._make_room(file.size)
            if self._folder is None:
                self._folder = Path(mkdtemp(prefix="optionchain-archive-"))
                finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        path = self._folder / f"{uuid4().hex}.parquet"
        try:
            if not self._store.download(file.key, path):
                raise ArchiveDamaged(f"{file.key} is missing")
            with _disk_errors():
                _check(path, file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        with self._lock:
            # Another thread may have copied it meanwhile.
            copy = self._copies.setdefault(file.sha256, _Copy(path, file.size))
            copy.readers += 1
        if copy.path != path:
            path.unlink()
        return copy

    def _make_room(self, size: int) -> None:
        """Delete the copies that nobody uses, the one used longest ago first, for a new one."""
        for digest, copy in list(self._copies.items()):
            if sum(each.size for each in self._copies.values()) + size <= self._most_bytes:
                return
            if not copy.readers:
                del self._copies[digest]
                copy.path.unlink(missing_ok=True)


def _check(path: Path, file: ArchivedFile) -> None:
    with path.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    if digest != file.sha256:
        raise ArchiveDamaged(f"{file.key} is not the file that its manifest names")


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveUnavailable(f"{type(error).__name__}: {error}") from error
