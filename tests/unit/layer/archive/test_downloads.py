"""The files of several days are copied side by side, a few at a time."""

from pathlib import Path
from threading import Barrier, Lock

from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.folder_store import FolderStore
from tests.support.archived_ticks import archived_ticks

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


def test_four_files_are_copied_at_once_and_no_more(tmp_path: Path) -> None:
    store = MeetingStore(tmp_path / "archive")
    days = [archived_ticks(store, number) for number in range(1, DAYS + 1)]
    found = ArchiveReader(store).rows(days, "ticks", "count(*)")
    assert found == [(sum(range(1, DAYS + 1)),)]
    assert store.most == AT_ONCE
