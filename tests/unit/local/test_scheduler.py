"""An invocation at the start and at each minute, whatever became of the one before."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.run.scheduler import Scheduler
from optionchain.errors import StoreUnavailable

START = datetime(2026, 11, 23, 4, 0, 37, tzinfo=UTC)
EVENT = {"symbols": ["NIFTY"]}


class FakeEnvironment:
    """Ends an invocation when told to, or as soon as it is relieved."""

    def __init__(self) -> None:
        self.request_id: str | None = None
        self.invoked: list[Mapping[str, Any]] = []
        self.error: str | None = None
        self.broken = False
        self.stopped = False

    def invoke(self, event: Mapping[str, Any], request_id: str) -> None:
        self.request_id = request_id
        self.invoked.append(event)

    def collect(self) -> str | None:
        error, self.error = self.error, None
        if error:
            self.request_id = None
        return error

    def ended(self) -> bool:
        return self.broken

    def stop(self) -> None:
        self.stopped = True


class Bench:
    """A scheduler with all that it touches."""

    def __init__(self, database_away: bool = False) -> None:
        self.environments: list[FakeEnvironment] = []
        self.said: list[str] = []
        self.relieved: list[str] = []
        self.away = database_away
        self.on = True
        self.looks = 0
        self.scheduler = Scheduler(
            EVENT, self._start, self._relieve, self.said.append, self._enabled
        )

    def tick(self, seconds: float) -> None:
        self.scheduler.tick(START + timedelta(seconds=seconds))

    def invocations(self) -> list[int]:
        return [len(environment.invoked) for environment in self.environments]

    def _start(self) -> FakeEnvironment:
        self.environments.append(FakeEnvironment())
        return self.environments[-1]

    def _enabled(self) -> bool:
        self.looks += 1
        if self.away:
            raise StoreUnavailable("away")
        return self.on

    def _relieve(self, request_id: str) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.relieved.append(request_id)
        for environment in self.environments:
            if environment.request_id == request_id:
                environment.request_id = None


def test_it_invokes_at_once_and_then_when_a_minute_begins() -> None:
    bench = Bench()
    bench.tick(0)
    assert bench.invocations() == [1]
    bench.tick(22.9)
    assert bench.invocations() == [1]
    bench.tick(23)
    assert sum(bench.invocations()) == 2
    bench.tick(82.9)
    assert sum(bench.invocations()) == 2
    bench.tick(83)
    assert sum(bench.invocations()) == 3


def test_the_handler_is_given_the_event_and_an_id_of_its_own() -> None:
    bench = Bench()
    bench.tick(0)
    bench.tick(60)
    first, second = bench.environments
    assert first.invoked == second.invoked == [EVENT]
    assert first.request_id != second.request_id


def test_an_invocation_that_is_not_over_does_not_hold_up_the_next() -> None:
    bench = Bench()
    bench.tick(0)
    bench.tick(60)
    assert bench.invocations() == [1, 1]


def test_an_idle_environment_is_used_again() -> None:
    bench = Bench()
    for minute in range(3):
        bench.tick(minute * 60)
        bench.environments[0].request_id = None
    assert bench.invocations() == [3]


def test_a_machine_that_slept_is_not_made_to_catch_up() -> None:
    bench = Bench()
    bench.tick(0)
    bench.tick(3600)
    bench.tick(3600.25)
    assert sum(bench.invocations()) == 2


def test_a_clock_set_back_does_not_stop_it() -> None:
    bench = Bench()
    bench.tick(0)
    bench.tick(-3600)
    assert sum(bench.invocations()) == 2


def test_an_invocation_that_raises_is_told_once() -> None:
    bench = Bench()
    bench.tick(0)
    bench.environments[0].error = "an invocation failed: KeyError"
    bench.tick(1)
    bench.tick(2)
    assert bench.said == ["an invocation failed: KeyError"]


def test_an_environment_that_has_ended_is_replaced() -> None:
    bench = Bench()
    bench.tick(0)
    bench.environments[0].error = "an invocation failed: its process ended"
    bench.environments[0].broken = True
    bench.tick(60)
    assert bench.invocations() == [1, 1]


def test_stopping_relieves_what_is_under_way_then_ends_all() -> None:
    bench = Bench()
    bench.tick(0)
    on_duty = bench.environments[0].request_id
    bench.scheduler.stop()
    assert bench.relieved == [on_duty]
    assert all(environment.stopped for environment in bench.environments)


def test_stopping_needs_no_database() -> None:
    bench = Bench(database_away=True)
    bench.tick(0)
    bench.scheduler.stop()
    assert bench.environments[0].stopped


STOPPED = "Recording is stopped; POST /pipeline/start starts it."
STARTED = "Recording is started."


def test_while_it_is_switched_off_nothing_is_invoked() -> None:
    bench = Bench()
    bench.on = False
    for seconds in range(0, 300, 7):
        bench.tick(seconds)
    assert bench.invocations() == [0]
    assert bench.said == [STOPPED]


def test_switched_off_during_an_invocation_it_relieves_it() -> None:
    """The API has relieved who was on duty; this one may have taken over a moment later."""
    bench = Bench()
    bench.tick(0)
    on_duty = bench.environments[0].request_id
    bench.on = False
    bench.tick(1)
    assert bench.relieved == [on_duty]
    bench.tick(2)
    assert bench.relieved == [on_duty]


def test_switched_on_again_it_invokes_without_waiting_for_the_minute() -> None:
    bench = Bench()
    bench.tick(0)
    bench.on = False
    bench.tick(1)
    bench.on = True
    bench.tick(2)
    assert bench.invocations() == [2]
    assert bench.said == [STOPPED, STARTED]
    bench.tick(3)
    assert bench.invocations() == [2]


def test_switch_is_looked_at_once_a_second() -> None:
    bench = Bench()
    for quarter in range(40):
        bench.tick(quarter / 4)
    assert bench.looks == 10


def test_clock_set_back_does_not_blind_it() -> None:
    bench = Bench()
    bench.tick(0)
    bench.on = False
    bench.tick(-3600)
    assert bench.said == [STOPPED]


@pytest.mark.parametrize("on", [True, False])
def test_database_that_goes_away_leaves_the_switch_as_it_was(on: bool) -> None:
    bench = Bench()
    bench.on = on
    bench.tick(0)
    bench.away = True
    bench.tick(30)
    looks = bench.looks
    for seconds in range(31, 91):
        bench.tick(seconds)
    assert bench.looks - looks == 12, "each look takes a time-out"
    assert (sum(bench.invocations()) > 1) is on
    bench.away, bench.on = False, not on
    bench.tick(96)
    assert bench.said[-1] == (STOPPED if on else STARTED)
