"""Time that passes only when somebody lets it pass, and work that takes none of it."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta


class SteppedClock:
    """A clock that stands, until somebody sleeps or moves it on."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0

    def now(self) -> datetime:
        """Return the time, UTC."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self._passed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds

    def go_to(self, instant: datetime) -> None:
        """Let time pass until an instant, which may have passed already."""
        self._passed = max(self._passed, (instant - self._start).total_seconds())


class InlineExecutor(Executor):
    """Runs the work at once, in the calling thread: no time passes meanwhile."""

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the work and return its result, or its error, as a future."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  (as a real executor does)
            future.set_exception(error)
        return future
