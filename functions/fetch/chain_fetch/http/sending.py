"""What a request waits for when it is ready, its connection open."""

from collections.abc import Callable
from contextvars import ContextVar

# What the next request of this thread calls just before its first byte, once; it raises Refused.
BEFORE_SENDING: ContextVar[Callable[[], None] | None] = ContextVar("BEFORE_SENDING", default=None)


def wait_to_send() -> None:
    """Call what the present request waits for."""
    if wait := BEFORE_SENDING.get():
        BEFORE_SENDING.set(None)
        wait()
