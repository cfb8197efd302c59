"""What the snapshots stored before tell of a new one."""

from chain_fetch.recording.standing_price import standing_price
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts


class RecordedFacts:
    """Returns the facts of snapshots that are about to be stored."""

    def of(
        self, snapshot: Snapshot, before: HeaderDocument | None, market: Market
    ) -> SnapshotFacts:
        """Return the facts of a snapshot; `before` is the header of the one stored before it."""
        price = standing_price(snapshot, before, market)
        return SnapshotFacts(underlying_since=price.since, frozen_since=price.frozen_since)
