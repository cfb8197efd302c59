"""What the snapshots stored before tell of a new one."""

from optionchain.mongo.documents import HeaderDocument
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts


class RecordedFacts:
    """Returns the facts of snapshots that are about to be stored."""

    def of(self, snapshot: Snapshot, before: HeaderDocument | None) -> SnapshotFacts:  # noqa: ARG002
        """Return the facts of a snapshot; `before` is the header of the one stored before it."""
        return NOTHING_KNOWN
