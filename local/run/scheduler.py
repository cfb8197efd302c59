"""What EventBridge Scheduler and Lambda are in AWS: an invocation a minute, in warm processes."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from optionchain.errors import StoreUnavailable

# An invocation looks once a second whether it was relieved, and then ends its last tick.
_LEAVE_SECONDS = 4

# How often the switch is looked at, and how often while the database is away.
_LOOK = timedelta(seconds=1)
_LOOK_WHILE_AWAY = timedelta(seconds=5)
_STOPPED = "Recording is stopped; POST /pipeline/start starts it."
_STARTED = "Recording is started."

type Event = Mapping[str, Any]
type PrintLine = Callable[[str], None]


class Environment(Protocol):
    """Runs one invocation at a time."""

    request_id: str | None  # of the invocation under way

    def invoke(self, event: Event, request_id: str) -> None:
        """Begin an invocation."""

    def collect(self) -> str | None:
        """Take note of an invocation that has ended; return its error, if it has one."""

    def ended(self) -> bool:
        """Tell whether it can take no more invocations."""

    def stop(self) -> None:
        """End it, whatever is under way."""


class Scheduler:
    """Invokes at once and then at each minute of the wall clock; `tick` is called often.

    As in Lambda, an invocation that is not over does not hold up the next: that one has another
    environment, a new one where none is idle. `relieve` makes the invocation of a request id leave.
    While `enabled` says no, nothing is invoked; as soon as it says yes again, something is.
    """

    def __init__(
        self,
        event: Event,
        start: Callable[[], Environment],
        relieve: Callable[[str], None],
        say: PrintLine,
        enabled: Callable[[], bool] = lambda: True,
    ) -> None:
        self._event = event
        self._start = start
        self._relieve = relieve
        self._say = say
        self._switch = _Switch(enabled, say)
        self._minute: datetime | None = None
        self._environments = [start()]  # warm by the first invocation

    def tick(self, now: datetime) -> None:
        """Note what has ended, and invoke where a minute has begun."""
        self._collect()
        if not self._switch.is_on(now):
            self._minute = None
            with suppress(StoreUnavailable):  # then at the next tick
                self._relieve_all()  # one may have begun as it was switched off
            return
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._idle().invoke(self._event, str(uuid4()))

    def stop(self) -> None:
        """Have the invocations leave their shifts, then end the environments."""
        deadline = time.monotonic() + _LEAVE_SECONDS
        try:
            while self._busy() and time.monotonic() < deadline:
                # Each time anew: one that has just begun may have had no shift to leave yet.
                self._relieve_all()
                time.sleep(0.1)
                self._collect()
        except StoreUnavailable:
            pass  # nobody can be told; they are ended all the same
        finally:
            for environment in self._environments:
                environment.stop()

    def _idle(self) -> Environment:
        for environment in self._environments:
            if environment.request_id is None:
                return environment
        self._environments.append(self._start())
        return self._environments[-1]

    def _relieve_all(self) -> None:
        for environment in self._busy():
            self._relieve(environment.request_id or "")

    def _busy(self) -> list[Environment]:
        return [one for one in self._environments if one.request_id is not None]

    def _collect(self) -> None:
        for environment in self._environments:
            if error := environment.collect():
                self._say(error)
        self._environments = [one for one in self._environments if not one.ended()]


class _Switch:
    """What the API's start and stop have come to; said in a line when it changes."""

    def __init__(self, enabled: Callable[[], bool], say: PrintLine) -> None:
        self._enabled = enabled
        self._say = say
        self._on = True
        self._looked: datetime | None = None
        self._wait = _LOOK

    def is_on(self, now: datetime) -> bool:
        """Tell whether to invoke; looks once a second, and less often where nobody answers."""
        # A clock that is set back must not put off the next look.
        if self._looked is None or abs(now - self._looked) >= self._wait:
            self._looked = now
            self._look()
        return self._on

    def _look(self) -> None:
        try:
            on = self._enabled()
        except StoreUnavailable:
            self._wait = _LOOK_WHILE_AWAY  # each look takes a time-out; as it was, so it stays
            return
        self._wait = _LOOK
        if on is not self._on:
            self._say(_STARTED if on else _STOPPED)
        self._on = on
