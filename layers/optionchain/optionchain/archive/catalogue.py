"""Which days of which symbols are sealed, and what their manifests say."""

import time
from collections.abc import Callable
from datetime import date
from threading import Lock

from cachetools import TTLCache

from optionchain.archive.layout import MANIFESTS, day_of, manifest_key, manifests_of
from optionchain.archive.manifest import Manifest
from optionchain.archive.object_store import ObjectStore

# A day that is sealed, or sealed again, is seen this much later by a function that runs already.
_SECONDS_KEPT = 60
_MOST_MANIFESTS = 4_096
_MOST_LISTS = 512


class Catalogue:
    """Reads manifests, and keeps them for a minute; safe for several threads.

    Raises ArchiveUnavailable.
    """

    def __init__(self, store: ObjectStore, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self._manifests: TTLCache[str, Manifest | None] = TTLCache(
            _MOST_MANIFESTS, _SECONDS_KEPT, monotonic
        )
        self._days: TTLCache[str, dict[str, list[date]]] = TTLCache(
            _MOST_LISTS, _SECONDS_KEPT, monotonic
        )
        self._lock = Lock()

    def symbols(self) -> list[str]:
        """Return every symbol with a sealed day, in order."""
        return sorted(self._listed(MANIFESTS))

    def days(self, symbol: str) -> list[date]:
        """Return the sealed days of a symbol, in order."""
        return self._listed(manifests_of(symbol)).get(symbol, [])

    def manifest(self, symbol: str, day: date, *, fresh: bool = False) -> Manifest | None:
        """Return the manifest of a day, None if it is not sealed; `fresh` reads it again."""
        key = manifest_key(symbol, day)
        with self._lock:
            if not fresh and key in self._manifests:
                return self._manifests[key]
        found = self.store.read(key)
        manifest = Manifest.from_json(found.data, key) if found else None
        with self._lock:
            self._manifests[key] = manifest
        return manifest

    def _listed(self, prefix: str) -> dict[str, list[date]]:
        with self._lock:
            if prefix in self._days:
                return self._days[prefix]
        found: dict[str, list[date]] = {}
        for info in self.store.keys(prefix):
            symbol, day = day_of(info.key)
            found.setdefault(symbol, []).append(day)
        with self._lock:
            self._days[prefix] = found
        return found
