"""An HTTP server on a port of this machine, in a thread of this process."""

import logging
import socket
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
_TIMEOUT_SECONDS = 30


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()


class HttpServer:
    """Serves `app`, which may be replaced, on a free port that stays the same after a restart."""

    def __init__(self) -> None:
        self.app: ASGIApp
        self.port = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.app(scope, receive, send)

    def start(self) -> None:
        """Accept connections from when this returns."""
        listener = socket.create_server((HOST, self.port), reuse_port=False)
        self.port = listener.getsockname()[1]
        # Connections that a browser breaks off are no news.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        config = uvicorn.Config(
            self,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = _Uvicorn(config)
        self._thread = Thread(target=self._uvicorn.run, args=([listener],), daemon=True)
        self._thread.start()
        assert self._uvicorn.serving.wait(_TIMEOUT_SECONDS), "the server did not start"

    def stop(self) -> None:
        """Refuse connections from when this returns."""
        self._uvicorn.should_exit = True
        self._thread.join(_TIMEOUT_SECONDS)
        assert not self._thread.is_alive(), "the server did not stop"
