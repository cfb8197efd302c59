"""What an invocation reports at its start: ticks nobody claimed, and a recorder that is off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chain_fetch.recording.shifts.start_report import StartReport
from chain_fetch.recording.ticks.shift_hours import CLOCK_SKEW
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from optionchain.errors import StoreUnavailable
from optionchain.market import Market
from optionchain.mongo.recorder_switch import NOBODY, RecorderSwitch
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm
from tests.support.fakes import SimulatedClock
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock
NOON = datetime(2026, 6, 19, 6, 30, tzinfo=UTC)
OPENING = datetime(2026, 6, 19, 3, 45, tzinfo=UTC)
SYMBOLS = ("NIFTY", "BANKNIFTY")
SECOND = timedelta(seconds=1)


class Counted(dict[str, list[int]]):
    """The numbers that were reported, by metric."""

    def count(self, name: str, number: int) -> None:
        self.setdefault(name, []).append(number)


class Scene:
    """A database in which invocations begin, and what they report."""

    def __init__(self, now: datetime = NOON, market: Market | None = None) -> None:
        self.database = memory_database()
        self.register, self.ledger = ShiftRegister(self.database), TickLedger(self.database)
        self.clock, self.market, self.counted = SimulatedClock(now), market or Market(), Counted()

    def begin(self, do_warm_up: Callable[[], None] = lambda: None) -> StartReport:
        return StartReport(
            ticks=ShiftTicks(dict.fromkeys(SYMBOLS, Rhythm(5)), self.market),
            register=self.register,
            ledger=self.ledger,
            counts=self.counted,
            now=self.clock.now,
            do_warm_up=do_warm_up,
            is_enabled=RecorderSwitch(self.database).enabled,
        )

    def shift(self, since: datetime, seconds: int, owner: str = "before") -> None:
        """An invocation takes over and claims the ticks of so many seconds."""
        self.register.take_over(SYMBOLS, owner, since)
        for after in range(0, seconds, 5):
            for symbol in SYMBOLS:
                self.ledger.claim(symbol, since + after * SECOND, owner, since)


MINUTE = 60 * SECOND


@pytest.mark.parametrize(
    ("began", "claimed_for", "missed"),
    [
        (NOON - MINUTE, 60, 0),
        (NOON - MINUTE, 25, 7),
        (NOON - MINUTE, 0, 12),
        (NOON - 2 * MINUTE, 60, 12),  # nobody relieved it, and it ended
        (NOON - 14 * MINUTE, 60, 12 * 13),
        (NOON - timedelta(days=3), 0, 15 * 12),  # no more than a quarter of an hour
        (NOON + 30 * SECOND, 0, 0),  # the clock of another environment is ahead
    ],
)
def test_due_ticks_that_nobody_claimed_are_missed(
    began: datetime, claimed_for: int, missed: int
) -> None:
    here = Scene()
    here.shift(began, claimed_for)
    here.begin().warm_up()
    assert here.counted == {"TicksMissed": [missed * len(SYMBOLS)]}


def test_each_tick_is_counted_once() -> None:
    """Whoever begins counts from the first tick that the one before it tried."""
    here = Scene(OPENING - MINUTE)
    here.shift(OPENING - MINUTE, 0)
    for begins in (0, 3, 7, 61, 130, 131, 200):  # nobody ever claims anything
        here.clock.sleep((OPENING + begins * SECOND - here.clock.now()).total_seconds())
        here.begin().warm_up()
        here.register.take_over(SYMBOLS, f"at {begins}", here.clock.now())
        ticks = -(-max(begins - CLOCK_SKEW.total_seconds(), 0) // 5)
        assert sum(here.counted["TicksMissed"]) == ticks * len(SYMBOLS)


@pytest.mark.parametrize(
    ("now", "began"),
    [
        (OPENING, OPENING - timedelta(hours=18)),  # the night is not missed
        (NOON + timedelta(days=1), NOON),  # nor is a Saturday
    ],
)
def test_nothing_is_missed_while_the_market_is_closed(now: datetime, began: datetime) -> None:
    here = Scene(now)
    here.shift(began, 0)
    here.begin().warm_up()
    assert here.counted == {"TicksMissed": [0]}


@pytest.mark.parametrize("owner", [None, NOBODY])
def test_nothing_is_missed_before_the_first_shift_or_after_a_stop(owner: str | None) -> None:
    here = Scene()
    if owner:
        here.shift(NOON - 10 * MINUTE, 0, owner)
    here.begin().warm_up()
    assert here.counted == {"TicksMissed": [0]}


@pytest.mark.parametrize("enabled", [True, False])
def test_first_look_at_the_switch_is_reported(enabled: bool) -> None:
    here = Scene()
    RecorderSwitch(here.database).switch(SYMBOLS, NOON, enabled=enabled)
    report = here.begin()
    assert [report.enabled() for _ in range(3)] == [enabled] * 3
    assert here.counted == {"Stopped": [int(not enabled)]}


def test_ticks_are_counted_when_the_database_is_back() -> None:
    answers = iter([StoreUnavailable("away"), None, None])

    def warm_up() -> None:
        if error := next(answers):
            raise error

    here = Scene()
    report = here.begin(warm_up)
    with pytest.raises(StoreUnavailable):
        report.warm_up()
    for _ in range(2):
        report.warm_up()
    assert here.counted == {"TicksMissed": [0]}


def test_ticks_are_missed_by_the_rhythm_that_held_then() -> None:
    """A change of tiers is no alarm, and what one symbol had too much is no other's."""
    here, since = Scene(), NOON - MINUTE
    slow, fast = Duty(since, NOON, 60), Duty(since, NOON, 5)
    here.register.begin_all({slow: SYMBOLS[:1], fast: SYMBOLS[1:]}, "before")
    here.ledger.claim(SYMBOLS[0], since, "before", since)
    for after in range(0, 50, 5):
        here.ledger.claim(SYMBOLS[1], since + after * SECOND, "before", since)
    assert here.begin().missed_ticks() == 2


def test_a_symbol_of_another_group_does_not_hide_what_was_missed() -> None:
    here = Scene()
    here.register.take_over(SYMBOLS[:1], "dead", NOON - 10 * MINUTE)
    here.register.take_over(SYMBOLS[1:], "alive", NOON - MINUTE)
    for after in range(0, 60, 5):
        here.ledger.claim(SYMBOLS[1], NOON - MINUTE + after * SECOND, "alive", NOON)
    assert here.begin().missed_ticks() == 10 * 12
