"""What the snapshots stored before tell of a new one."""

from contextlib import suppress
from dataclasses import dataclass, replace

from chain_fetch.recording.bodies.known_legs import KNOWN_FROM, KnownLegs, known_in
from chain_fetch.recording.bodies.leg_facts import facts_of
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.bodies.standing_price import standing_price
from chain_fetch.source import LotSizes
from optionchain.contract_terms import UNKNOWN_TERMS
from optionchain.errors import SnapshotIncomplete, StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument, stamp_of
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts


@dataclass(frozen=True)
class RecordedFacts:
    """Returns the facts of snapshots that are about to be stored.

    Without `legs`, nothing is known of their contracts, and without `lots` nothing of their terms.
    """

    legs: RecordedLegs | None = None
    lots: LotSizes | None = None

    def of(
        self, snapshot: Snapshot, before: HeaderDocument | None, market: Market
    ) -> SnapshotFacts:
        """Return the facts of a snapshot; `before` is the header of the one stored before it.

        Raises StoreUnavailable.
        """
        price = standing_price(snapshot, before, market)
        of_legs = facts_of(self.legs.of(snapshot, before, market)) if self.legs else NOTHING_KNOWN
        terms = UNKNOWN_TERMS
        if self.lots:
            terms = self.lots.of(snapshot.symbol, snapshot.expiry, exchange_date(snapshot.stamp))
        return replace(
            of_legs, underlying_since=price.since, frozen_since=price.frozen_since, terms=terms
        )

    def known(self, header: HeaderDocument, store: SnapshotReader) -> KnownLegs | None:
        """Return what is known of the contracts that a header commits, None if they are damaged.

        Raises StoreUnavailable.
        """
        if self.legs:
            return self.legs.known(header)
        try:
            documents = store.contracts(header, columns=KNOWN_FROM)
        except SnapshotIncomplete:
            return None
        return known_in(documents, exchange_date(stamp_of(header)), header.get("derived", ()))

    def is_prepared(self, header: HeaderDocument) -> bool:
        """Tell whether `prepare` has nothing to read for a header."""
        return self.legs is None or self.legs.is_prepared(header)

    def prepare(self, header: HeaderDocument) -> None:
        """Read what the next snapshot is compared with; `header` is of the newest one."""
        if self.legs:
            with suppress(StoreUnavailable):  # it is read again when it is needed
                self.legs.prepare(header)
