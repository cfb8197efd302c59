"""The bytes that a session takes, compared with storing every poll. In virtual time.

Every expiry is read every 5 seconds, and the data change every 30 seconds, as the exchange's do.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import bson
import orjson
from pymongo.database import Database

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.shifts.tick import TickReader
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.replay import ReplayMarket
from optionchain.mongo.client import Document
from optionchain.mongo.documents import ContractDocument, contract_documents
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, Indexes
from optionchain.mongo.listing_register import ListingRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.soak.report import ReportRow
from tests.support.budgets import own_budget

LIMIT = 0.2
SESSION = Path(__file__).parents[3] / "shared/market-data/v3-from-legacy/nifty-2025-12-05"
_INTERVAL = 5
_CHANGE = 30
_SIMULATED_MOMENTS = 16
# The day of the captures, so that their dates stay as they are.
_START = datetime(2025, 12, 5, 4, 0, tzinfo=UTC)
_SYMBOL = "NIFTY"


class Measure(NamedTuple):
    """Bytes of BSON, and the number of polls and of stored snapshots."""

    stored: int
    every_poll: int
    snapshots: int
    polls: int

    @property
    def ratio(self) -> float:
        """The stored bytes as a fraction of the bytes of every poll."""
        return self.stored / self.every_poll

    def row(self, origin: str) -> ReportRow:
        """Return the line of a report."""
        value = (
            f"{self.ratio:.3f} ({self.stored / 1e6:.1f} of {self.every_poll / 1e6:.1f} MB, "
            f"{self.snapshots} of {self.polls} polls)"
        )
        return ReportRow(f"stored bytes / every poll, {origin}", value, self.ratio > LIMIT)


class _Source:
    """The market in the shape that TickReader reads; counts the bytes of every poll."""

    def __init__(self, market: SimulatedMarket | ReplayMarket, expiries: list[date]) -> None:
        self.tick = _START
        self.polls = 0
        self.every_poll = 0
        self._market = market
        self._expiries = expiries

    def expiries(self, symbol: str, deadline: float) -> list[date]:  # noqa: ARG002
        return self._expiries

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:  # noqa: ARG002
        body = orjson.dumps(self._market.chain(symbol, expiry, self.tick))
        self.polls += 1
        documents = contract_documents(parse(body, symbol, self.tick))
        self.every_poll += sum(map(_size, documents))
        return body


def session() -> tuple[SimulatedMarket | ReplayMarket, int, str]:
    """Return the captured session, else a simulated one, with its number of moments."""
    if SESSION.is_dir():
        replay = ReplayMarket(SESSION, clock=lambda: _START, step_seconds=_CHANGE)
        return replay, len(replay), "captured session"
    return SimulatedMarket(clock=lambda: _START), _SIMULATED_MOMENTS, "simulated"


def measure(
    database: Database[Document], market: SimulatedMarket | ReplayMarket, moments: int
) -> Measure:
    """Record a session into an empty database."""
    Indexes(database, retention_days=3_650).ensure()
    source = _Source(market, market.expiries(_SYMBOL)[:4])
    # One request at a time is enough in virtual time.
    with ThreadPoolExecutor(1) as pool:
        reader = TickReader(
            source=source,
            # The list is taken at its word: a trial would be a poll that is not of the session.
            listed=ListedExpiries(
                source, ListingRegister(database), lambda *_: None, lambda: source.tick
            ),
            parse=parse,
            ingestion=Ingestion(SnapshotWriter(database), TickLedger(database), 5.5),
            pool=pool,
            nearest=4,
            interval=_INTERVAL,
            budget=own_budget(4),
            now=lambda: source.tick,
        )
        for tick in _ticks(moments):
            source.tick = tick
            results = reader.read([_SYMBOL], tick)
            assert all(each.outcome != "failed" for each in results[_SYMBOL]), results
    sizes = [database.command("collStats", name)["size"] for name in (CONTRACTS, SNAPSHOTS)]
    snapshots = database[SNAPSHOTS].count_documents({})
    return Measure(sum(sizes), source.every_poll, snapshots, source.polls)


def _ticks(moments: int) -> Iterator[datetime]:
    for number in range(moments * _CHANGE // _INTERVAL):
        yield _START + timedelta(seconds=number * _INTERVAL)


def _size(document: ContractDocument) -> int:
    return len(bson.encode({"_id": bson.ObjectId(), **document}))
