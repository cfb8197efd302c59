"""An HTTP server on a port of this machine, in a thread of this process."""

import logging
import socket
from threading import Thread

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
_TIMEOUT_SECONDS = 30


class HttpServer:
    """Serves `app`, which may be replaced, on a free port that stays the same after a restart."""

    def __init__(self) -> None:
        self.app: ASGIApp
        # Bound without listening: no other process takes the port while this one is stopped.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind((HOST, 0))
        self.port: int = self._reserved.getsockname()[1]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.app(scope, receive, send)

    def start(self) -> None:
        """Accept connections from when this returns; requests wait until the thread runs."""
        listener = socket.create_server((HOST, self.port))
        # A browser breaks off connections when its page is closed: that is no error.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        config = uvicorn.Config(self, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        self._uvicorn = uvicorn.Server(config)
        self._thread = Thread(target=self._uvicorn.run, args=([listener],), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from when this returns."""
        self._uvicorn.should_exit = True
        self._thread.join(_TIMEOUT_SECONDS)
        assert not self._thread.is_alive(), "the server did not stop"

    def close(self) -> None:
        """Stop and give the port back."""
        self.stop()
        self._reserved.close()
