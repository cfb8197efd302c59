"""Ticks of a source that allows little, in simulated time: a plan that works loses none."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.http.request_budget import RequestBudget
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.budget.budget_demand import Demand
from chain_fetch.recording.budget.budget_plan import plan_of
from chain_fetch.recording.budget.budget_words import nearest_demands
from chain_fetch.recording.budget.tick_budget import TickBudget
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.reports.ledger_entry import LedgerEntry, completed_entry
from chain_fetch.recording.shifts.tick import TickReader
from chain_fetch.refused import Refused
from chain_fetch.source import SourceTerms
from local.run.simulated_time import InlineExecutor
from optionchain.exchange_time import expiry_text
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import EXPIRY, Json, chain_body
from tests.support.budgets import FEW, MANY, FakeCounts, most_in_any_stretch, places_of
from tests.support.fakes import FakeExchange, FakeListings, SimulatedClock
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock
EXPIRIES = tuple(EXPIRY + timedelta(weeks=week) for week in range(5))
ANSWER_SECONDS = 0.2


@dataclass
class Vendor(FakeExchange):
    """Sends no more than its budget; each answer takes a while."""

    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(TICK))
    counts: FakeCounts = field(default_factory=FakeCounts)
    terms: SourceTerms = FEW
    slept: float = 0.0
    sent: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        places = places_of(self.terms.windows, self.counts, self.clock.now)
        self.budget = RequestBudget(self.terms.windows, places, self.monotonic, self.sleep)

    def monotonic(self) -> float:
        """The seconds of deadlines, which a tick reads from the machine at its start."""
        return time.monotonic() + self.slept

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        self.slept += seconds

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        self._send(deadline)
        return super().expiries(symbol, deadline)

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        self._send(deadline)
        return super().chain(symbol, expiry, deadline)

    def _send(self, deadline: float) -> None:
        if not self.budget.take(deadline):
            raise Refused("busy", "no place")
        self.sent.append(round(self.clock.monotonic() * 1e3))


def vendor(terms: SourceTerms, symbols: Sequence[str]) -> Vendor:
    answers: dict[tuple[str, date], Json | Exception] = {}
    for symbol in symbols:
        for expiry in EXPIRIES:
            body = chain_body(symbol=symbol, expiry=expiry)
            body["records"]["expiryDates"] = [expiry_text(each) for each in EXPIRIES]
            answers[symbol, expiry] = body
    return Vendor(dict.fromkeys(symbols, EXPIRIES), answers, terms=terms)


def recorded(
    source: Vendor, demand: Demand, symbols: Sequence[str], ticks: int, read_at: datetime = TICK
) -> list[LedgerEntry]:
    """Read ticks one after another; return the entries of all symbols."""
    database = memory_database()
    lists = FakeListings([Listing(each, EXPIRIES, read_at, read_at) for each in symbols])
    reader = TickReader(
        source=source,
        listed=ListedExpiries(source, lists, lambda *_: None, source.clock.now),
        parse=parse,
        ingestion=Ingestion(SnapshotWriter(database), TickLedger(database), 5.5),
        pool=InlineExecutor(),
        nearest=demand.nearest,
        interval=demand.interval,
        budget=TickBudget(plan_of(source.terms, demand), source.budget.reserve),
        now=source.clock.now,
    )
    entries = []
    for number in range(ticks):
        tick = TICK + timedelta(seconds=number * demand.interval)
        source.clock.sleep(max((tick - source.clock.now()).total_seconds(), 0))
        source.slept = 0.0
        results = reader.read(symbols, tick)
        source.clock.sleep(ANSWER_SECONDS)
        entries += [completed_entry(tick, source.clock.now(), results[each]) for each in symbols]
    return entries


@pytest.mark.parametrize(
    ("terms", "demand", "expiries"),
    [
        (FEW, Demand(2, 6, 1), 1),
        (FEW, Demand(2, 12, 1), 5),
        (FEW, Demand(1, 3, 1), 1),
        (MANY, Demand(2, 5, 2), 5),
        (FEW, nearest_demands(FEW, Demand(3, 5, 2))[0], 1),
    ],
)
def test_what_works_has_a_place_for_each_nearest_expiry_of_each_tick(
    terms: SourceTerms, demand: Demand, expiries: int
) -> None:
    symbols = ("NIFTY", "BANKNIFTY", "M&M")[: demand.symbols]
    source = vendor(terms, symbols)
    entries = recorded(source, demand, symbols, ticks=20)
    assert {entry["outcome"] for entry in entries} <= {"stored", "unchanged"}
    assert all(most_in_any_stretch(source.sent, each) <= each.requests for each in terms.windows)
    asked = Counter(source.asked)
    nearest = {(symbol, day) for symbol in symbols for day in EXPIRIES[: demand.nearest]}
    assert {asked[each] for each in nearest} == {20}
    assert len(asked) == demand.symbols * expiries


def test_what_does_not_work_says_so_in_the_ledger_and_keeps_the_windows() -> None:
    """The handler refuses it; other recorders with the same account may bring it about."""
    source = vendor(FEW, ("NIFTY", "BANKNIFTY"))
    entries = recorded(source, Demand(2, 5, 1), ("NIFTY", "BANKNIFTY"), ticks=20)
    skipped = [entry for entry in entries if entry["outcome"] == "skipped"]
    assert len(skipped) == 20
    assert {entry["reason"] for entry in skipped} == {"busy"}
    assert most_in_any_stretch(source.sent, FEW.windows[0]) == 1


def test_a_list_that_is_due_takes_the_place_of_one_chain() -> None:
    """Once a day each of the two lists costs one of the symbols a tick."""
    source = vendor(FEW, ("NIFTY", "BANKNIFTY"))
    yesterday = TICK - timedelta(days=1)
    entries = recorded(source, Demand(2, 6, 1), ("NIFTY", "BANKNIFTY"), 10, yesterday)
    assert Counter(entry["outcome"] for entry in entries if entry["outcome"] == "skipped") == {
        "skipped": 2
    }
    assert len(source.sent) == 20
    assert most_in_any_stretch(source.sent, FEW.windows[0]) == 1
