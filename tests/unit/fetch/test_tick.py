"""One tick: planned requests are sent, and what is new is stored."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.http.request_budget import Granted
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.budget.budget_demand import Demand
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.lists.trading_evidence import TradingEvidence
from chain_fetch.recording.reports.ledger_entry import completed_entry
from chain_fetch.recording.shifts.tick import TickReader
from chain_fetch.recording.source_choice.trial_request import TrialRequest
from chain_fetch.recording.ticks.plan import PlannedRequest
from chain_fetch.refused import Refused
from chain_fetch.unknown_symbol import UnknownSymbol
from local.run.simulated_time import InlineExecutor
from optionchain.analytics import analytics_of
from optionchain.market import Market
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.snapshot_writer import Commit, CommitResult, Committed, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import EXPIRY, STAMP, Json, body, chain_body, encoded, leg, row
from tests.support.budgets import FEW, budget_of, own_budget
from tests.support.fakes import FakeExchange, FakeListings, ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK

pytestmark = uses_mongomock
NEXT = date(2026, 6, 30)
FURTHER = date(2026, 7, 7)
FULL = "the budget of 1 request in 3 s is used up"
STARTED = TICK + timedelta(milliseconds=20)


@pytest.fixture
def database() -> ShakyDatabase:
    return ShakyDatabase(memory_database())


def exchange(*expiries: date, symbols: tuple[str, ...] = ("NIFTY",)) -> FakeExchange:
    answers: dict[tuple[str, date], Json | Exception] = {
        (symbol, expiry): chain_body(symbol=symbol, expiry=expiry)
        for symbol in symbols
        for expiry in expiries
    }
    return FakeExchange(dict.fromkeys(symbols, expiries), answers)


def reader(
    source: FakeExchange,
    database: ShakyDatabase,
    *,
    rate: int = 3,
    lists: FakeListings | None = None,
) -> TickReader:
    return TickReader(
        source=source,
        listed=ListedExpiries(
            source,
            lists or FakeListings(),
            TrialRequest(source, parse, lambda: Market("always")),
            lambda: STARTED,
        ),
        parse=parse,
        ingestion=Ingestion(SnapshotWriter(database), TickLedger(database), 5.5),
        pool=InlineExecutor(),
        nearest=2,
        interval=5,
        budget=own_budget(rate),
        now=lambda: STARTED,
    )


def in_turn(
    recorder: TickReader, symbols: tuple[str, ...], tick: datetime
) -> dict[str, str | None]:
    """Read a tick as a shift does; return the reasons of its outcomes by symbol."""
    found = recorder.read(symbols, tick)
    entries = {name: completed_entry(tick, tick, results) for name, results in found.items()}
    recorder.turns.note(tick, entries)
    return {name: entry.get("reason") for name, entry in entries.items()}


def read(answer: Json | Exception, database: ShakyDatabase, tick: datetime = TICK) -> RequestResult:
    """Read a tick of a single expiry."""
    source = FakeExchange({"NIFTY": [EXPIRY]}, {("NIFTY", EXPIRY): answer})
    (result,) = reader(source, database).read(["NIFTY"], tick)["NIFTY"]
    return result


def test_a_new_chain_is_stored_under_its_tick_with_analytics(database: ShakyDatabase) -> None:
    result = read(chain_body(), database)
    assert (result.outcome, result.verdict) == ("stored", Verdict.NEW)
    assert (result.legs, result.committed) == (6, CommitResult(inserted=6, duplicates=0))
    assert (result.received_at, result.exchange_timestamp) == (STARTED, STAMP)
    header = SnapshotWriter(database).latest_header("NIFTY", EXPIRY)
    assert header is not None
    assert header["fetched_at"] == TICK
    sent = parse(encoded(chain_body()), "NIFTY", TICK)
    assert header["analytics"] == analytics_of(sent, rate=5.5)


def test_every_planned_expiry_of_every_symbol_is_requested(database: ShakyDatabase) -> None:
    source = exchange(EXPIRY, NEXT, FURTHER, symbols=("NIFTY", "BANKNIFTY"))
    results = reader(source, database).read(["NIFTY", "BANKNIFTY"], TICK)
    for symbol in ("NIFTY", "BANKNIFTY"):
        expiries = {each.request.expiry: each.request.required for each in results[symbol]}
        assert expiries == {EXPIRY: True, NEXT: True, FURTHER: False}
    assert len(source.asked) == 6


def test_no_more_is_requested_than_the_budget_of_a_tick(database: ShakyDatabase) -> None:
    symbols = tuple(f"S{number}" for number in range(9))
    source = exchange(EXPIRY, NEXT, symbols=symbols)
    lists = FakeListings([Listing(each, (EXPIRY, NEXT), TICK, TICK) for each in symbols])
    results = reader(source, database, rate=1, lists=lists).read(symbols, TICK)
    assert len(source.asked) == 4  # two symbols whole, and no room for a third
    assert sum(1 for each in results.values() if not each) == 7


def test_a_required_chain_without_a_place_is_skipped_with_the_reason(
    database: ShakyDatabase,
) -> None:
    """One further expiry of the two symbols has a place in a tick of six seconds, or none."""
    symbols = ("NIFTY", "BANKNIFTY")
    lists = FakeListings([Listing(each, (EXPIRY, NEXT), TICK, TICK) for each in symbols])
    asked: list[int] = []

    def reserve(requests: int, deadline: float) -> Granted:  # noqa: ARG001
        asked.append(requests)
        return Granted(1, FULL)

    source = exchange(EXPIRY, NEXT, symbols=symbols)
    here = replace(
        reader(source, database, lists=lists),
        budget=budget_of(FEW, Demand(2, 6, 1), reserve),
        nearest=1,
        interval=6,
    )
    entries = {
        symbol: completed_entry(TICK, TICK, results)
        for symbol, results in here.read(symbols, TICK).items()
    }
    assert (asked, len(source.asked)) == ([2], 1)
    assert sorted(entry["outcome"] for entry in entries.values()) == ["skipped", "stored"]
    (skipped,) = [entry for entry in entries.values() if entry["outcome"] == "skipped"]
    assert (skipped["reason"], skipped["detail"]) == (
        "busy",
        FULL,
    )


def test_a_chain_that_was_not_asked_for_shows_nothing_of_its_expiry() -> None:
    request = PlannedRequest("NIFTY", EXPIRY, required=True)
    skipped = RequestResult(request, outcome="skipped", reason="busy", detail=FULL)
    assert TradingEvidence(lambda *_: None).learn(skipped, TICK) is None


class FailingWriter(SnapshotWriter):
    """A writer that meets an error that nobody foresaw at one symbol."""

    def commit_all(self, commits: Sequence[Commit]) -> list[Committed]:
        if any(commit.snapshot.symbol == "BANKNIFTY" for commit in commits):
            raise KeyError("unforeseen")
        return super().commit_all(commits)


@pytest.mark.parametrize("where", ["request", "store"])
def test_an_unforeseen_error_of_one_symbol_costs_no_other_its_data(
    database: ShakyDatabase, where: str
) -> None:
    """It would come again at each tick, and with it nothing would be stored of any symbol."""
    symbols = ("NIFTY", "BANKNIFTY", "IDEA")
    source = exchange(EXPIRY, symbols=symbols)
    here = reader(source, database)
    if where == "request":
        source.answers["BANKNIFTY", EXPIRY] = KeyError("unforeseen")
    else:
        writer = FailingWriter(database)
        here = replace(here, ingestion=Ingestion(writer, TickLedger(database), 5.5))
    with pytest.raises(KeyError, match="unforeseen"):
        here.read(symbols, TICK)
    assert sorted(database["snapshots"].distinct("symbol")) == ["IDEA", "NIFTY"]


def test_symbols_whose_lists_are_not_known_take_turns(database: ShakyDatabase) -> None:
    """So one that is never listed does not keep the others waiting."""
    symbols = tuple(f"S{number}" for number in range(9))
    source = exchange(EXPIRY, symbols=symbols)
    source.listed = {
        **source.listed,
        "S0": UnknownSymbol("S0", ["X"]),
        "S1": UnknownSymbol("S1", ["X"]),
    }
    recorder = reader(source, database, rate=1)
    busy = dict.fromkeys(symbols, 0)
    for number in range(5):
        reasons = in_turn(recorder, symbols, TICK + number * INTERVAL)
        for symbol in symbols:
            busy[symbol] += reasons[symbol] == "busy"
    assert set(source.asked) >= {(symbol, EXPIRY) for symbol in symbols[2:]}
    assert max(busy.values()) <= 4


def test_a_second_environment_begins_with_a_full_tick_of_all_symbols(
    database: ShakyDatabase,
) -> None:
    """It asks for no list that the first one has read."""
    symbols = tuple(f"S{number}" for number in range(12))
    source, lists = exchange(EXPIRY, symbols=symbols), FakeListings()
    first = reader(source, database, lists=lists)
    for number in range(2):
        in_turn(first, symbols, TICK + number * INTERVAL)
    source.listed = dict.fromkeys(symbols, RuntimeError("nobody may ask"))
    results = reader(source, database, lists=lists).read(symbols, TICK + 2 * INTERVAL)
    assert {each.outcome for found in results.values() for each in found} == {"unchanged"}


def test_lists_that_their_bodies_contradict_for_ever_keep_no_other_waiting(
    database: ShakyDatabase,
) -> None:
    """Two lists a tick are read, each once a minute: more symbols than 24 take turns."""
    symbols = tuple(f"S{number}" for number in range(40))
    source = exchange(NEXT, symbols=symbols)
    for symbol in symbols:
        chain = chain_body(symbol=symbol, expiry=NEXT)
        chain["records"]["expiryDates"] = ["23-Jun-2026", "30-Jun-2026"]
        source.answers |= {(symbol, NEXT): chain, (symbol, EXPIRY): body([])}
    before = TICK - timedelta(minutes=1)
    lists = FakeListings([Listing(each, (NEXT,), before, before) for each in symbols])
    recorder = reader(source, database, lists=lists)
    for number in range(24):
        in_turn(recorder, symbols, TICK + number * INTERVAL)
    assert {each.symbol for each in lists.written if each.read_at >= TICK} == set(symbols)


def test_requests_end_a_quarter_of_a_second_before_the_next_tick(database: ShakyDatabase) -> None:
    source = exchange(EXPIRY)
    before = time.monotonic()
    reader(source, database).read(["NIFTY"], TICK)
    after = time.monotonic()
    left = (INTERVAL - timedelta(seconds=0.25) - (STARTED - TICK)).total_seconds()
    assert len(source.deadlines) == 2
    assert all(before + left <= deadline <= after + left for deadline in source.deadlines)


TWO_EXPIRIES = [row(24000, leg("CE", 24000, expiry=day), expiry=day) for day in (EXPIRY, NEXT)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Refused("rate_limited", "HTTP 429"), "rate_limited"),
        (Refused("blocked", "HTTP 403"), "blocked"),
        (Refused("timeout", "no answer in time"), "timeout"),
        (Refused("busy", "no budget"), "busy"),
        (body([]), "empty"),
        ({}, "empty"),
        ({"message": "sorry"}, "invalid_payload"),
        (chain_body(symbol="BANKNIFTY"), "invalid_payload"),
        (chain_body(expiry=NEXT), "invalid_payload"),
        (body(TWO_EXPIRIES), "invalid_payload"),
    ],
)
def test_a_bad_answer_is_a_failed_result_with_its_reason(
    answer: Json | Exception, reason: str, database: ShakyDatabase
) -> None:
    result = read(answer, database)
    assert (result.outcome, result.reason) == ("failed", reason)
    assert result.detail
    assert database["option_chain"].count_documents({}) == 0
    assert database["snapshots"].count_documents({}) == 0


def test_one_bad_expiry_costs_none_of_the_others(database: ShakyDatabase) -> None:
    source = exchange(EXPIRY, NEXT)
    source.answers["NIFTY", EXPIRY] = Refused("server_error", "HTTP 502")
    results = reader(source, database).read(["NIFTY"], TICK)["NIFTY"]
    outcomes = {each.request.expiry: each.outcome for each in results}
    assert outcomes == {EXPIRY: "failed", NEXT: "stored"}


def test_a_database_away_fails_the_request_and_the_next_is_stored(database: ShakyDatabase) -> None:
    database.away = True
    result = read(chain_body(), database)
    assert (result.outcome, result.reason, result.legs) == ("failed", "database", 6)
    database.away = False
    assert read(chain_body(), database).outcome == "stored"


def test_an_unforeseen_error_is_raised(database: ShakyDatabase) -> None:
    with pytest.raises(ZeroDivisionError):
        read(ZeroDivisionError(), database)
