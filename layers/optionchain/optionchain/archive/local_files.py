"""The files of an archive on this machine's disk, each checked before it is read."""

from collections import OrderedDict
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from uuid import uuid4

from optionchain.archive.manifest import ArchivedFile
from optionchain.archive.object_store import ObjectStore
from optionchain.errors import ArchiveDamaged

# Lambda has 512 MB of disk without a charge.
_MOST_BYTES = 384 * 1024**2


class LocalFiles:
    """Keeps the files that were read last; safe for several threads.

    Raises ArchiveUnavailable, and ArchiveDamaged for a file that is not what its manifest says.
    """

    def __init__(
        self, store: ObjectStore, folder: Path | None = None, most_bytes: int = _MOST_BYTES
    ) -> None:
        self._store = store
        self._folder = folder or Path(mkdtemp(prefix="optionchain-archive-"))
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[Path, int]] = OrderedDict()
        self._lock = Lock()

    def path(self, file: ArchivedFile) -> Path:
        """Return the path of a copy of this file."""
        with self._lock:
            if file.sha256 in self._kept:
                self._kept.move_to_end(file.sha256)
                return self._kept[file.sha256][0]
        path = self._folder / f"{uuid4().hex}.parquet"
        if not self._store.download(file.key, path):
            raise ArchiveDamaged(f"{file.key} is missing")
        with path.open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
        if digest != file.sha256:
            path.unlink()
            raise ArchiveDamaged(f"{file.key} is not the file that its manifest names")
        with self._lock:
            self._kept[file.sha256] = path, file.size
            self._drop_oldest()
        return path

    def _drop_oldest(self) -> None:
        # A reader that has opened a file keeps it open: deleting it takes nothing from that reader.
        while (
            sum(size for _, size in self._kept.values()) > self._most_bytes and len(self._kept) > 1
        ):
            _, (path, _) = self._kept.popitem(last=False)
            path.unlink(missing_ok=True)
