"""The header X-Storage: where the numbers of an answer were read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_api.archive import pinned_days
from chain_api.archive.storage_used import HEADER, begin, header_value

# Answers about snapshots, contracts and ticks are below this path.
_PATH = "/option-chain/"
_TOLD = (200, 304)
_NAME = HEADER.lower().encode()


class StorageHeader:
    """ASGI middleware: adds the header to every answer about snapshots, a 304 included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell what was read for it."""
        if scope["type"] != "http" or not scope["path"].startswith(_PATH):
            await self._app(scope, receive, send)
            return
        used = begin()
        pinned_days.begin()

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _TOLD:
                value = header_value(used).encode()
                message["headers"] = [*message["headers"], (_NAME, value)]
            await send(message)

        await self._app(scope, receive, telling)
