"""The catalogue of sealed days: what it reads of the store, and what it keeps."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import sleep

import pytest

from optionchain.archive.catalogue import SECONDS_KEPT, Catalogue
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.object_store import MOST_AT_ONCE, ObjectInfo, StoredObject
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable
from tests.support.manifests import seal

DAY = date(2026, 11, 27)


class CountingStore(FolderStore):
    """A folder that answers as late as a bucket, counts its reads, and can be away."""

    def __init__(self, folder: Path, delay: float = 0.0) -> None:
        super().__init__(folder)
        self.delay, self.away = delay, False
        self.reads: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0
        self._counting = threading.Lock()

    def read(self, key: str) -> StoredObject | None:
        with self._counting:
            self.reads[key] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        sleep(self.delay)
        with self._counting:
            self.at_once -= 1
        if self.away:
            raise ArchiveUnavailable("away")
        return super().read(key)

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        self.reads["list"] += 1
        if self.away:
            raise ArchiveUnavailable("away")
        return super().keys(prefix)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    """An empty archive."""
    return CountingStore(tmp_path / "archive")


@pytest.fixture
def clock() -> list[float]:
    """The time of the catalogue; the last number is now."""
    return [0.0]


@pytest.fixture
def catalogue(store: CountingStore, clock: list[float]) -> Catalogue:
    """The catalogue of the store."""
    return Catalogue(store, lambda: clock[-1])


def test_days_and_symbols_are_those_with_a_manifest(
    store: CountingStore, catalogue: Catalogue
) -> None:
    for symbol, day in (("NIFTY", DAY), ("M&M", DAY), ("NIFTY", DAY - timedelta(days=3))):
        seal(store, symbol, day)
    (Path(store.url) / "manifests" / "NIFTY" / "notes.txt").write_bytes(b"by hand")
    (Path(store.url) / "manifests" / "EMPTY").mkdir()
    assert catalogue.symbols() == ["M&M", "NIFTY"]
    assert catalogue.days("NIFTY") == [DAY - timedelta(days=3), DAY]
    assert catalogue.days("M&M") == [DAY]
    assert catalogue.days("SENSEX") == []


def test_manifest_is_kept_for_a_minute(
    store: CountingStore, catalogue: Catalogue, clock: list[float]
) -> None:
    assert catalogue.manifest("NIFTY", DAY) is None
    first = seal(store, "NIFTY", DAY)
    assert catalogue.manifest("NIFTY", DAY) is None
    assert catalogue.manifest("NIFTY", DAY, fresh=True) == first
    second = seal(store, "NIFTY", DAY, version=2)
    assert catalogue.manifest("NIFTY", DAY) == first
    clock.append(SECONDS_KEPT + 1)
    assert catalogue.manifest("NIFTY", DAY) == second


def test_range_reads_only_what_a_listing_shows_as_new(
    store: CountingStore, catalogue: Catalogue, clock: list[float]
) -> None:
    days = [DAY - timedelta(days=number) for number in range(9, -1, -1)]
    sealed = [seal(store, "NIFTY", day) for day in days]
    assert catalogue.manifests("NIFTY", days[2], days[5]) == sealed[2:6]
    assert catalogue.manifests("NIFTY", days[0], days[-1]) == sealed
    store.reads.clear()
    clock.append(SECONDS_KEPT + 1)
    sealed[4] = seal(store, "NIFTY", days[4], version=2)
    store.reads.clear()
    assert catalogue.manifests("NIFTY", days[0], days[-1]) == sealed
    assert store.reads == {"list": 1, f"manifests/NIFTY/{days[4]}.json": 1}
    assert catalogue.manifests("NIFTY", days[0], days[-1]) == sealed
    assert store.reads.total() == 2


def test_long_range_is_read_side_by_side(tmp_path: Path) -> None:
    """A year's manifests from a store that takes 20 ms for each: one by one they take 5 s."""
    store = CountingStore(tmp_path / "archive")
    for number in range(250):
        seal(store, "NIFTY", DAY - timedelta(days=number))
    store.reads.clear()
    store.delay = 0.02
    found = Catalogue(store).manifests("NIFTY", DAY - timedelta(days=400), DAY)
    assert [each.day for each in found] == [DAY - timedelta(days=n) for n in range(249, -1, -1)]
    assert 1 < store.most_at_once <= MOST_AT_ONCE
    assert set(store.reads.values()) == {1}


def test_store_that_is_away_is_an_error_and_not_no_days(
    store: CountingStore, catalogue: Catalogue
) -> None:
    for number in range(3):
        seal(store, "NIFTY", DAY - timedelta(days=number))
    store.away = True
    for _ in range(2):
        with pytest.raises(ArchiveUnavailable):
            catalogue.days("NIFTY")
        with pytest.raises(ArchiveUnavailable):
            catalogue.manifest("NIFTY", DAY)
    store.away = False
    assert catalogue.days("NIFTY")
    store.away = True
    with pytest.raises(ArchiveUnavailable):
        catalogue.manifests("NIFTY", DAY - timedelta(days=5), DAY)
    assert not [each for each in threading.enumerate() if each.name.startswith("archive")]


def test_damaged_manifest_is_an_error(store: CountingStore, catalogue: Catalogue) -> None:
    seal(store, "NIFTY", DAY - timedelta(days=1))
    store.replace(f"manifests/NIFTY/{DAY}.json", b"{", None)
    with pytest.raises(ArchiveDamaged, match="manifests/NIFTY/2026-11-27"):
        catalogue.manifests("NIFTY", DAY - timedelta(days=5), DAY)


def test_manifest_that_is_deleted_meanwhile_is_left_out(
    store: CountingStore, catalogue: Catalogue
) -> None:
    sealed = [seal(store, "NIFTY", DAY - timedelta(days=1)), seal(store, "NIFTY", DAY)]
    assert len(catalogue.days("NIFTY")) == 2
    store.delete(f"manifests/NIFTY/{DAY}.json")
    assert catalogue.manifests("NIFTY", DAY - timedelta(days=5), DAY) == sealed[:1]
