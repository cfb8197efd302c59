"""An ASGI application on a port of this machine, served from a thread of this process."""

import logging
import socket
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
_PATIENCE_SECONDS = 10


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()


class Served:
    """Serves on a free port, which stays the same when it stops and starts again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.port = 0

    def start(self) -> None:
        """Answer from when this returns."""
        listener = socket.create_server((HOST, self.port), reuse_port=False)
        self.port = listener.getsockname()[1]
        # What a browser does to a connection when its page is closed is no news.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        config = uvicorn.Config(
            self._app,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._thread = Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        assert self._server.serving.wait(_PATIENCE_SECONDS), "the server did not start"

    def stop(self) -> None:
        """Refuse connections from when this returns."""
        self._server.should_exit = True
        self._thread.join(_PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the server did not stop"
