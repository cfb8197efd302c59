"""Begins, repeats and kills the invocations of one recorder, each in its own process."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from local.processes import ManagedProcess
from local.run.execution_environment import ProcessEnvironment
from tests.soak.shift_coverage import Invocation

# EventBridge Scheduler fires at any moment of the minute. The rest is for a cold start.
_JITTER = 0.9
# The probability that an invocation is delivered twice, and that a kill hits the newest one.
_TWICE, _KILL_NEWEST = 0.15, 0.7
# A killed invocation is replaced within so many seconds, so that a soak need not wait a minute.
_REPLACED_SECONDS = 8.0


class KillableEnvironment(ProcessEnvironment):
    """An execution environment that can be killed, like a crash."""

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._process.process.kill()
        self.stop()


class Invoker:
    """Begins an invocation in each `minute` (in seconds; a short run has shorter ones).

    It begins at a random moment, and sometimes twice. Without a `minute` two invocations compete:
    each is invoked again shortly after the other has relieved it. Call `tick` often.
    """

    def __init__(
        self,
        start: Callable[[], ManagedProcess],
        chance: random.Random,
        now: datetime,
        minute: float | None = None,
    ) -> None:
        self._start = start
        self._chance = chance
        self._minute = minute
        self._next = now
        self._due = [now] if minute else [now, self._soon(now)]
        self._environments: list[KillableEnvironment] = []
        self.invocations: dict[str, Invocation] = {}
        self.errors: list[str] = []

    def tick(self, now: datetime) -> None:
        """Note invocations that have ended; begin those that are due."""
        self.collect(now)
        if self._minute and now >= self._next:
            self._plan(self._minute)
        for due in [due for due in self._due if due <= now]:
            self._due.remove(due)
            self._invoke(now)

    def collect(self, now: datetime) -> bool:
        """Note invocations that have ended; return whether any is still running."""
        for environment in self._busy():
            invocation = self.invocations[environment.request_id or ""]
            if error := environment.collect():
                self.errors.append(error)
            if environment.request_id is None:
                invocation.ended = now
                if not self._minute:
                    self._due.append(self._soon(now))
        return bool(self._busy())

    def kill(self, now: datetime) -> None:
        """Kill a running invocation, mostly the newest; another one begins soon after."""
        if not (busy := self._busy()):
            return
        newest = max(busy, key=lambda each: self.invocations[each.request_id or ""].begun)
        victim = newest if self._chance.random() < _KILL_NEWEST else self._chance.choice(busy)
        invocation = self.invocations[victim.request_id or ""]
        victim.kill()
        invocation.ended, invocation.killed = now, True
        self._environments.remove(victim)
        self._due.append(now + timedelta(seconds=self._chance.uniform(0.5, _REPLACED_SECONDS)))

    def stop(self) -> None:
        """End all processes."""
        for environment in self._environments:
            environment.stop()

    def _plan(self, minute: float) -> None:
        begins, self._next = self._next, self._next + timedelta(seconds=minute)
        due = self._next + timedelta(seconds=self._chance.uniform(0, _JITTER * minute))
        self._due.append(due)
        if self._chance.random() < _TWICE:
            self._due.append(due + (self._soon(begins) - begins))

    def _soon(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._chance.uniform(0.1, 3))

    def _invoke(self, now: datetime) -> None:
        idle = [each for each in self._environments if each.request_id is None]
        if not idle:
            idle = [KillableEnvironment(self._start())]
            self._environments += idle
        request_id = str(uuid4())
        self.invocations[request_id] = Invocation(request_id, now)
        idle[0].invoke({}, request_id)

    def _busy(self) -> list[KillableEnvironment]:
        return [each for each in self._environments if each.request_id is not None]
