"""The analytics of a snapshot: read from its header, or derived if an older recorder wrote it."""

from collections.abc import Iterable
from dataclasses import replace
from threading import Lock

from cachetools import LRUCache

from optionchain.analytics import AnalyticsDocument, IvChoice, Terms, analytics_of, terms_in
from optionchain.exchange_time import is_of_the_future
from optionchain.mongo.documents import EXCHANGE_S_OWN, HeaderDocument, source_of, stamp_of
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.stored_snapshot import facts_in, snapshot_of

# Derived analytics to keep, because a client that polls an older header asks for it again.
_MOST_DERIVED = 128


class AnalyticsReader:
    """Returns the analytics of headers; safe for several threads. `rate` is in percent a year.

    Those of older recorders are derived anew: their volatilities are the exchange's. Of a snapshot
    with a time stamp of the future they are derived at the tick. Raises StoreUnavailable if
    contracts must be read and MongoDB does not answer.
    """

    def __init__(self, snapshots: SnapshotReader, rate: float) -> None:
        self._snapshots = snapshots
        self._rate = rate
        self._derived: LRUCache[object, AnalyticsDocument] = LRUCache(_MOST_DERIVED)
        self._lock = Lock()

    def of(self, header: HeaderDocument, iv_source: IvChoice = "price") -> AnalyticsDocument:
        """Return the analytics that a header holds, else those derived from its contracts.

        No header holds those of the exchange's volatilities.
        """
        stored = _stored(header)
        if stored is not None and iv_source == "price":
            return stored
        return self._derive(header, self._rate if stored is None else stored["rate"], iv_source)

    def terms(self, header: HeaderDocument, iv_source: IvChoice = "price") -> Terms:
        """Return the forward, rate and time that every contract of a header is priced with."""
        terms = terms_in(self.of(header))._replace(iv_source=iv_source)
        is_own = source_of(header) in EXCHANGE_S_OWN
        return terms if is_own else terms._replace(sent_by="vendor")

    def reference_price(self, header: HeaderDocument) -> float | None:
        """Return the price that says where the money is; usually the header itself has it."""
        spot = header["underlying_value"]
        if spot and not header.get("frozen_since"):
            return spot
        return self.of(header)["reference_price"]

    def rates(self, headers: Iterable[HeaderDocument]) -> list[float | None]:
        """Return for each header the rate that its analytics are derived with, None if stored."""
        return [None if _stored(header) else self._rate for header in headers]

    def _derive(
        self, header: HeaderDocument, rate: float, iv_source: IvChoice
    ) -> AnalyticsDocument:
        snapshot_key = header["symbol"], header["expiry"], header["fetched_at"]
        key = (*snapshot_key, header["content_hash"], rate, iv_source)
        with self._lock:
            known = self._derived.get(key)
        if known is None:
            contracts = self._snapshots.contracts(header)
            snapshot = snapshot_of(header, contracts)
            if _is_stamped_ahead(header):
                snapshot = replace(snapshot, exchange_timestamp=header["fetched_at"])
            known = analytics_of(snapshot, rate, facts_in(header, contracts), iv_source)
            with self._lock:
                self._derived[key] = known
        return known


def _stored(header: HeaderDocument) -> AnalyticsDocument | None:
    stored = header.get("analytics")
    is_of_prices = stored is not None and stored.get("iv_source") == "price"
    return stored if is_of_prices and not _is_stamped_ahead(header) else None


def _is_stamped_ahead(header: HeaderDocument) -> bool:
    return is_of_the_future(stamp_of(header), header["fetched_at"])
