"""Bodies as they are sent, and a recorder of one expiry that takes in one after another."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from chain_fetch.http.sent_body import IsKnown, SentBody
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.known_bodies import KnownBodies
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.reports.ledger_entry import LedgerEntry, completed_entry
from chain_fetch.recording.shifts.tick import TickReader
from chain_fetch.recording.ticks.plan import PlannedRequest
from local.run.simulated_time import InlineExecutor
from optionchain.market import Market
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot
from tests.support.budgets import own_budget
from tests.support.fakes import FakeListings
from tests.support.mongomock_database import AnyDatabase

# How long something took is not the same twice.
_TIMES = ("fetch_ms", "parse_ms", "store_ms", "received_at")


@dataclass
class OneExpiry:
    """A recorder of one expiry. `knows` says whether it parses each body once, or each time."""

    database: AnyDatabase
    expiry: date
    knows: bool = True
    hours: Literal["exchange", "always"] = "exchange"
    entries: list[LedgerEntry] = field(default_factory=list)
    results: list[RequestResult] = field(default_factory=list)
    parsed: int = 0

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Go on in another execution environment."""
        self.ledger = TickLedger(self.database)
        market = Market(self.hours)
        facts = RecordedFacts(RecordedLegs(self.database))
        store = SnapshotWriter(self.database)
        self._reader = TickReader(
            source=self,
            listed=ListedExpiries(self, FakeListings(), lambda *_: None, datetime.now),
            parse=self._parse,
            ingestion=Ingestion(store, self.ledger, 5.5, lambda: market, facts),
            pool=InlineExecutor(),
            nearest=1,
            interval=5,
            budget=own_budget(3),
            bodies=KnownBodies() if self.knows else None,
        )

    def take_in(self, tick: datetime, body: SentBody) -> LedgerEntry:
        """Read a tick that brings this body; return its entry of the ledger."""
        self._body = body
        request = PlannedRequest("NIFTY", self.expiry, required=True)
        deadline = time.monotonic() + 60
        found: dict[str, list[RequestResult]] = {"NIFTY": []}
        self._reader.collect([self._reader.start(request, tick, deadline)], deadline, found)
        self.results += found["NIFTY"]
        entry = completed_entry(tick, tick, found["NIFTY"])
        self.ledger.record("NIFTY", tick, entry)
        self.entries.append(_untimed(entry))
        return entry

    def stored(self) -> list[list[dict[str, Any]]]:
        """Return every contract and every header, in order."""
        order = [(name, 1) for name in ("expiry", "fetched_at", "identifier")]
        names = ("option_chain", "snapshots")
        return [list(self.database[name].find({}, {"_id": False}, sort=order)) for name in names]

    def expiries(self, symbol: str, deadline: float) -> list[date]:  # noqa: ARG002
        return [self.expiry]

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:  # noqa: ARG002
        return self._body.decoded

    def sent_chain(
        self,
        symbol: str,  # noqa: ARG002
        expiry: date,  # noqa: ARG002
        deadline: float,  # noqa: ARG002
        is_known: IsKnown,  # noqa: ARG002
    ) -> SentBody:
        return SentBody(self._body.data, self._body.codings)

    def _parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        self.parsed += 1
        return parse(body, symbol, fetched_at)


def _untimed(entry: LedgerEntry) -> LedgerEntry:
    expiries = [
        {name: value for name, value in each.items() if name not in _TIMES}
        for each in entry["expiries"]
    ]
    kept = {name: value for name, value in entry.items() if name not in _TIMES}
    return kept | {"expiries": expiries}
