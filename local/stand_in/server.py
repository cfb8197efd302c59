"""A stand-in as a server in a thread of this process, on this machine only."""

import asyncio
import logging
import socket
import struct
from threading import Event, Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from local.stand_in.request_log import RequestLog

HOST = "127.0.0.1"
START_SECONDS = 10
# uvicorn's 5 s would be the period of ticks, so that connections are closed as they are used again.
KEEP_ALIVE_SECONDS = 75
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Server(uvicorn.Server):
    """A server that tells when it serves, and that can reset connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.serving.set()

    def cut(self, client: tuple[str, int] | None = None) -> None:
        """Reset the connection of one client, or of all."""
        for connection in list(self.server_state.connections):
            if client is None or getattr(connection, "client", None) == client:
                transport = getattr(connection, "transport")  # noqa: B009
                wire = transport.get_extra_info("socket")
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                transport.abort()


class StandInServer:
    """A context manager: within it a stand-in answers at `url`.

    The same process can count its `requests`. Port 0 takes a free port. A derived class sets `app`.
    """

    app: ASGIApp

    def __init__(self, port: int = 0) -> None:
        self.requests = RequestLog()
        self.port = port

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and return when it answers; raise OSError if the port is taken."""
        # asyncio sets TCP_NODELAY, which saves 40 ms an answer, only where the protocol is named.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, self.port))
        except OSError:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        # Connections broken by a fault are expected, so uvicorn does not log them.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        config = uvicorn.Config(
            self.app,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config)
        self._thread = Thread(
            target=self._server.run, args=([listener],), name="stand-in", daemon=True
        )
        self._thread.start()
        if not self._server.serving.wait(START_SECONDS):
            raise TimeoutError(f"the stand-in did not start in {START_SECONDS} s")

    def reset_connection(self, client: tuple[str, int]) -> None:
        """Reset the connection of a client."""
        self._server.cut(client)

    def stop(self) -> None:
        """Reset the open connections and return when the thread has ended."""
        self._server.should_exit = True
        self._server.loop.call_soon_threadsafe(self._server.cut)
        self._thread.join()
