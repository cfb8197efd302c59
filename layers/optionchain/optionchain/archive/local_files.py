"""The files of an archive on this machine's disk, each checked before it is read."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

from optionchain.archive.deadline import bounded, seconds_left, too_slow
from optionchain.archive.file_checks import State, check, disk_errors, is_as_it_was
from optionchain.archive.manifest import ArchivedFile
from optionchain.archive.object_store import ObjectStore
from optionchain.archive.temporary_folder import TemporaryFolder
from optionchain.archive.turns import Turns
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable

# Lambda has 512 MB of disk without a charge.
_MOST_BYTES = 384 * 1024**2
# So many files are copied at once.
_DOWNLOADS = 4


@dataclass
class _Copy:
    """A copy on this disk; `readers` is how many are using it now."""

    path: Path
    state: State
    readers: int = 1

    @property
    def size(self) -> int:
        return self.state[1]


class LocalFiles:
    """Keeps copies of the files that were read last; safe for several threads.

    A file that lies on this machine is read where it is. A copy that is gone or changed is made
    anew. Raises ArchiveUnavailable, and ArchiveDamaged for a file that is missing or not what its
    manifest says. Nothing of a file that could not be copied is left. The folder of the copies goes
    with the object, or with the process.
    """

    def __init__(self, store: ObjectStore, most_bytes: int = _MOST_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._folder: TemporaryFolder | None = None
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._coming_bytes = 0
        self._checked: dict[str, State] = {}
        self._downloads = ThreadPoolExecutor(_DOWNLOADS, thread_name_prefix="copies")
        self._turns = Turns()
        self._lock = Lock()

    @contextmanager
    def opened(self, files: Sequence[ArchivedFile]) -> Iterator[list[Path]]:
        """Give the paths of files, which stay until the end, in their order."""
        with ExitStack() as stack:
            # One file after another would wait for a bucket each time.
            submit = self._downloads.submit
            started = [submit(copy_context().run, self._acquire, file) for file in files]
            for each in started:
                stack.callback(self._release_when_done, each)
            if wait(started, seconds_left()).not_done:
                raise too_slow()
            yield [each.result().path for each in started]

    def forget(self, files: Sequence[ArchivedFile]) -> None:
        """Copy these files anew when they are asked for again, and check those of this machine."""
        with self._lock:
            for file in files:
                self._checked.pop(file.key, None)
                self._drop(file.sha256)

    def _acquire(self, file: ArchivedFile) -> _Copy:
        """Return a copy as one that is being used; a file of this machine stands for itself."""
        if found := self._store.local_path(file.key):
            return _Copy(found, self._check_in_place(found, file))
        with self._turns.taken(file.sha256):  # others that want this file wait for its download
            return self._used(file.sha256) or self._copied(file)

    def _release_when_done(self, acquiring: Future[_Copy]) -> None:
        if not acquiring.cancel():
            acquiring.add_done_callback(self._release)

    def _release(self, acquired: Future[_Copy]) -> None:
        if acquired.exception():
            return
        with self._lock:
            acquired.result().readers -= 1
            self._make_room(0)

    def _check_in_place(self, path: Path, file: ArchivedFile) -> State:
        """Check a file where it lies: at first, and when it has changed since."""
        known = self._checked.get(file.key)
        if known is None or not is_as_it_was(path, known):
            known = self._checked[file.key] = check(path, file)
        return known

    def _used(self, digest: str) -> _Copy | None:
        """Return a copy that is kept, as one that is being used."""
        with self._lock:
            copy = self._copies.get(digest)
            if copy is None:
                return None
            # Who cleans up temporary files may have deleted it.
            if not is_as_it_was(copy.path, copy.state):
                self._drop(digest)
                return None
            copy.readers += 1
            self._copies.move_to_end(digest)
            return copy

    def _copied(self, file: ArchivedFile) -> _Copy:
        with self._lock, disk_errors():
            self._make_room(file.size)
            path = self._place() / f"{uuid4().hex}.parquet"
            self._coming_bytes += file.size
        try:
            copy = _Copy(path, self._download(file, path))
        finally:
            with self._lock:
                self._coming_bytes -= file.size
        with self._lock:
            self._copies[file.sha256] = copy
        return copy

    def _download(self, file: ArchivedFile, path: Path) -> State:
        try:
            if not bounded(lambda: self._fetched(file, path)):
                raise ArchiveDamaged(f"{file.key} is missing")
            return check(path, file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _fetched(self, file: ArchivedFile, path: Path) -> bool:
        """Download a file; one that comes when nobody waits for it any more is deleted."""
        found = self._store.download(file.key, path)
        try:
            seconds_left()
        except ArchiveUnavailable:
            path.unlink(missing_ok=True)
            raise
        return found

    def _place(self) -> Path:
        """Return the folder of the copies, a new one if it is gone."""
        if self._folder is None or not self._folder.path.is_dir():
            self._folder = TemporaryFolder("archive")
        return self._folder.path

    def _make_room(self, size: int) -> None:
        """Delete the copies that nobody uses, the one used longest ago first, for a new one."""
        for digest, copy in list(self._copies.items()):
            kept = sum(each.size for each in self._copies.values())
            if kept + self._coming_bytes + size <= self._most_bytes:
                return
            if not copy.readers:
                self._drop(digest)

    def _drop(self, digest: str) -> None:
        if copy := self._copies.pop(digest, None):
            with suppress(OSError):
                copy.path.unlink(missing_ok=True)
