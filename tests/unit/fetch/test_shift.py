"""An invocation's time on duty, with a simulated clock and one thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import pytest

from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.outcomes import TickOutcomes
from chain_fetch.recording.shifts.shift import Shift
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from local.run.simulated_time import InlineExecutor
from optionchain.errors import StoreUnavailable
from optionchain.market import Market
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.shift_register import NOBODY, Duty, ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import RETENTION_DAYS, memory_database, uses_mongomock
from tests.support.results import OfTheSession, all_stored, one_source

pytestmark = uses_mongomock

OPENING = datetime(2026, 6, 19, 3, 45, tzinfo=UTC)
CLOSE = datetime(2026, 6, 19, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 6, 19, 6, 30, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@dataclass
class Scene:
    """One recorder's surroundings: clock, database, what was read and what was reported."""

    clock: SimulatedClock
    market: Market = field(default_factory=Market)
    database: ShakyDatabase = field(default_factory=lambda: ShakyDatabase(memory_database()))
    backlog: Backlog = field(default_factory=Backlog)
    read: list[tuple[str, str, datetime]] = field(default_factory=list)
    reported: list[tuple[str, datetime, str]] = field(default_factory=list)
    while_reading: Callable[[datetime], object] = lambda tick: None  # noqa: ARG005
    time_left: list[float] = field(default_factory=list)
    lengths: dict[datetime, int | None] = field(default_factory=dict)

    def run(
        self,
        lasting: timedelta = timedelta(minutes=5),
        owner: str = "first",
        symbols: Sequence[str] = ("NIFTY",),
        interval: int = 5,
        rhythms: Mapping[str, Rhythm] | None = None,
        warm_up: Callable[[], None] | None = None,
    ) -> int:
        """Run a shift; return how many ticks it began."""

        def note(names: tuple[str, ...], tick: datetime) -> None:
            self.read += [(owner, name, tick) for name in names]
            self.while_reading(tick)

        def read(
            names: Sequence[str], tick: datetime, longest: float = inf, length: int | None = None
        ) -> Any:  # noqa: ANN401
            self.time_left.append(longest)
            self.lengths[tick] = length
            return all_stored(note)(names, tick, longest, length)

        def report(symbol: str, tick: datetime, entry: dict[str, Any]) -> None:
            self.reported.append((symbol, tick, entry["outcome"]))

        ledger = TickLedger(self.database)
        shift = Shift(
            owner=owner,
            ticks=ShiftTicks(rhythms or dict.fromkeys(symbols, Rhythm(interval)), self.market),
            agenda=OfTheSession(),
            warm_up=warm_up or Indexes(self.database, RETENTION_DAYS).ensure,
            enabled=lambda: True,
            register=ShiftRegister(self.database),
            ledger=ledger,
            outcomes=TickOutcomes(ledger, self.backlog, report, self.clock.now, owner),
            sources=one_source(read, self.clock.now),
            clock=self.clock,
            worker=InlineExecutor(),
        )
        return shift.run(self.clock.now() + lasting)

    def ticks_read(self, owner: str = "first", symbol: str = "NIFTY") -> list[datetime]:
        return [tick for by, name, tick in self.read if (by, name) == (owner, symbol)]

    def ledger(self, symbol: str = "NIFTY") -> list[dict[str, Any]]:
        return list(self.database["ticks"].find({"symbol": symbol}, sort=[("tick", 1)]))

    def outcomes(self, symbol: str = "NIFTY") -> list[str | None]:
        return [entry.get("outcome") for entry in self.ledger(symbol)]

    def at(self, instant: datetime, action: Callable[[], object]) -> None:
        self.clock.at(instant, action)

    def relieve(self, symbol: str) -> None:
        ShiftRegister(self.database).take_over([symbol], "second", self.clock.now())

    def database_back(self) -> None:
        self.database.away = False


def scene(start: datetime = NOON) -> Scene:
    return Scene(SimulatedClock(start))


def slow_to_fail() -> Scene:
    """A scene whose database, when away, takes three seconds to fail."""
    clock = SimulatedClock(NOON)
    return Scene(clock, database=ShakyDatabase(memory_database(), lambda: clock.sleep(3)))


def grid(since: datetime, count: int, interval: int = 5) -> list[datetime]:
    return [since + number * seconds(interval) for number in range(count)]


@pytest.mark.parametrize("jitter", [0.0, 0.4, 1.5])
def test_a_minute_has_twelve_ticks_on_the_grid(jitter: float) -> None:
    """A tick that has just begun is tried: the shift before may not have reached it."""
    here = scene(NOON + seconds(jitter))
    assert here.run(MINUTE - seconds(jitter)) == 12
    assert here.ticks_read() == grid(NOON, 12)


def test_a_shift_that_begins_between_two_ticks_waits_for_the_next() -> None:
    here = scene(NOON + seconds(2))
    here.run(seconds(8))
    assert here.ticks_read() == [NOON + seconds(5)]


@pytest.mark.parametrize("interval", [2, 5, 15, 60])
def test_the_grid_follows_the_interval(interval: int) -> None:
    here = scene()
    here.run(MINUTE, interval=interval)
    assert here.ticks_read() == grid(NOON, 60 // interval, interval)


def test_every_tick_of_every_symbol_has_one_outcome_with_lateness_and_end() -> None:
    here = scene(NOON + seconds(0.4))
    here.run(MINUTE, symbols=("NIFTY", "M&M"))
    ticks = grid(NOON, 12)
    for symbol in ("NIFTY", "M&M"):
        assert here.ticks_read(symbol=symbol) == ticks
        assert [entry["tick"] for entry in here.ledger(symbol)] == ticks
        assert here.outcomes(symbol) == ["stored"] * 12
    assert [entry["lateness_ms"] for entry in here.ledger()] == [400.0] + [0.0] * 11
    assert here.ledger()[1]["completed_at"] == NOON + seconds(5)
    assert here.reported == [(name, tick, "stored") for tick in ticks for name in ("NIFTY", "M&M")]


@pytest.mark.parametrize(
    "start",
    [
        OPENING - timedelta(minutes=5),
        CLOSE,
        datetime(2026, 6, 20, 6, 30, tzinfo=UTC),  # a Saturday
        datetime(2026, 6, 26, 6, 30, tzinfo=UTC),  # a holiday
    ],
)
def test_outside_a_session_a_shift_returns_at_once_and_asks_nothing(start: datetime) -> None:
    def unexpected() -> None:
        raise AssertionError("the database was asked")

    here = scene(start)
    here.database.away = True
    assert here.run(warm_up=unexpected) == 0
    assert here.clock.now() == start
    assert (here.reported, len(here.backlog)) == ([], 0)


@pytest.mark.parametrize(
    ("start", "ticks"),
    [
        (OPENING - seconds(40), [OPENING + number * seconds(5) for number in range(4)]),
        (CLOSE - seconds(12), [CLOSE - seconds(10), CLOSE - seconds(5)]),
    ],
)
def test_ticks_begin_at_the_opening_and_end_before_the_close(
    start: datetime, ticks: list[datetime]
) -> None:
    here = scene(start)
    here.run(MINUTE)
    assert here.ticks_read() == ticks


def test_a_relieved_shift_leaves_at_once() -> None:
    here = scene()
    relief = NOON + seconds(31.3)
    here.at(relief, lambda: here.relieve("NIFTY"))
    assert here.run() == 7
    assert here.ticks_read()[-1] < relief
    assert here.clock.now() - relief <= seconds(1)


@pytest.mark.parametrize("interval", [1, 5, 60])
def test_a_shift_that_is_not_relieved_leaves_after_two_minutes(interval: int) -> None:
    here = scene()
    here.run(timedelta(minutes=15), interval=interval)
    stayed = here.clock.now() - NOON
    assert timedelta(minutes=2) - seconds(interval) <= stayed <= timedelta(minutes=2)
    assert here.ticks_read()[-1] == NOON + timedelta(minutes=2) - seconds(interval)


def test_a_shift_leaves_before_its_lambda_is_ended() -> None:
    here = scene()
    here.run(seconds(20))
    assert here.clock.now() < NOON + seconds(20)


@pytest.mark.parametrize("start", [0.0, 1.0, 1.6, 30.0, 43.0, 59.0])
def test_at_sixty_seconds_no_tick_outlasts_its_invocation(start: float) -> None:
    """Each read takes all the time that it may. The handler asks for 135 s of Lambda's 150."""
    here = scene(NOON + seconds(start))

    def dawdle(tick: datetime) -> None:
        by_the_grid = tick + seconds(59.75) - here.clock.now()
        here.clock.sleep(min(by_the_grid.total_seconds(), here.time_left[-1]))

    here.while_reading = dawdle
    here.run(seconds(135), interval=60)
    assert here.clock.now() <= NOON + seconds(start + 135)
    assert set(here.outcomes()) == {"stored"}
    assert NOON + MINUTE in here.ticks_read()


def test_a_tick_that_begins_when_the_time_is_up_is_left_to_the_next_invocation() -> None:
    """It was written as failed by the database, which was well."""
    here = scene()
    here.while_reading = lambda tick: here.clock.sleep(11 if tick == NOON + seconds(110) else 0)
    here.run()
    assert here.clock.now() == NOON + seconds(121)
    assert here.outcomes() == ["stored"] * 23
    assert here.ledger()[-1]["tick"] == NOON + seconds(110)
    assert len(here.backlog) == 0


def test_a_tick_that_the_successor_claimed_keeps_the_successor_s_outcome() -> None:
    """The database was away for one environment alone: its entry comes later, and is not kept."""
    here = scene()
    here.database.away = True
    here.run(seconds(4))
    here.database_back()
    ledger = TickLedger(here.database)
    Indexes(here.database, RETENTION_DAYS).ensure()
    ledger.claim("NIFTY", NOON, "second", NOON)
    here.run(seconds(6), owner="third")
    assert here.outcomes() == [None, "stored"]
    ledger.record("NIFTY", NOON, {"outcome": "unchanged"}, "second")
    assert here.outcomes() == ["unchanged", "stored"]


@pytest.mark.parametrize("ahead", [3, 30])
def test_the_ticks_before_a_successor_whose_clock_is_ahead_are_still_read(ahead: int) -> None:
    here = scene()
    since = NOON + seconds(20.5 + ahead)
    register = ShiftRegister(here.database)
    here.at(NOON + seconds(20.5), lambda: register.take_over(["NIFTY"], "second", since))
    here.run()
    assert here.ticks_read() == [tick for tick in grid(NOON, 24) if tick < since - seconds(1.5)]


def test_a_stop_by_a_clock_that_is_ahead_is_obeyed_at_once() -> None:
    here = scene()
    ahead = NOON + seconds(60)
    register = ShiftRegister(here.database)
    here.at(NOON + seconds(7), lambda: register.take_over(["NIFTY"], NOBODY, ahead))
    here.run()
    assert here.ticks_read() == grid(NOON, 2)


def test_a_shift_leaves_its_hours_and_interval_in_the_history() -> None:
    here = scene(NOON + seconds(2))
    here.run(MINUTE, symbols=("NIFTY", "M&M"), interval=15)
    here.run(timedelta(minutes=5), owner="second", interval=5)
    register = ShiftRegister(here.database)
    second = here.ticks_read("second")[0]
    first, next_one = register.duties("NIFTY", NOON, NOON + timedelta(hours=1))
    assert first == Duty(NOON + seconds(2), NOON + seconds(62), 15)
    assert (next_one.interval, next_one.until - next_one.since) == (5, 2 * MINUTE)
    assert second - next_one.since <= seconds(5)
    assert register.duties("M&M", NOON, NOON + timedelta(hours=1)) == [first]


@pytest.mark.parametrize("delay", [0.0, 0.7, 2.5, 5.0, 31.3, 59.9, 61.2])
def test_a_relay_misses_no_tick_and_reads_none_twice(delay: float) -> None:
    """Whenever the next invocation comes, as late as the scheduler may be."""
    here = scene()
    here.at(NOON + seconds(delay), lambda: here.run(MINUTE, owner="second"))
    here.run()
    ticks = [tick for _, _, tick in here.read]
    assert sorted(ticks) == grid(NOON, len(ticks))
    assert {entry["owner"] for entry in here.ledger()} == {"first", "second"}
    assert set(here.outcomes()) == {"stored"}


def test_a_tick_that_another_shift_claimed_is_left_to_it() -> None:
    here = scene()
    Indexes(here.database, RETENTION_DAYS).ensure()
    TickLedger(here.database).claim("NIFTY", NOON + seconds(5), "another", NOON)
    here.run(seconds(15))
    assert here.ticks_read() == [NOON, NOON + seconds(10)]


def test_a_shift_that_is_relieved_of_one_symbol_stays_for_the_others() -> None:
    here = scene()
    here.at(NOON + seconds(7), lambda: here.relieve("NIFTY"))
    here.run(seconds(20), symbols=("NIFTY", "BANKNIFTY"))
    assert here.ticks_read(symbol="NIFTY") == grid(NOON, 2)
    assert here.ticks_read(symbol="BANKNIFTY") == grid(NOON, 4)


def test_a_database_away_at_the_start_costs_its_ticks_and_not_the_shift() -> None:
    here = scene()
    here.database.away = True
    here.at(NOON + seconds(12), here.database_back)
    assert here.run(seconds(30)) == 6
    assert here.outcomes() == ["failed"] * 3 + ["stored"] * 3
    assert [entry.get("reason") for entry in here.ledger()] == ["database"] * 3 + [None] * 3
    assert [entry["tick"] for entry in here.ledger()] == grid(NOON, 6)
    assert (here.ticks_read(), len(here.backlog)) == (grid(NOON, 6)[3:], 0)


def test_ticks_are_reported_and_kept_while_the_database_is_away() -> None:
    here = scene()
    here.database.away = True
    here.run(seconds(12), symbols=("NIFTY", "M&M"))
    assert [outcome for _, _, outcome in here.reported] == ["failed"] * 6
    assert (len(here.backlog), here.ticks_read()) == (6, [])


def test_an_absent_database_is_tried_once_a_tick_however_many_symbols() -> None:
    """Each try takes a time-out of three seconds, which must not slow the grid."""
    here = slow_to_fail()
    here.database.away = True
    assert here.run(MINUTE, symbols=[f"S{number}" for number in range(10)]) == 12
    assert here.clock.now() <= NOON + MINUTE + seconds(3)  # one more try at the end
    assert len(here.backlog) == 120


def test_outcomes_that_cannot_be_written_take_a_single_try() -> None:
    here = slow_to_fail()
    here.while_reading = lambda tick: setattr(here.database, "away", True)  # noqa: ARG005
    here.run(seconds(4), symbols=[f"S{number}" for number in range(10)])
    assert here.clock.now() == NOON + seconds(6)  # and one more at the end
    assert len(here.backlog) == 10


def test_the_next_invocation_writes_what_the_one_before_could_not() -> None:
    """The execution environment outlives an invocation, and so does its backlog."""
    here = scene()
    here.database.away = True
    here.run(seconds(12))
    here.database_back()
    here.run(seconds(10), owner="second")
    assert [entry["tick"] for entry in here.ledger()] == grid(NOON, 4)
    assert here.outcomes() == ["failed"] * 3 + ["stored"]


def test_a_shift_that_is_relieved_after_an_outage_writes_its_backlog() -> None:
    """Its execution environment may never be invoked again."""
    here = scene()

    def come_back() -> None:
        here.database_back()
        here.relieve("NIFTY")

    here.at(NOON + seconds(4), lambda: setattr(here.database, "away", True))
    here.at(NOON + seconds(5.5), come_back)
    here.run(MINUTE)
    assert here.clock.now() < NOON + seconds(10)
    assert (here.outcomes(), len(here.backlog)) == (["stored", "failed"], 0)


def test_an_outage_is_not_taken_for_a_relief() -> None:
    here = scene()
    here.at(NOON + seconds(11), lambda: setattr(here.database, "away", True))
    here.at(NOON + seconds(22), here.database_back)
    here.run(seconds(40))
    assert [entry["tick"] for entry in here.ledger()] == grid(NOON, 8)
    assert here.outcomes() == ["stored"] * 3 + ["failed"] * 2 + ["stored"] * 3


def test_a_database_that_goes_away_while_a_tick_is_read_gets_its_outcome_later() -> None:
    here = scene()
    here.while_reading = lambda tick: setattr(here.database, "away", tick == NOON)
    here.at(NOON + seconds(2), here.database_back)
    here.run(seconds(10))
    assert here.outcomes() == ["stored", "stored"]
    assert here.ledger()[0]["owner"] == "first"


def test_the_warm_up_is_tried_again_until_it_succeeds() -> None:
    attempts = []

    def warm_up() -> None:
        attempts.append(NOON)
        if len(attempts) < 3:
            raise StoreUnavailable("not yet")

    here = scene()
    here.run(seconds(30), warm_up=warm_up)
    assert len(attempts) == 3
    assert here.ticks_read() == grid(NOON, 6)[1:]


@pytest.mark.parametrize(
    ("interval", "taking", "first"),
    [
        (2, 0.9, 0),  # there is time enough to read what is left of the first tick
        (2, 1.1, 2),
        (2, 1.9, 2),
        (2, 7.5, 8),
        (5, 3.9, 0),
        (5, 4.1, 5),
        (1, 0.4, 0),
        (1, 2.6, 3),
    ],
)
def test_a_tick_that_the_warm_up_used_up_is_left(interval: int, taking: float, first: int) -> None:
    """It began before anyone was on duty, so to claim it and fail would blame the exchange."""
    here = scene()
    here.run(seconds(20), interval=interval, warm_up=lambda: here.clock.sleep(taking))
    ticks = here.ticks_read()
    assert ticks[0] == NOON + seconds(first)
    assert ticks == grid(ticks[0], len(ticks), interval)
    assert here.outcomes() == ["stored"] * len(ticks)


@pytest.mark.parametrize(("taking", "second"), [(7, "stored"), (12, "skipped")])
def test_a_tick_is_skipped_as_busy_if_the_last_takes_too_long(taking: float, second: str) -> None:
    here = scene()
    here.while_reading = lambda tick: here.clock.sleep(taking if tick == NOON else 0)
    here.run(seconds(20))
    assert here.outcomes() == ["stored", second, "stored", "stored"]
    assert here.ledger()[1].get("reason") == ("busy" if second == "skipped" else None)
    assert here.ledger()[1]["lateness_ms"] == (taking - 5) * 1e3


def test_an_unforeseen_error_costs_one_tick_and_is_raised_at_the_end() -> None:
    here = scene()

    def fail(tick: datetime) -> None:
        if tick == NOON + seconds(5):
            raise ZeroDivisionError

    here.while_reading = fail
    with pytest.raises(ZeroDivisionError):
        here.run(seconds(20))
    assert here.ticks_read() == grid(NOON, 4)
    assert here.outcomes() == ["stored", None, "stored", "stored"]


TIERS = {"NIFTY": Rhythm(5), "RELIANCE": Rhythm(15, 10), "IDEA": Rhythm(60, 35)}


def test_each_symbol_is_read_by_its_own_rhythm() -> None:
    here = scene()
    here.run(2 * MINUTE, rhythms=TIERS)
    for symbol, rhythm in TIERS.items():
        ticks = [tick for tick in grid(NOON, 24) if rhythm.has(tick)]
        assert here.ticks_read(symbol=symbol) == ticks
        assert here.outcomes(symbol) == ["stored"] * len(ticks)
    duties = here.database["duties"].find({}, {"_id": False}, sort=[("interval", 1)])
    assert [(each["symbols"], each["interval"], each["offset"]) for each in duties] == [
        ([symbol], *rhythm) for symbol, rhythm in TIERS.items()
    ]


def test_a_tick_ends_before_the_next_one_of_any_symbol_of_the_shift() -> None:
    here = scene()
    here.run(2 * MINUTE, rhythms={"RELIANCE": Rhythm(60), "IDEA": Rhythm(60, 35)})
    assert here.lengths == {
        NOON + seconds(after): length for after, length in ((0, 35), (35, 25), (60, 35), (95, 25))
    }


def test_without_the_database_a_tick_fails_for_the_symbols_that_were_due() -> None:
    here = scene()
    here.database.away = True
    here.run(seconds(20), rhythms=TIERS)
    assert [(symbol, tick) for symbol, tick, _ in here.reported] == [
        (symbol, tick) for tick in grid(NOON, 4) for symbol in TIERS if TIERS[symbol].has(tick)
    ]


def test_the_closing_tick_is_as_long_after_the_grid_as_the_others() -> None:
    here = scene(CLOSE + timedelta(minutes=4, seconds=30))
    here.run(2 * MINUTE, rhythms=TIERS)
    closing = CLOSE + timedelta(minutes=5)
    for symbol, rhythm in TIERS.items():
        assert here.ticks_read(symbol=symbol) == [closing + rhythm.delay]


def test_the_ticks_of_the_evening_are_full_minutes_for_all() -> None:
    evening = datetime(2026, 6, 19, 14, 15, tzinfo=UTC)
    here = scene(evening)
    here.run(2 * MINUTE, rhythms=TIERS)
    for symbol in TIERS:
        assert here.ticks_read(symbol=symbol) == [evening, evening + MINUTE]
    assert set(here.lengths.values()) == {60}


def test_a_shift_stays_while_it_holds_a_symbol_of_another_tick() -> None:
    """With another number of groups, symbols go to several new shifts, at several moments."""
    here = scene()
    here.at(NOON + seconds(7), lambda: here.relieve("NIFTY"))
    here.run(MINUTE, rhythms=TIERS)
    assert here.ticks_read() == grid(NOON, 2)
    assert here.ticks_read(symbol="IDEA") == [NOON + seconds(35)]
