"""Stores the end-of-day chains of a day: each once, and none beside a chain that is richer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from local.backfill.day_chains import EndOfDayChain
from optionchain.analytics import AnalyticsDocument, analytics_of
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts


@dataclass(frozen=True)
class StoredDay:
    """What became of the chains of a day: how many were stored, and how many were there before."""

    stored: int
    known: int
    contracts: int

    def __add__(self, other: "StoredDay") -> "StoredDay":
        return StoredDay(
            self.stored + other.stored,
            self.known + other.known,
            self.contracts + other.contracts,
        )


@dataclass(frozen=True)
class DayStore:
    """Commits chains; `rate` is the risk-free rate of their analytics, in percent a year."""

    snapshots: SnapshotWriter
    rate: float

    def store(self, day: date, closes: datetime, chains: Iterable[EndOfDayChain]) -> StoredDay:
        """Store what the record lacks of a day, whose last session ended at `closes`.

        A chain that the recorder has settled in the evening is richer, so that one stays alone. A
        run that was interrupted left contracts without a header: they are completed.
        Raises StoreUnavailable or SnapshotTorn.
        """
        stored = known = contracts = 0
        for chain in chains:
            snapshot = chain.snapshot
            if self.snapshots.settled_header(snapshot.symbol, snapshot.expiry, day):
                known += 1
                continue
            derive = _AtTheClose(closes, self.rate)
            commit = Commit(snapshot, settled=True, facts=chain.facts, derive=derive)
            self.snapshots.commit(commit)
            stored += 1
            contracts += len(snapshot.quotes)
        return StoredDay(stored, known, contracts)


@dataclass(frozen=True)
class _AtTheClose:
    """Derives analytics as of the close: the prices of a file are those of the session."""

    closes: datetime
    rate: float

    def __call__(self, snapshot: Snapshot, /, *, facts: SnapshotFacts) -> AnalyticsDocument:
        return analytics_of(replace(snapshot, exchange_timestamp=self.closes), self.rate, facts)
