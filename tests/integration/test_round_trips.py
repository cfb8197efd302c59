"""A tick without news takes as many operations of the database for fifty symbols as for one."""

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.http.sent_body import IsKnown, SentBody
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.known_bodies import KnownBodies
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.ledger_entry import completed_entry
from chain_fetch.recording.reports.outcomes import TickOutcomes
from chain_fetch.recording.shifts.tick import TickReader
from local.mongod import Mongod
from local.run.simulated_time import InlineExecutor
from optionchain.market import Market
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import EXPIRY, chain_body
from tests.support.budgets import own_budget
from tests.support.commands import watched
from tests.support.fakes import FakeExchange, FakeListings
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK

NEXT = date(2026, 6, 30)


class Steady(FakeExchange):
    """Sends the same bytes again and again."""

    def sent_chain(self, symbol: str, expiry: date, deadline: float, _: IsKnown) -> SentBody:
        return SentBody(self.chain(symbol, expiry, deadline))


class Recorder:
    """What one invocation does in a tick: it claims it, reads it and records it."""

    def __init__(self, database: AnyDatabase, symbols: Sequence[str], *, knows: bool) -> None:
        self._symbols = symbols
        expiries = (EXPIRY, NEXT)
        answers = {
            (symbol, expiry): {**chain_body([24_000.0], symbol=symbol, expiry=expiry)}
            for symbol in symbols
            for expiry in expiries
        }
        for body in answers.values():
            body["records"]["expiryDates"] = ["23-Jun-2026", "30-Jun-2026"]
        source = Steady(dict.fromkeys(symbols, expiries), dict(answers))
        lists = FakeListings([Listing(symbol, expiries, TICK, TICK) for symbol in symbols])
        self.ledger = TickLedger(database)
        self.register = ShiftRegister(database)
        self.register.begin(symbols, "me", Duty(TICK, TICK + timedelta(minutes=2), 5))
        self.outcomes = TickOutcomes(self.ledger, Backlog(), lambda *_: None, lambda: TICK, "me")
        facts = RecordedFacts(RecordedLegs(database))
        self._reader = TickReader(
            source=source,
            listed=ListedExpiries(source, lists, lambda *_: None, lambda: TICK),
            parse=parse,
            ingestion=Ingestion(
                SnapshotWriter(database), self.ledger, 5.5, lambda: Market("always"), facts
            ),
            pool=InlineExecutor(),
            nearest=2,
            interval=5,
            budget=own_budget(100),
            bodies=KnownBodies() if knows else None,
            now=lambda: TICK,
        )

    def tick(self, tick: datetime) -> set[str]:
        held = self.register.held_by("me", self._symbols, tick)
        claimed = self.ledger.claim_all(held, tick, "me", tick)
        results = self._reader.read(claimed, tick)
        entries = {name: completed_entry(tick, tick, each) for name, each in results.items()}
        self.outcomes.record(tick, entries)
        assert len(claimed) == len(self._symbols)
        return {entry["outcome"] for entry in entries.values()}


@pytest.mark.parametrize("knows", [True, False])
def test_a_tick_without_news_takes_five_operations_whatever_the_number_of_symbols(
    mongod: Mongod, knows: bool
) -> None:
    """Owner, claims, newest headers, confirmations, outcomes."""
    operations = {}
    for count in (1, 20, 50):
        with watched(mongod, f"trips{count}{time.monotonic_ns()}") as (database, commands):
            symbols = [f"S{number}" for number in range(count)]
            recorder = Recorder(database, symbols, knows=knows)
            assert recorder.tick(TICK) == {"stored"}
            recorder.tick(TICK + INTERVAL)
            with commands.kept() as sent:
                assert recorder.tick(TICK + 2 * INTERVAL) == {"unchanged"}
                operations[count] = [next(iter(command)) for command in sent]
            seen = database["snapshots"].distinct("last_seen_at")
            assert seen == [TICK + 2 * INTERVAL]
    assert operations[1] == ["find", "insert", "find", "update", "update"]
    assert operations[50] == operations[20] == operations[1]
