"""A TCP proxy before the exchange, which can be slow and can reset its connections."""

import socket
import struct
import time
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Self

from local.processes import HOST

_CHUNK = 65_536
# Closing with a linger time of 0 sends a reset.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class TcpProxy:
    """A context manager: within it `port` leads to the port `target` of this machine.

    `delay` is how many seconds each piece of an answer waits.
    """

    def __init__(self, port: int, target: int) -> None:
        self.delay = 0.0
        self._target = target
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self._listener = socket.create_server((HOST, port))

    def __enter__(self) -> Self:
        Thread(target=self._accept, name="proxy", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()

    def reset(self) -> None:
        """Reset all connections."""
        with self._lock:
            wires = list(self._open)
        for wire in wires:
            with suppress(OSError):
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                wire.shutdown(socket.SHUT_RDWR)
            self._close(wire)

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                client = self._listener.accept()[0]
                try:
                    exchange = socket.create_connection((HOST, self._target))
                except OSError:
                    client.close()
                    continue
                with self._lock:
                    self._open |= {client, exchange}
                for pair in ((client, exchange, False), (exchange, client, True)):
                    Thread(target=self._pump, args=pair, name="pump", daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, slow: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_CHUNK):
                if slow and self.delay:
                    time.sleep(self.delay)
                sink.sendall(piece)
        for wire in (source, sink):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            self._close(wire)

    def _close(self, wire: socket.socket) -> None:
        with self._lock:
            self._open.discard(wire)
        wire.close()
