"""Simulated time: many tasks in a repeatable order, one running at a time."""

import heapq
from collections.abc import Callable
from itertools import count

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

    def run(self) -> None:
        """Run until nothing is awaited; raise what a task raised."""
        while self._awaited:
            self.now, _, task = heapq.heappop(self._awaited)
            if not task.done:
                self._running = task
                task.go_on()
                self._running = None

    def _await(self, task: Task, when: float) -> None:
        heapq.heappush(self._awaited, (when, next(self._order), task))
