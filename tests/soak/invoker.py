"""The invocations for one database: begun, repeated and killed in processes of their own."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from local.processes import ManagedProcess
from local.run.execution_environment import ProcessEnvironment
from tests.soak.shift_coverage import Invocation

# EventBridge Scheduler fires anywhere in the minute; a little is left for a cold start.
_JITTER = 0.9
_TWICE = 0.15
# Who was killed has a successor within so many seconds, so that a soak is not spent waiting.
_SUCCESSOR = 8.0


class KillableEnvironment(ProcessEnvironment):
    """An execution environment that can be killed, like a crash."""

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._process.process.kill()
        self.stop()


class Invoker:
    """Begins an invocation each `minute` (seconds, shorter than a minute in a short run).

    At a random moment of it, and now and then twice. Without a minute there are two rivals: each
    is invoked again shortly after the other has relieved it. `tick` is called often.
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
        """Note what has ended; begin what is due."""
        self.collect(now)
        if self._minute and now >= self._next:
            self._plan(self._minute)
        for due in [due for due in self._due if due <= now]:
            self._due.remove(due)
            self._invoke(now)

    def collect(self, now: datetime) -> bool:
        """Note what has ended; return whether anybody is still at work."""
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
        """Kill one that is at work, the newest as a rule; another one begins soon after."""
        if not (busy := self._busy()):
            return
        newest = max(busy, key=lambda one: self.invocations[one.request_id or ""].begun)
        victim = newest if self._chance.random() < 0.7 else self._chance.choice(busy)
        invocation = self.invocations[victim.request_id or ""]
        victim.kill()
        invocation.ended, invocation.killed = now, True
        self._environments.remove(victim)
        self._due.append(now + timedelta(seconds=self._chance.uniform(0.5, _SUCCESSOR)))

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
        idle = [one for one in self._environments if one.request_id is None]
        if not idle:
            idle = [KillableEnvironment(self._start())]
            self._environments += idle
        request_id = str(uuid4())
        self.invocations[request_id] = Invocation(request_id, now)
        idle[0].invoke({}, request_id)

    def _busy(self) -> list[KillableEnvironment]:
        return [one for one in self._environments if one.request_id is not None]
