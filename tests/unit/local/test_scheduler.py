"""An invocation at the start and at each minute, whatever the outcome of the one before."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.run.scheduler import Scheduler
from optionchain.errors import StoreUnavailable

START = datetime(2026, 11, 23, 4, 0, 37, tzinfo=UTC)
EVENT = {"symbols": ["NIFTY"]}
STOPPED = "Recording is stopped; POST /pipeline/start starts it."
STARTED = "Recording is started."


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
    """A scheduler with fakes around it."""

    def __init__(self) -> None:
        self.environments: list[FakeEnvironment] = []
        self.printed: list[str] = []
        self.relieved: list[str] = []
        self.unreachable = False
        self.enabled = True
        self.switch_reads = 0
        self.scheduler = Scheduler(
            EVENT, self._start, self._relieve, self.printed.append, self._is_enabled
        )

    def tick(self, *seconds: float) -> list[int]:
        """Call `tick` at these seconds; return the invocations of each environment."""
        for second in seconds:
            self.scheduler.tick(START + timedelta(seconds=second))
        return [len(environment.invoked) for environment in self.environments]

    def _start(self) -> FakeEnvironment:
        self.environments.append(FakeEnvironment())
        return self.environments[-1]

    def _is_enabled(self) -> bool:
        self.switch_reads += 1
        if self.unreachable:
            raise StoreUnavailable("unreachable")
        return self.enabled

    def _relieve(self, request_id: str) -> None:
        if self.unreachable:
            raise StoreUnavailable("unreachable")
        self.relieved.append(request_id)
        for environment in self.environments:
            if environment.request_id == request_id:
                environment.request_id = None


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("seconds", "count"),
    [
        ([0], 1),
        ([0, 22.9], 1),
        ([0, 23], 2),
        ([0, 23, 82.9], 2),
        ([0, 23, 83], 3),
        pytest.param([0, 3600, 3600.25], 2, id="a machine that slept does not catch up"),
        pytest.param([0, -3600], 2, id="a clock that is set back does not stop it"),
    ],
)
def test_it_invokes_at_once_and_each_minute(bench: Bench, seconds: list[float], count: int) -> None:
    assert sum(bench.tick(*seconds)) == count


def test_a_running_invocation_does_not_delay_the_next_which_has_its_own_id(bench: Bench) -> None:
    assert bench.tick(0, 60) == [1, 1]
    first, second = bench.environments
    assert first.invoked == second.invoked == [EVENT]
    assert first.request_id != second.request_id


def test_an_idle_environment_is_used_again(bench: Bench) -> None:
    for minute in range(3):
        bench.tick(minute * 60)
        bench.environments[0].request_id = None
    assert bench.tick() == [3]


def test_an_invocation_that_raises_is_reported_once(bench: Bench) -> None:
    bench.tick(0)
    bench.environments[0].error = "an invocation failed: KeyError"
    bench.tick(1, 2)
    assert bench.printed == ["an invocation failed: KeyError"]


def test_an_environment_that_has_ended_is_replaced(bench: Bench) -> None:
    bench.tick(0)
    bench.environments[0].error = "an invocation failed: its process ended"
    bench.environments[0].broken = True
    assert bench.tick(60) == [1, 1]


@pytest.mark.parametrize("unreachable", [False, True])
def test_stopping_relieves_if_it_can_and_ends_all(bench: Bench, *, unreachable: bool) -> None:
    bench.tick(0)
    running = bench.environments[0].request_id
    bench.unreachable = unreachable
    bench.scheduler.stop()
    assert bench.relieved == ([] if unreachable else [running])
    assert all(environment.stopped for environment in bench.environments)


def test_nothing_is_invoked_while_it_is_switched_off(bench: Bench) -> None:
    bench.enabled = False
    assert bench.tick(*range(0, 300, 7)) == [0]
    assert bench.printed == [STOPPED]


def test_switched_off_it_relieves_the_running_invocation(bench: Bench) -> None:
    """The API has relieved the owner already, but this invocation may have taken over since."""
    bench.tick(0)
    running = bench.environments[0].request_id
    bench.enabled = False
    bench.tick(1, 2)
    assert bench.relieved == [running]


def test_switched_on_again_it_invokes_without_waiting_for_the_minute(bench: Bench) -> None:
    bench.tick(0)
    bench.enabled = False
    bench.tick(1)
    bench.enabled = True
    assert bench.tick(2, 3) == [2]
    assert bench.printed == [STOPPED, STARTED]


def test_the_switch_is_read_once_a_second_also_after_the_clock_is_set_back(bench: Bench) -> None:
    bench.tick(*(quarter / 4 for quarter in range(40)))
    assert bench.switch_reads == 10
    bench.enabled = False
    bench.tick(-3600)
    assert bench.printed == [STOPPED]


@pytest.mark.parametrize("enabled", [True, False])
def test_an_unreachable_database_leaves_the_switch_as_it_is(bench: Bench, *, enabled: bool) -> None:
    bench.enabled = enabled
    bench.tick(0)
    bench.unreachable = True
    bench.tick(30)
    reads = bench.switch_reads
    invocations = bench.tick(*range(31, 91))
    assert bench.switch_reads - reads == 12, "each read takes a whole time-out"
    assert (sum(invocations) > 1) is enabled
    bench.unreachable, bench.enabled = False, not enabled
    bench.tick(96)
    assert bench.printed[-1] == (STOPPED if enabled else STARTED)
