"""The files of several days are copied side by side, a few at a time."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier, Lock

from chain_archive.parquet_writer import write_rows
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.columns import COLUMNS
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.manifest import ArchivedFile, Manifest
from tests.support.manifests import manifest_of

FIRST = date(2026, 11, 2)
DAYS = 12
AT_ONCE = 4


class MeetingStore(FolderStore):
    """A folder that gives no file before four are asked for; it counts how many are at once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._meeting = Barrier(AT_ONCE, timeout=30)
        self._counting = Lock()
        self._asking = 0
        self.most = 0

    def local_path(self, key: str) -> Path | None:
        with self._counting:
            self._asking += 1
            self.most = max(self.most, self._asking)
        self._meeting.wait()
        with self._counting:
            self._asking -= 1
        return super().local_path(key)


def sealed(store: FolderStore, folder: Path, number: int) -> Manifest:
    """Store a day with as many ticks as its number says."""
    path = folder / "ticks.parquet"
    write_rows(path, "ticks", [dict.fromkeys(COLUMNS["ticks"]) | {"symbol": "NIFTY"}] * number)
    digest = sha256(path.read_bytes()).hexdigest()
    file = ArchivedFile(f"files/{number}.parquet", path.stat().st_size, digest, number, {})
    store.upload(file.key, path)
    day = manifest_of("NIFTY", FIRST + timedelta(days=number))
    return replace(day, files={**day.files, "ticks": file})


def test_four_files_are_copied_at_once_and_no_more(tmp_path: Path) -> None:
    store = MeetingStore(tmp_path / "archive")
    days = [sealed(store, tmp_path, number) for number in range(1, DAYS + 1)]
    found = ArchiveReader(store).rows(days, "ticks", "count(*)")
    assert found == [(sum(range(1, DAYS + 1)),)]
    assert store.most == AT_ONCE
