"""The newest headers of many symbols, of which only those with news are read whole."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chain_api.dependencies import Dependencies
from optionchain.mongo.documents import HeaderDocument

MARK = ("fetched_at", "content_hash", "settled", "unlisted_since")
"""What names a header of an expiry, and all that changes in it beside `last_seen_at`."""

type Marks = Mapping[str, Mapping[date, Mapping[str, Any]]]
type Headers = Mapping[date, HeaderDocument]


class KnownHeaders:
    """Headers with these columns as they were read last. For one thread at a time."""

    def __init__(self, deps: Dependencies, columns: Sequence[str]) -> None:
        self._deps = deps
        self._columns = columns
        self._marks: Marks = {}
        self._headers: Mapping[str, Headers] = {}

    def read(self, marks: Marks) -> Mapping[str, Headers]:
        """Return the newest headers of symbols, by expiry; raise StoreUnavailable.

        Headers whose marks are as before are the same objects, so their `last_seen_at` may be old.
        All others are read by one query. They may be newer than their marks: the next ones tell.
        """
        known = self._marks
        if marks == known:
            return self._headers
        news = {name: list(own) for name, own in marks.items() if known.get(name) != own}
        read = self._deps.snapshots.newest_of_symbols(news, self._columns) if news else {}
        headers = {name: self._headers[name] for name in marks if name not in news}
        self._marks, self._headers = marks, headers | read
        return self._headers
