"""What a recorder believes the exchange to list, tick by tick, while its lists lie and change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.shifts.tick import TickReader
from chain_fetch.recording.source_choice.trial_request import TrialRequest
from chain_fetch.refused import Refused
from local.run.simulated_time import InlineExecutor
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import expiry_text
from optionchain.market import Market
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import Json, body, chain_body
from tests.support.budgets import own_budget
from tests.support.fakes import FakeExchange, FakeListings
from tests.support.histories import ist
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock
A, B, C, D = (date(2026, 6, day) for day in (23, 24, 25, 30))
DAY = date(2026, 6, 22)
MORNING = ist(DAY, "11:00")
MINUTE = timedelta(minutes=1)


@dataclass
class Stage:
    """A recorder of NIFTY and an exchange, which lists and trades what a test says.

    `in_bodies` is the list that bodies have; without it they have none.
    """

    listed: Sequence[date] | Exception = (A, B, D)
    trading: Sequence[date] = (A, B, D)
    in_bodies: Sequence[date] | None = None
    tick: datetime = MORNING
    interval: timedelta = timedelta(seconds=5)
    lists: FakeListings = field(default_factory=FakeListings)
    market: Market = field(default_factory=lambda: Market("always"))
    # One stamp a day: what is stored does not matter here, and an unchanged body is not stored.
    stamp: Callable[[datetime], datetime] = lambda tick: tick.replace(hour=4, minute=0, second=0)

    def __post_init__(self) -> None:
        self.source = FakeExchange({})
        self.lists_read = 0
        self.reader = self.new_environment()

    def new_environment(self) -> TickReader:
        database = memory_database()
        return TickReader(
            source=self,
            listed=ListedExpiries(
                self, self.lists, TrialRequest(self, parse, lambda: self.market), lambda: self.tick
            ),
            parse=parse,
            ingestion=Ingestion(
                SnapshotWriter(database), TickLedger(database), 5.5, lambda: self.market
            ),
            pool=InlineExecutor(),
            nearest=1,
            interval=int(self.interval.total_seconds()),
            budget=own_budget(3),
            now=lambda: self.tick,
        )

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        self.lists_read += 1
        self.source.listed = {symbol: self.listed}
        return self.source.expiries(symbol, deadline)

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        answer: Json = chain_body(expiry=expiry, stamp=self.stamp(self.tick))
        if expiry not in self.trading:
            answer = body([], stamp=self.stamp(self.tick))
        answer["records"]["expiryDates"] = [expiry_text(day) for day in self.in_bodies or ()]
        self.source.answers[symbol, expiry] = answer
        return self.source.chain(symbol, expiry, deadline)

    def work(self, ticks: int = 1) -> list[RequestResult]:
        """Read so many ticks; return the results of the last."""
        for _ in range(ticks):
            results = self.reader.read(["NIFTY"], self.tick)["NIFTY"]
            self.tick += self.interval
        return results

    def work_for(self, time: timedelta) -> list[RequestResult]:
        return self.work(time // self.interval)

    @property
    def known(self) -> list[date]:
        return self.reader.listed.known("NIFTY", self.tick)

    @property
    def stored(self) -> list[tuple[date, ...]]:
        """Every list that held at some time, by the documents that are kept of it."""
        return list({each.since: each.expiries for each in self.lists.written}.values())


def asked_first(results: Sequence[RequestResult]) -> date:
    return next(each.request.expiry for each in results if each.request.required)


def test_an_expiry_moved_to_a_later_day_is_followed_in_the_next_tick() -> None:
    """1 September 2025: the exchange moved every stock and BANKNIFTY."""
    stage = Stage()
    stage.work_for(10 * MINUTE)
    stage.listed = stage.trading = (B, D)
    (failed, *_) = stage.work()
    assert (failed.request.expiry, failed.reason) == (A, "empty")
    assert stage.known == [B, D], "the list was read within the tick whose answer was empty"
    assert asked_first(stage.work()) == B
    assert stage.stored == [(A, B, D), (B, D)]
    moved = stage.lists.written[-1]
    assert moved.since == MORNING + 10 * MINUTE, "the tick at which the exchange was found to move"


def test_an_expiry_moved_to_an_earlier_day_is_followed_within_a_minute() -> None:
    """The new list is in every body, and the old expiry is empty."""
    stage = Stage(listed=(B, D), trading=(B, D), in_bodies=(B, D))
    stage.work_for(10 * MINUTE)
    stage.listed = stage.trading = stage.in_bodies = (A, D)
    stage.work()
    assert asked_first(stage.work()) == A
    assert stage.stored == [(B, D), (A, D)]


def test_a_new_expiry_in_a_session_is_found_by_the_list_in_a_body() -> None:
    stage = Stage(listed=(B, D), trading=(B, D), in_bodies=(B, D))
    stage.work_for(10 * MINUTE)
    read = stage.lists_read
    stage.listed = stage.trading = stage.in_bodies = (A, B, D)
    stage.work()
    assert asked_first(stage.work()) == A
    assert stage.lists_read == read + 1
    stage.work_for(10 * MINUTE)
    assert stage.lists_read == read + 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((B, D), (A, B, D)),  # listed within the session
        ((A, B, D), (B, D)),  # moved to a later day
        ((A, D), (B, D)),  # moved to a later day that was not listed before
        ((A, B), (A, B, D)),  # a new one that is not the nearest
    ],
)
@pytest.mark.parametrize("ticks", [120, 121])
def test_what_becomes_nearest_is_read_in_the_tick_that_finds_it(
    before: tuple[date, ...], after: tuple[date, ...], ticks: int
) -> None:
    """Else a reader who asks for the nearest gets nothing of it, or what was read before."""
    stage = Stage(listed=before, trading=before, in_bodies=before)
    stage.work(ticks)
    stage.listed = stage.trading = stage.in_bodies = after
    results = stage.work()
    good = [each.request.expiry for each in results if each.outcome != "failed"]
    assert stage.known == list(after)
    assert good.count(after[0]) == 1


def test_an_expiry_that_the_list_has_not_yet_is_known_once_it_trades() -> None:
    """The bodies name it, and contracts are sent for it, though the list of expiries is late."""
    stage = Stage(listed=(B, D), trading=(B, D), in_bodies=(B, D))
    stage.work_for(10 * MINUTE)
    stage.trading = stage.in_bodies = (A, B, D)
    stage.work(2)
    assert stage.known == [A, B, D]
    assert stage.lists.written[-1].unlisted == (A,)


def test_a_partial_list_takes_no_expiry_that_still_trades() -> None:
    stage = Stage()
    stage.work_for(2 * MINUTE)
    stage.tick += timedelta(days=1)  # so the list is read again
    stage.listed = (D,)
    stage.trading = (B, D)  # and the nearest has ended meanwhile
    stage.work_for(60 * MINUTE)
    assert stage.known == [B, D]
    assert stage.lists.written[-1].unlisted == (B,)
    stage.listed = (B, D)
    stage.work_for(11 * MINUTE)
    assert not stage.lists.newest(["NIFTY"])["NIFTY"].unlisted
    assert stage.stored == [(A, B, D), (B, D)]


def test_an_expiry_that_was_kept_against_the_list_ends_with_its_first_empty_answer() -> None:
    stage = Stage(listed=(A, B, D))
    stage.work_for(2 * MINUTE)
    stage.tick += timedelta(days=1)
    stage.listed = (B, D)
    stage.work_for(2 * MINUTE)
    assert stage.lists.written[-1].unlisted == (A,)
    stage.trading = (B, D)
    read = stage.lists_read
    stage.work()
    assert (stage.known, stage.lists_read - read) == ([B, D], 0)
    assert stage.lists.written[-1].expiries == (B, D)


REFUSALS = [
    PayloadInvalid("no expiry from today on", "contract info of NIFTY"),
    Refused("empty", "the body is {}"),
    Refused("timeout", "no answer in time"),
]


@pytest.mark.parametrize("error", REFUSALS, ids=str)
def test_a_list_without_a_current_expiry_changes_nothing_and_is_recorded(error: Exception) -> None:
    stage = Stage()
    stage.work()
    stage.tick += timedelta(days=1)
    stage.listed = error
    results = stage.work()
    assert stage.known == [A, B, D]
    assert [each.outcome for each in results if each.request.required] != ["failed"]
    (failed,) = [each for each in results if each.outcome == "failed"]
    assert (failed.request.expiry, failed.detail) == (date.min, str(error))
    read = stage.lists_read
    stage.work_for(10 * MINUTE)
    assert stage.lists_read - read == 10, "it is tried once a minute"


def test_a_list_is_read_once_a_day_and_not_more_often() -> None:
    stage = Stage(listed=(D,), trading=(D,), in_bodies=(D,))
    for day in range(1, 4):
        stage.work_for(30 * MINUTE)
        assert stage.lists_read == day
        stage.tick += timedelta(days=1)
    assert stage.stored == [(D,)]
    assert stage.lists.written[-1].read_at > MORNING + timedelta(days=2)


def test_the_passing_of_an_expiry_is_no_change() -> None:
    stage = Stage()
    stage.work()
    stage.tick += timedelta(days=2)
    stage.listed = stage.trading = (B, D)
    stage.work()
    assert (stage.known, len(stage.stored)) == ([B, D], 1)


def test_what_one_environment_reads_another_does_not_ask() -> None:
    stage = Stage()
    stage.work()
    first, stage.reader = stage.reader, stage.new_environment()
    stage.listed = RuntimeError("nobody may ask")
    assert asked_first(stage.work()) == A
    # The first one learns in turn what the second has found.
    stage.listed, stage.trading = (B, D), (B, D)
    stage.work_for(MINUTE)
    stage.reader, stage.listed = first, RuntimeError("nobody may ask")
    assert asked_first(stage.work()) == B


def test_all_environments_together_read_a_doubted_list_once_a_minute() -> None:
    """An expiry that is listed and empty: environments take turns, a minute each."""
    stage = Stage(trading=(B, D))
    environments = [stage.reader, stage.new_environment()]
    for minute in range(10):
        stage.reader = environments[minute % 2]
        stage.work_for(MINUTE)
    assert stage.lists_read <= 11


def test_a_list_that_could_not_be_written_is_written_when_the_database_is_back() -> None:
    stage = Stage()
    stage.work()
    stage.lists.away = True
    stage.listed = stage.trading = (B, D)
    stage.work_for(MINUTE + stage.interval)
    assert (stage.known, stage.stored) == ([B, D], [(A, B, D)])
    stage.lists.away = False
    stage.work()
    assert stage.stored == [(A, B, D), (B, D)]


@pytest.mark.parametrize(
    ("time", "kept"), [("09:16", True), ("09:19:55", True), ("09:20", False), ("11:00", False)]
)
def test_contracts_of_an_earlier_session_are_no_trade_once_the_session_is_under_way(
    time: str, kept: bool
) -> None:
    """In its first five minutes the exchange may still send the session before."""
    stage = Stage(market=Market(), tick=ist(DAY, time))
    stage.lists.written.append(Listing("NIFTY", (A, B, D), MORNING - 9 * MINUTE, ist(DAY, "00:00")))
    stage.lists.written[0] = stage.lists.written[0]._replace(read_at=MORNING - timedelta(days=3))
    stage.listed, stage.stamp = (B, D), lambda tick: tick - timedelta(days=3)
    stage.work()
    assert (A in stage.known) is kept


def test_a_withdrawn_expiry_that_is_served_stale_is_found_out() -> None:
    """Its last body is sent again and again, though the list has another expiry in its place."""
    stage = Stage(market=Market(), tick=MORNING)
    stage.work()
    stage.tick += timedelta(days=1)
    stage.listed, stage.stamp = (B, D), lambda tick: tick - timedelta(days=1)
    (failed, *_) = stage.work()
    assert (failed.request.expiry, failed.reason) == (A, "stale")
    assert stage.known == [B, D]


def test_a_list_cut_to_one_costs_a_few_requests_and_loses_nothing() -> None:
    many = [A + timedelta(weeks=week) for week in range(18)]
    stage = Stage(listed=many, trading=many)
    stage.work()
    stage.tick += timedelta(days=1)
    stage.listed, asked = many[:1], len(stage.source.asked)
    stage.work()
    assert stage.known == many
    assert len(stage.source.asked) - asked <= 2 + 4


def test_a_clock_that_is_set_back_loses_no_change() -> None:
    stage = Stage()
    stage.work_for(2 * MINUTE)
    stage.tick -= timedelta(minutes=30)
    stage.listed = stage.trading = (B, D)
    stage.work(2)
    assert stage.known == [B, D]
    assert stage.lists.newest(["NIFTY"])["NIFTY"].expiries == (B, D)
    first, second = ({each.since: each for each in stage.lists.written}).values()
    assert second.since > first.since


@pytest.mark.parametrize("seconds", [5, 20, 60])
def test_at_any_interval_a_moved_expiry_is_followed_by_the_next_tick(seconds: int) -> None:
    stage = Stage(interval=timedelta(seconds=seconds))
    stage.work_for(10 * MINUTE)
    stage.listed = stage.trading = (B, D)
    stage.work()
    assert asked_first(stage.work()) == B
