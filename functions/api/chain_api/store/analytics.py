"""The analytics of a snapshot: kept in its header, or derived anew where that is an older one's."""

from collections.abc import Iterable
from threading import Lock

from cachetools import LRUCache

from chain_api.rendering.answers import Answer
from optionchain.analytics import AnalyticsDocument, Terms, analytics_of, terms_in
from optionchain.mongo.documents import HeaderDocument, snapshot_of
from optionchain.mongo.snapshot_reader import SnapshotReader

# Of headers recorded before they kept their analytics: who polls one asks for it again.
_MOST_DERIVED = 128


class AnalyticsReader:
    """Returns the analytics of headers; safe among threads. `rate` is in percent a year.

    Raises StoreUnavailable where contracts must be read and MongoDB does not answer.
    """

    def __init__(self, store: SnapshotReader, rate: float) -> None:
        self._store = store
        self._rate = rate
        self._derived: LRUCache[object, AnalyticsDocument] = LRUCache(_MOST_DERIVED)
        self._lock = Lock()

    def of(self, header: HeaderDocument) -> AnalyticsDocument:
        """Return what a header keeps, or else what its contracts make."""
        kept = header.get("analytics")
        return self._derive(header) if kept is None else kept

    def terms(self, header: HeaderDocument) -> Terms:
        """Return what every contract of a header is priced on."""
        return terms_in(self.of(header))

    def model(self, header: HeaderDocument) -> Answer:
        """Return the same as a member of an answer."""
        return model_of(self.of(header))

    def basis(self, headers: Iterable[HeaderDocument]) -> list[float | None]:
        """Return what an answer depends on beside these headers: the rate, where they keep none."""
        return [None if header.get("analytics") else self._rate for header in headers]

    def _derive(self, header: HeaderDocument) -> AnalyticsDocument:
        key = header["symbol"], header["expiry"], header["fetched_at"], header["content_hash"]
        with self._lock:
            known = self._derived.get(key)
        if known is None:
            snapshot = snapshot_of(header, self._store.contracts(header))
            known = analytics_of(snapshot, self._rate)
            with self._lock:
                self._derived[key] = known
        return known


def model_of(document: AnalyticsDocument) -> Answer:
    """Return what the analytics of a snapshot are derived with, as answers say it."""
    return {
        "name": document["model"],
        "forward": document["forward"],
        "forward_source": document["forward_source"],
        "rate": document["rate"],
        "days_to_expiry": document["days_to_expiry"],
    }
