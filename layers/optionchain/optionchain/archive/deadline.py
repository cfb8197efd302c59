"""How long the reads of an archive may take that belong to one request."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from threading import Thread

from optionchain.errors import ArchiveUnavailable

_end: ContextVar[float | None] = ContextVar("archive_deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let the reads in this block, and in threads with its context, take so long together."""
    before = _end.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _end.reset(before)


def seconds_left() -> float | None:
    """Return how long reads may still take, None if there is no bound; raise ArchiveUnavailable."""
    end = _end.get()
    if end is None:
        return None
    left = end - time.monotonic()
    if left <= 0:
        raise too_slow()
    return left


def bounded[Found](read: Callable[[], Found]) -> Found:
    """Return what a store returns; raise ArchiveUnavailable when the time is up.

    What does not end is left to a thread of its own: no time-out of a connection ends a body that
    comes byte by byte.
    """
    left = seconds_left()
    if left is None:
        return read()
    found: Future[Found] = Future()
    context = copy_context()
    Thread(target=context.run, args=(_settle, found, read), daemon=True).start()
    try:
        return found.result(left)
    except TimeoutError as error:
        raise too_slow() from error


def too_slow() -> ArchiveUnavailable:
    """Return the error of an archive that has not answered in time."""
    return ArchiveUnavailable("the archive has not answered in the time of one request")


def _settle[Found](found: Future[Found], read: Callable[[], Found]) -> None:
    try:
        found.set_result(read())
    except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
        found.set_exception(error)
