"""All reads of an archive for one request end in the time that the request has."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.deadline import bounded, within
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.object_store import ObjectInfo, StoredObject
from optionchain.errors import ArchiveUnavailable
from tests.support.archived_ticks import archived_ticks

SLOW = "not answered in the time"


class HungStore(FolderStore):
    """Has its files elsewhere; once `hangs` it answers nothing until the test ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.hangs = False
        self.end = Event()
        self.asked = 0

    def _wait(self) -> None:
        self.asked += 1
        if self.hangs:
            self.end.wait(60)

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002
        return None

    def read(self, key: str) -> StoredObject | None:
        self._wait()
        return super().read(key)

    def download(self, key: str, path: Path) -> bool:
        self._wait()
        return super().download(key, path)

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        self._wait()
        return super().keys(prefix)

    def folders(self, prefix: str) -> Iterator[str]:
        self._wait()
        return super().folders(prefix)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HungStore]:
    found = HungStore(tmp_path / "archive")
    yield found
    found.end.set()


def test_every_read_of_a_store_that_hangs_ends_in_time(store: HungStore) -> None:
    days = [archived_ticks(store, number) for number in range(1, 7)]
    reader = ArchiveReader(store)
    names = [(f"manifests/NIFTY/{day.day}.json", "tag") for day in days]
    reads: list[Callable[[], object]] = [
        reader.catalogue.symbols,
        lambda: reader.catalogue.days("NIFTY"),
        lambda: reader.catalogue.manifest("NIFTY", days[0].day),
        lambda: reader.catalogue.read_all(names),
        lambda: reader.rows(days, "ticks", "count(*)"),
    ]
    store.hangs = True
    for read in reads:
        with within(0.1), pytest.raises(ArchiveUnavailable, match=SLOW):
            read()


def test_files_that_came_too_late_are_read_by_the_next_request(store: HungStore) -> None:
    days = [archived_ticks(store, number) for number in range(1, 7)]
    reader = ArchiveReader(store)
    store.hangs = True
    with within(0.1), pytest.raises(ArchiveUnavailable, match=SLOW):
        reader.rows(days, "ticks", "count(*)")
    store.hangs = False
    with within(60):
        assert reader.rows(days, "ticks", "count(*)") == [(21,)]


def test_nothing_is_asked_after_the_time_is_up(store: HungStore) -> None:
    with within(-1), pytest.raises(ArchiveUnavailable, match=SLOW):
        ArchiveReader(store).catalogue.symbols()
    assert store.asked == 0


def test_reads_share_one_time_and_have_no_bound_outside_of_it() -> None:
    with within(60):
        assert bounded(lambda: 1) == 1
        with within(-1), pytest.raises(ArchiveUnavailable):
            bounded(lambda: 1)
        assert bounded(lambda: 2) == 2
    assert bounded(lambda: 3) == 3


def test_what_a_store_raises_is_raised() -> None:
    with within(60), pytest.raises(ArchiveUnavailable, match="the folder is gone"):
        bounded(lambda: _raise(ArchiveUnavailable("the folder is gone")))


def _raise(error: Exception) -> None:
    raise error
