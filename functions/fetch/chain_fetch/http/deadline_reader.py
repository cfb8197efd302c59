"""Reads from a socket until a deadline, however the bytes arrive.

A time-out of a socket counts from its last byte. A server that sends a byte now and then, in the
headers or between two chunks, would hold a request for hours, and with it the warm-up of every
invocation.
"""

import socket
import time
from contextvars import ContextVar
from io import RawIOBase
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# The `time.monotonic()` second by which answers must have ended that this thread waits for.
DEADLINE: ContextVar[float] = ContextVar("DEADLINE", default=inf)


class DeadlineReader(RawIOBase):
    """The bytes of a socket; raises TimeoutError after the deadline of the present request."""

    def __init__(self, raw: RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._silence = sock.gettimeout() or inf  # the longest time without a byte
        self._deadline = DEADLINE.get()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        """Read what one read of the socket gives."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        longest = min(left, self._silence)
        self._sock.settimeout(None if longest == inf else longest)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the socket's own reader."""
        self._raw.close()
        super().close()
