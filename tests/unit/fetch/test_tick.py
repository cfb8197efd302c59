"""One tick: what the plan says is read, and what is news is stored."""

import time
from datetime import date, timedelta

import pytest

from chain_fetch.nse.client import UnknownSymbol
from chain_fetch.payload.parser import parse
from chain_fetch.recording.deduplication import Verdict
from chain_fetch.recording.request_result import RequestResult
from chain_fetch.recording.tick import TickReader
from chain_fetch.refused import Refused
from optionchain.analytics import analytics_of
from optionchain.mongo.snapshot_writer import CommitResult, SnapshotWriter
from tests.support.bodies import EXPIRY, STAMP, Json, body, chain_body, encoded, leg, row
from tests.support.fakes import FakeExchange, InlineExecutor, ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK

pytestmark = uses_mongomock
NEXT = date(2026, 6, 30)
FURTHER = date(2026, 7, 7)
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


def reader(source: FakeExchange, database: ShakyDatabase, *, rate: int = 3) -> TickReader:
    return TickReader(
        source=source,
        parse=parse,
        store=SnapshotWriter(database),
        pool=InlineExecutor(),
        nearest=2,
        interval=5,
        requests_per_second=rate,
        risk_free_rate=5.5,
        now=lambda: STARTED,
    )


def test_a_stored_header_holds_what_was_derived_of_its_snapshot(database: ShakyDatabase) -> None:
    read_one(chain_body(), database)
    header = SnapshotWriter(database).latest_header("NIFTY")
    assert header is not None
    sent = parse(encoded(chain_body()), "NIFTY", TICK)
    assert header["analytics"] == analytics_of(sent, rate=5.5)


def read_one(answer: Json | Exception, database: ShakyDatabase) -> RequestResult:
    source = FakeExchange({"NIFTY": [EXPIRY]}, {("NIFTY", EXPIRY): answer})
    (read,) = reader(source, database).read(["NIFTY"], TICK)["NIFTY"]
    return read


def test_a_chain_that_is_news_is_stored_under_its_tick(database: ShakyDatabase) -> None:
    read = read_one(chain_body(), database)
    assert (read.outcome, read.verdict) == ("stored", Verdict.NEW)
    assert (read.legs, read.committed) == (6, CommitResult(inserted=6, duplicates=0))
    assert (read.received_at, read.exchange_timestamp) == (STARTED, STAMP)
    header = SnapshotWriter(database).latest_header("NIFTY", EXPIRY)
    assert header is not None
    assert header["fetched_at"] == TICK


def test_the_same_chain_at_the_next_tick_is_only_confirmed(
    database: ShakyDatabase,
) -> None:
    source = exchange(EXPIRY)
    for tick in (TICK, TICK + INTERVAL):
        (read,) = reader(source, database).read(["NIFTY"], tick)["NIFTY"]
    assert (read.outcome, read.verdict, read.committed.inserted) == (
        "unchanged",
        Verdict.UNCHANGED,
        0,
    )
    (header,) = database["snapshots"].find()
    assert (header["fetched_at"], header["last_seen_at"]) == (TICK, TICK + INTERVAL)


def test_nodes_that_disagree_store_each_content_once(database: ShakyDatabase) -> None:
    verdicts = []
    for number, price in enumerate([1.5, 2.5, 1.5, 2.5]):
        source = FakeExchange(
            {"NIFTY": [EXPIRY]}, {("NIFTY", EXPIRY): chain_body(last_price=price)}
        )
        (read,) = reader(source, database).read(["NIFTY"], TICK + number * INTERVAL)["NIFTY"]
        verdicts.append(read.verdict)
    assert verdicts == [
        Verdict.NEW,
        Verdict.REVISED,
        Verdict.OUT_OF_ORDER,
        Verdict.UNCHANGED,
    ]
    assert [header["revised"] for header in database["snapshots"].find()] == [False, True]
    assert database["option_chain"].count_documents({}) == 12


def test_an_older_body_is_dropped_and_does_not_confirm_the_newer(database: ShakyDatabase) -> None:
    read_one(chain_body(), database)
    older = chain_body(stamp=STAMP - timedelta(seconds=30))
    source = FakeExchange({"NIFTY": [EXPIRY]}, {("NIFTY", EXPIRY): older})
    (read,) = reader(source, database).read(["NIFTY"], TICK + INTERVAL)["NIFTY"]
    assert (read.outcome, read.verdict) == ("unchanged", Verdict.OUT_OF_ORDER)
    (header,) = database["snapshots"].find()
    assert header["last_seen_at"] == TICK


def test_every_planned_expiry_of_every_symbol_is_read(database: ShakyDatabase) -> None:
    source = exchange(EXPIRY, NEXT, FURTHER, symbols=("NIFTY", "BANKNIFTY"))
    reads = reader(source, database).read(["NIFTY", "BANKNIFTY"], TICK)
    for symbol in ("NIFTY", "BANKNIFTY"):
        expiries = {read.request.expiry: read.request.required for read in reads[symbol]}
        assert expiries == {EXPIRY: True, NEXT: True, FURTHER: False}
    assert len(source.asked) == 6


def test_no_more_is_asked_than_the_budget_of_a_tick(database: ShakyDatabase) -> None:
    symbols = tuple(f"S{number}" for number in range(9))
    source = exchange(EXPIRY, NEXT, symbols=symbols)
    reads = reader(source, database, rate=1).read(symbols, TICK)
    assert len(source.asked) == 5
    assert sum(1 for read in reads.values() if not read) == 4


def test_everything_must_have_ended_before_the_next_tick(database: ShakyDatabase) -> None:
    """A quarter of a second is left for what comes after the last answer."""
    source = exchange(EXPIRY)
    before = time.monotonic()
    reader(source, database).read(["NIFTY"], TICK)
    after = time.monotonic()
    left = (INTERVAL - timedelta(seconds=0.25) - (STARTED - TICK)).total_seconds()
    assert len(source.deadlines) == 2
    assert all(before + left <= deadline <= after + left for deadline in source.deadlines)


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
    ],
)
def test_a_bad_answer_is_a_failed_reading_with_its_reason(
    answer: Json | Exception, reason: str, database: ShakyDatabase
) -> None:
    read = read_one(answer, database)
    assert (read.outcome, read.reason) == ("failed", reason)
    assert read.detail
    assert database["option_chain"].count_documents({}) == 0
    assert database["snapshots"].count_documents({}) == 0


def test_a_body_of_two_expiries_is_not_the_one_that_was_asked_for(database: ShakyDatabase) -> None:
    rows = [row(24000, leg("CE", 24000, expiry=day), expiry=day) for day in (EXPIRY, NEXT)]
    read = read_one(body(rows), database)
    assert (read.reason, read.committed.inserted) == ("invalid_payload", 0)


def test_one_bad_expiry_costs_none_of_the_others(database: ShakyDatabase) -> None:
    source = exchange(EXPIRY, NEXT)
    source.answers["NIFTY", EXPIRY] = Refused("server_error", "HTTP 502")
    reads = reader(source, database).read(["NIFTY"], TICK)["NIFTY"]
    assert {read.request.expiry: read.outcome for read in reads} == {
        EXPIRY: "failed",
        NEXT: "stored",
    }


def test_a_symbol_without_options_costs_the_others_nothing(
    database: ShakyDatabase,
) -> None:
    source = exchange(EXPIRY)
    source.listed = {**source.listed, "NIFTI": UnknownSymbol("NIFTI")}
    reads = reader(source, database).read(["NIFTI", "NIFTY"], TICK)
    (unknown,) = reads["NIFTI"]
    assert (unknown.outcome, unknown.reason) == ("failed", "invalid_payload")
    assert "'NIFTI' has no options" in str(unknown.detail)
    assert [read.outcome for read in reads["NIFTY"]] == ["stored"]


def test_a_database_that_is_away_fails_the_reading_and_the_next_one_is_stored(
    database: ShakyDatabase,
) -> None:
    database.away = True
    read = read_one(chain_body(), database)
    assert (read.outcome, read.reason) == ("failed", "database")
    assert read.legs == 6
    database.away = False
    assert read_one(chain_body(), database).outcome == "stored"


def test_an_error_that_nobody_foresaw_is_not_swallowed(database: ShakyDatabase) -> None:
    with pytest.raises(ZeroDivisionError):
        read_one(ZeroDivisionError(), database)
