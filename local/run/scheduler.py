"""A local EventBridge Scheduler and Lambda: an invocation a minute, in warm environments."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from optionchain.errors import StoreUnavailable

# An invocation checks once a second whether it was relieved, and then ends its last tick.
_LEAVE_SECONDS = 4

_SWITCH_INTERVAL = timedelta(seconds=1)
# While the database is unreachable each read takes a whole time-out.
_SWITCH_INTERVAL_UNREACHABLE = timedelta(seconds=5)
_STOPPED = "Recording is stopped; POST /pipeline/start starts it."
_STARTED = "Recording is started."

type Event = Mapping[str, Any]
type PrintLine = Callable[[str], None]


class ExecutionEnvironment(Protocol):
    """Runs one invocation at a time, like an execution environment of Lambda."""

    request_id: str | None  # of the running invocation

    def invoke(self, event: Event, request_id: str) -> None:
        """Begin an invocation."""

    def collect(self) -> str | None:
        """Note an invocation that has ended; return its error as a sentence, if it has one."""

    def ended(self) -> bool:
        """Tell whether it can take no more invocations."""

    def stop(self) -> None:
        """End it, together with a running invocation."""


class Scheduler:
    """Invokes at once and then at each minute of the wall clock; call `tick` often.

    As in Lambda, a running invocation does not delay the next one: that one gets an idle
    environment, or a new one. `relieve` makes the invocation with a request id leave. While
    `is_enabled` says no, nothing is invoked; when it says yes again, an invocation begins at once.
    """

    def __init__(
        self,
        event: Event,
        start: Callable[[], ExecutionEnvironment],
        relieve: Callable[[str], None],
        print_line: PrintLine,
        is_enabled: Callable[[], bool] = lambda: True,
    ) -> None:
        self._event = event
        self._start = start
        self._relieve = relieve
        self._print_line = print_line
        self._switch = _Switch(is_enabled, print_line)
        self._minute: datetime | None = None
        self._environments = [start()]  # warm by the first invocation

    def tick(self, now: datetime) -> None:
        """Note invocations that have ended, and invoke where a minute has begun."""
        self._collect()
        if not self._switch.is_on(now):
            self._minute = None
            with suppress(StoreUnavailable):  # the next call tries again
                self._relieve_all()  # one may have begun when the switch was turned off
            return
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._idle_environment().invoke(self._event, str(uuid4()))

    def stop(self) -> None:
        """Make the invocations leave their shifts, then end the environments."""
        deadline = time.monotonic() + _LEAVE_SECONDS
        try:
            while self._busy() and time.monotonic() < deadline:
                # Repeated, because an invocation that has just begun may hold no shift yet.
                self._relieve_all()
                time.sleep(0.1)
                self._collect()
        except StoreUnavailable:
            pass  # the shifts cannot be changed; the environments end all the same
        finally:
            for environment in self._environments:
                environment.stop()

    def _idle_environment(self) -> ExecutionEnvironment:
        for environment in self._environments:
            if environment.request_id is None:
                return environment
        self._environments.append(self._start())
        return self._environments[-1]

    def _relieve_all(self) -> None:
        for environment in self._busy():
            self._relieve(environment.request_id or "")

    def _busy(self) -> list[ExecutionEnvironment]:
        return [each for each in self._environments if each.request_id is not None]

    def _collect(self) -> None:
        for environment in self._environments:
            if error := environment.collect():
                self._print_line(error)
        self._environments = [each for each in self._environments if not each.ended()]


class _Switch:
    """The recorder's switch as the database has it; prints a line when it changes."""

    def __init__(self, is_enabled: Callable[[], bool], print_line: PrintLine) -> None:
        self._is_enabled = is_enabled
        self._print_line = print_line
        self._on = True
        self._read_at: datetime | None = None
        self._interval = _SWITCH_INTERVAL

    def is_on(self, now: datetime) -> bool:
        """Tell whether to invoke; the database is read once a second, less often if unreachable."""
        # The absolute value, so that a clock that is set back does not delay the next read.
        if self._read_at is None or abs(now - self._read_at) >= self._interval:
            self._read_at = now
            self._read()
        return self._on

    def _read(self) -> None:
        try:
            on = self._is_enabled()
        except StoreUnavailable:
            self._interval = _SWITCH_INTERVAL_UNREACHABLE
            return  # the last known position holds
        self._interval = _SWITCH_INTERVAL
        if on is not self._on:
            self._print_line(_STARTED if on else _STOPPED)
        self._on = on
