"""An archive in a folder that is watched: what is asked of it, and whether it answers."""

from collections.abc import Iterator
from pathlib import Path

from optionchain.archive.folder_store import FolderStore
from optionchain.archive.object_store import ObjectInfo, StoredObject
from optionchain.errors import ArchiveUnavailable


class WatchedStore(FolderStore):
    """Counts what is asked of it; while it is `away`, nothing is answered."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked: list[str] = []
        self.away = False

    def read(self, key: str) -> StoredObject | None:
        self._note(key)
        return super().read(key)

    def local_path(self, key: str) -> None:
        """Return no path: every file is copied."""
        self._note(key)

    def download(self, key: str, path: Path) -> bool:
        self._note(key)
        return super().download(key, path)

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        self._note(prefix)
        return super().keys(prefix)

    def _note(self, key: str) -> None:
        self.asked.append(key)
        if self.away:
            raise ArchiveUnavailable("nobody answers")
