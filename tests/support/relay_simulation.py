"""Simulated time: many tasks in a repeatable order, one running at a time."""

import heapq
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import Any

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """Raised inside a task that is killed. Like a crash, `except Exception` does not catch it."""


class Task:
    """A piece of work in simulated time."""

    def __init__(self, work: Callable[[], None], simulation: greenlet) -> None:
        self.killed = False
        self._work = work
        self._greenlet = greenlet(self._run, parent=simulation)

    @property
    def done(self) -> bool:
        """Whether the work has ended, well or by a kill."""
        return self._greenlet.dead

    def is_current(self) -> bool:
        """Return whether the caller runs in this task."""
        return getcurrent() is self._greenlet

    def go_on(self) -> None:
        """Let the task run until it waits."""
        self._greenlet.switch()

    def _run(self) -> None:
        try:
            self._work()
        except Killed:
            return


class Simulation:
    """A clock in seconds that jumps from one awaited instant to the next."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = count()
        self._awaited: list[tuple[float, int, Task]] = []
        self._running: Task | None = None
        self._hub = getcurrent()

    def spawn(self, work: Callable[[], None], at: float | None = None) -> Task:
        """Begin a task at a time, by default now."""
        task = Task(work, self._hub)
        self._await(task, self.now if at is None else at)
        return task

    def sleep(self, seconds: float) -> None:
        """Let the running task wait."""
        task = self._running
        if task is None:
            raise RuntimeError("sleep is for tasks")
        self._await(task, self.now + seconds)
        self._hub.switch()
        if task.killed:
            raise Killed

    def join(self, task: Task) -> None:
        """Let the running task wait for another one."""
        while not task.done:
            self.sleep(0.05)

    @property
    def in_task(self) -> bool:
        """Whether the caller is the running task, which alone may sleep."""
        task = self._running
        return task is not None and task.is_current()

    def run(self, until: float = inf) -> None:
        """Run until a time, or until nothing is awaited; raise what a task raised."""
        while self._awaited and self._awaited[0][0] <= until:
            self.now, _, task = heapq.heappop(self._awaited)
            if not task.done:
                self._running = task
                try:
                    task.go_on()
                finally:
                    self._running = None
        if until < inf:
            self.now = until

    def _await(self, task: Task, when: float) -> None:
        heapq.heappush(self._awaited, (when, next(self._order), task))


@dataclass
class Pending:
    """A Future of the simulated worker."""

    sim: Simulation
    task: Task

    def result(self) -> None:
        """Wait for the work."""
        self.sim.join(self.task)


class Worker(Executor):
    """A single worker in simulated time, as ThreadPoolExecutor(1) is in real time."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self.tasks: list[Task] = []

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        """Begin the work after the work before it."""
        before = self.tasks[-1] if self.tasks else None

        def run() -> None:
            if before is not None:
                self._sim.join(before)
            work(*args, **named)

        self.tasks.append(self._sim.spawn(run))
        return Pending(self._sim, self.tasks[-1])
