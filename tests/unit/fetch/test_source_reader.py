"""Which of several sources a tick is read from, in simulated time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.source_switches import SourceSwitches, Switch
from chain_fetch.recording.source_choice.handover_rules import symbol_fault, tick_fault
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.source_choice.source_reader import (
    Results,
    SourceOrder,
    SourceReader,
    SymbolRead,
)
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason
from tests.support.bodies import EXPIRY
from tests.support.fakes import FakeStateStore, SimulatedClock
from tests.support.results import NoHistory, failed, good
from tests.support.snapshots import INTERVAL, TICK

SYMBOLS = ("NIFTY", "IDEA")
SECONDS = round(INTERVAL.total_seconds())
HUNG = failed("timeout")
HUNG.unfinished = True
# What a tick has of an expiry for which the request budget of its source has no place.
FULL = RequestResult(PlannedRequest("NIFTY", EXPIRY, True), "skipped", reason="busy", detail="full")


@dataclass
class FakeSource:
    """Answers what `brings` says of a symbol, else a good chain; takes `seconds` for it."""

    clock: SimulatedClock
    brings: dict[str, list[RequestResult]] = field(default_factory=dict)
    seconds: float = 0.2
    asked: list[tuple[str, ...]] = field(default_factory=list)
    longest: list[float] = field(default_factory=list)

    def read(
        self,
        symbols: Sequence[str],
        tick: datetime,  # noqa: ARG002
        longest: float = inf,
        length: int | None = None,  # noqa: ARG002
    ) -> Results:
        self.asked.append(tuple(symbols))
        self.longest.append(longest)
        self.clock.sleep(min(self.seconds, longest))
        return {name: self.brings.get(name, [good()]) for name in symbols}

    def refuse(self, reason: Reason, *symbols: str) -> None:
        self.brings = {name: [failed(reason)] for name in symbols or SYMBOLS}


@dataclass
class TickTime:
    """The time of a tick by a simulated clock; its invocation has no end."""

    clock: SimulatedClock
    tick: datetime
    interval: int = SECONDS
    symbols: int = len(SYMBOLS)

    def step(self, symbol: str) -> timedelta:  # noqa: ARG002
        return timedelta(seconds=self.interval)

    def left(self) -> float:
        return 60.0

    def is_over(self) -> bool:
        return self.clock.now() - self.tick > timedelta(seconds=self.interval - 1)


class Scene:
    """Two sources of one recorder; `a` is preferred."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(TICK)
        self.a, self.b = FakeSource(self.clock), FakeSource(self.clock)
        self.stores = [FakeStateStore(), FakeStateStore()]
        self.order = self.environment()
        self.tick = TICK

    def environment(self) -> SourceOrder:
        """Another execution environment over the same stored states."""
        sources = zip("ab", (self.a, self.b), self.stores, strict=True)
        readers = [
            SourceReader(name, source.read, SourceBackoff(store, self.clock.now))
            for name, source, store in sources
        ]
        return SourceOrder(readers, SourceSwitches(NoHistory()))

    def read(
        self, order: SourceOrder | None = None, symbols: Sequence[str] = SYMBOLS
    ) -> dict[str, SymbolRead]:
        """Read the next tick."""
        self.tick += INTERVAL
        self.clock.sleep((self.tick - self.clock.now()).total_seconds())
        found = (order or self.order).read(symbols, self.tick, TickTime(self.clock, self.tick))
        assert not isinstance(found, SourceState), found
        return found

    def source(self, symbol: str = "NIFTY") -> str:
        return self.read()[symbol].source

    def sources(self, ticks: int) -> str:
        return "".join(self.source() for _ in range(ticks))


@pytest.fixture
def here() -> Scene:
    return Scene()


@pytest.mark.parametrize("reason", [
    "server_error", "timeout", "empty", "unauthorised", "not_json", "blocked", "rate_limited",
    "invalid_payload", "truncated", "stale", "busy",
])  # fmt: skip
def test_one_bad_tick_is_enough_to_leave_a_source_and_is_not_lost(
    here: Scene, reason: Reason
) -> None:
    here.a.refuse(reason)
    first = here.read()["NIFTY"]
    assert (first.source, first.failures["a"].reason) == ("b", reason)
    assert first.results[0].outcome == "stored"
    here.a.asked.clear()
    assert here.sources(11) == "b" * 11
    assert here.a.asked == []


@pytest.mark.parametrize("reason", ["database", "relieved"])
def test_a_fault_of_this_recorder_leaves_no_source(here: Scene, reason: Reason) -> None:
    here.a.refuse(reason)
    assert here.sources(2) == "aa"
    assert here.b.asked == []


def test_a_source_comes_back_when_its_time_is_over(here: Scene) -> None:
    here.a.refuse("server_error")
    here.source()
    here.a.brings = {}
    assert here.sources(16).lstrip("b") in ("aaa", "aaaa")  # after a minute and up to a tenth


@given(st.lists(st.booleans(), min_size=300, max_size=300))
def test_a_flapping_source_never_switches_more_than_its_waits_allow(good_ticks: list[bool]) -> None:
    """Whatever it answers: it is left for a minute, two, four, …, and no tick is lost."""
    here, names = Scene(), ""
    for is_good in good_ticks:
        here.a.brings = {} if is_good else {name: [failed("server_error")] for name in SYMBOLS}
        read = here.read()["NIFTY"]
        assert read.results[0].outcome == "stored"
        names += read.source
    left = names.replace("a", " ").split()
    assert [len(part) >= 12 for part in left[:-1]] == [True] * len(left[:-1])
    assert len(left) <= 5  # 300 ticks are 25 minutes: 1 + 2 + 4 + 8 + 15


def test_a_source_that_has_proved_itself_is_left_for_a_minute_again(here: Scene) -> None:
    here.a.refuse("server_error")
    here.source()
    here.a.brings = {}
    here.sources(13 * 12)
    here.a.refuse("server_error")
    here.source()
    assert here.stores[0].state.times_left == 1


def test_a_source_without_a_place_in_its_budget_is_left(here: Scene) -> None:
    """Its windows open one place after the other: it would be left and taken at each tick."""
    here.a.brings = {name: [FULL] for name in SYMBOLS}
    first = here.read()["NIFTY"]
    assert (first.source, first.results[0].outcome) == ("b", "stored")
    assert (first.failures["a"].reason, first.failures["a"].detail) == ("busy", "full")
    here.a.brings = {}
    assert here.sources(11) == "b" * 11


def test_another_environment_knows_which_source_is_left(here: Scene) -> None:
    here.a.refuse("server_error")
    here.source()
    assert here.read(here.environment())["NIFTY"].source == "b"
    assert len(here.a.asked) == 1


def test_a_refusal_that_comes_too_late_costs_its_tick_alone(here: Scene) -> None:
    here.a.refuse("timeout")
    here.a.seconds = SECONDS - 0.5
    lost = here.read()["NIFTY"]
    assert (lost.source, lost.results[0].reason) == ("a", "timeout")
    assert here.sources(2) == "bb"


def test_a_source_that_comes_back_has_half_of_a_tick(here: Scene) -> None:
    here.a.refuse("timeout")
    here.a.seconds = 60
    here.source()
    reads = [here.read()["NIFTY"] for _ in range(40)]
    assert {read.results[0].outcome for read in reads} == {"stored"}
    assert here.a.longest[1:] == [SECONDS / 2] * (len(here.a.asked) - 1)
    assert len(here.a.asked) > 1


def test_nothing_is_mixed_into_a_tick_that_may_still_be_stored(here: Scene) -> None:
    """A request that has not ended may store its chain after that of the other source."""
    here.a.brings = {name: [HUNG] for name in SYMBOLS}
    assert here.source() == "a"
    assert here.b.asked == []
    assert here.source() == "b"


def test_a_symbol_that_one_source_lacks_is_read_from_the_other(here: Scene) -> None:
    here.a.refuse("empty", "IDEA")
    for _ in range(5):
        assert {name: read.source for name, read in here.read().items()} == {
            "NIFTY": "a",
            "IDEA": "b",
        }
    here.b.refuse("empty", "IDEA")
    for _ in range(5):
        both = here.read()["IDEA"]
        assert (both.source, both.results[0].outcome) == ("b", "failed")
    here.a.refuse("server_error")
    assert here.source() == "b"  # it was not held against it


@pytest.mark.parametrize(("reason", "others"), [("empty", "a"), ("stale", "a"), ("timeout", "b")])
def test_a_symbol_with_a_tick_of_its_own_does_not_take_the_others_away(
    here: Scene, reason: Reason, others: str
) -> None:
    """The symbols of a tier are spread over its ticks; a source may lack one of them."""
    here.a.refuse(reason, "IDEA")
    for _ in range(3):
        assert here.read(symbols=["IDEA"])["IDEA"].source == "b"
        assert here.read(symbols=["NIFTY"])["NIFTY"].source == others


def test_a_part_of_a_symbol_is_not_asked_of_another_source(here: Scene) -> None:
    here.a.brings = {"NIFTY": [good(), failed("timeout")], "IDEA": [good()]}
    assert here.sources(3) == "aaa"


def test_where_both_refuse_the_rules_of_a_single_source_hold(here: Scene) -> None:
    here.a.refuse("server_error")
    here.b.refuse("server_error")
    assert here.source() == "b"
    assert here.stores[1].state.until is None
    here.a.brings = {}
    here.b.refuse("blocked")
    assert here.sources(2) == "aa"  # `a` is left, but better than none


def test_if_all_wait_the_first_says_why(here: Scene) -> None:
    here.a.refuse("blocked")
    here.b.refuse("rate_limited")
    here.source()
    state = here.order.read(SYMBOLS, here.tick, TickTime(here.clock, here.tick))
    assert isinstance(state, SourceState)
    assert state.reason == "blocked"


def test_a_switch_names_the_source_before_and_why(here: Scene) -> None:
    class History:
        def last_sources(self, symbols: Sequence[str], before: datetime) -> dict[str, str]:  # noqa: ARG002
            return dict.fromkeys(symbols, self.source)

        source = "a"

    history = History()
    order = SourceOrder(here.order.readers, SourceSwitches(history))
    assert here.read(order)["NIFTY"].switch is None
    here.a.refuse("server_error")
    assert here.read(order)["NIFTY"].switch == Switch("a", "server_error")
    history.source = "b"
    assert here.read(order)["NIFTY"].switch is None
    here.a.brings = {}
    here.clock.sleep(120)
    here.tick = here.clock.now()
    assert here.read(order)["NIFTY"].switch == Switch("b", "preferred")
    history.source = "dhan"
    here.clock.sleep(60)
    here.tick = here.clock.now()
    assert here.read(order)["NIFTY"].switch == Switch("dhan", "setting")


@pytest.mark.parametrize(("results", "of_symbol", "of_tick"), [
    ([], False, False),
    ([good()], False, False),
    ([failed()], True, True),
    ([failed(), good(required=False)], False, False),
    ([failed(), failed("blocked", required=False)], True, True),
    ([failed("blocked", required=False)], False, False),
    ([failed(), failed("database")], False, False),
    ([HUNG, failed()], False, True),
    ([FULL], True, True),
    ([FULL, good()], False, False),
])  # fmt: skip
def test_what_counts_as_bringing_nothing(
    results: list[RequestResult], *, of_symbol: bool, of_tick: bool
) -> None:
    assert bool(symbol_fault(results)) == of_symbol
    assert bool(tick_fault({"NIFTY": results})) == of_tick
