"""Which days of which symbols are sealed, and what their manifests say."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache, TTLCache

from optionchain.archive.deadline import bounded
from optionchain.archive.layout import MANIFESTS, day_of, manifest_key, manifests_of, symbol_named
from optionchain.archive.manifest import Manifest
from optionchain.archive.object_store import MOST_AT_ONCE, ObjectStore

# A day that is sealed, or sealed again, is seen this much later by a function that runs already.
SECONDS_KEPT = 60
_MOST_MANIFESTS = 4_096
_MOST_LISTS = 512


class SealedDay(NamedTuple):
    """A day that a listing shows. The tag is that of its manifest."""

    day: date
    tag: str


class Catalogue:
    """Reads manifests, and keeps them; safe for several threads.

    What a listing shows is kept for a minute, and a manifest for as long as listings show its tag.
    So a long range costs one listing, and of its manifests those that are new. Raises
    ArchiveUnavailable.
    """

    def __init__(self, store: ObjectStore, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self._symbols: TTLCache[str, list[str]] = TTLCache(1, SECONDS_KEPT, monotonic)
        self._listed: TTLCache[str, list[SealedDay]] = TTLCache(
            _MOST_LISTS, SECONDS_KEPT, monotonic
        )
        self._found: TTLCache[str, Manifest | None] = TTLCache(
            _MOST_MANIFESTS, SECONDS_KEPT, monotonic
        )
        self._by_tag: LRUCache[tuple[str, str], Manifest] = LRUCache(_MOST_MANIFESTS)
        self._lock = Lock()

    def symbols(self) -> list[str]:
        """Return every symbol with a sealed day, in order."""
        with self._lock:
            if MANIFESTS in self._symbols:
                return self._symbols[MANIFESTS]
        found = bounded(lambda: sorted(map(symbol_named, self.store.folders(MANIFESTS))))
        with self._lock:
            self._symbols[MANIFESTS] = found
        return found

    def days(self, symbol: str, *, fresh: bool = False) -> list[date]:
        """Return the sealed days of a symbol, in order; `fresh` lists them again."""
        return [each.day for each in self.sealed_days(symbol, fresh=fresh)]

    def sealed_days(self, symbol: str, *, fresh: bool = False) -> list[SealedDay]:
        """Return the sealed days of a symbol, in order, with the tags of their manifests."""
        with self._lock:
            if not fresh and symbol in self._listed:
                return self._listed[symbol]
        objects = bounded(lambda: list(self.store.keys(manifests_of(symbol))))
        found = [SealedDay(day, info.tag) for info in objects if (day := _day_named(info.key))]
        with self._lock:
            self._listed[symbol] = found
        return found

    def listings(self, symbols: Sequence[str]) -> list[list[SealedDay]]:
        """Return the sealed days of several symbols; several listings are read side by side."""
        return _side_by_side(self.sealed_days, symbols)

    def manifest(self, symbol: str, day: date, *, fresh: bool = False) -> Manifest | None:
        """Return the manifest of a day, None if it is not sealed; `fresh` reads it again."""
        key = manifest_key(symbol, day)
        with self._lock:
            if not fresh and key in self._found:
                return self._found[key]
        return self._read(key)

    def manifests(self, symbol: str, first: date, last: date) -> list[Manifest]:
        """Return the manifests of the sealed days in first ≤ day ≤ last, in order."""
        wanted = [each for each in self.sealed_days(symbol) if first <= each.day <= last]
        return self.read_all((manifest_key(symbol, each.day), each.tag) for each in wanted)

    def read_all(self, wanted: Iterable[tuple[str, str]]) -> list[Manifest]:
        """Return the manifests of these keys and tags, in order; several are read side by side.

        One that is deleted meanwhile is left out.
        """
        asked = list(wanted)
        with self._lock:
            known = {each: self._by_tag[each] for each in asked if each in self._by_tag}
        new = [key for key, tag in asked if (key, tag) not in known]
        read = dict(zip(new, _side_by_side(self._read, new), strict=True))
        found = (known.get(each) or read[each[0]] for each in asked)
        return [manifest for manifest in found if manifest]

    def _read(self, key: str) -> Manifest | None:
        found = bounded(lambda: self.store.read(key))
        manifest = Manifest.from_json(found.data, key) if found else None
        with self._lock:
            self._found[key] = manifest
            if found and manifest:
                self._by_tag[key, found.tag] = manifest
        return manifest


def _side_by_side[Found](read: Callable[[str], Found], names: Sequence[str]) -> list[Found]:
    """Return what is read of each name, in order. One alone needs no threads."""
    if len(names) <= 1:
        return [read(name) for name in names]
    threads = ThreadPoolExecutor(min(len(names), MOST_AT_ONCE), "archive")
    try:
        started = [threads.submit(copy_context().run, read, name) for name in names]
        return [each.result() for each in started]
    finally:
        # After an error nothing that has not begun is read any more.
        threads.shutdown(cancel_futures=True)


def _day_named(key: str) -> date | None:
    """Return the day of a manifest's key; None for another file that somebody has put there."""
    try:
        return day_of(key)[1]
    except ValueError:
        return None
