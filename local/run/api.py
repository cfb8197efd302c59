"""`python -m local.run.api`: the API under uvicorn, in a process of its own."""

import argparse
import os
import socket

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_api.app import create_app
from chain_api.dependencies import Dependencies, over
from local.shifted_clock import ShiftedClock, add_clock_offset
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.settings import Settings


class DataLabelMiddleware:
    """ASGI middleware: a header of every answer says that the data are not the exchange's."""

    def __init__(self, app: ASGIApp, label: str) -> None:
        self._app = app
        self._header = "X-Simulated" if label == "SIMULATED" else "X-Replay"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the header to its answer."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[self._header] = "true"
            await send(message)

        await self._app(scope, receive, marked)


def with_data_label(app: FastAPI, label: str) -> FastAPI:
    """Mark an application whose data are not the exchange's; an empty label changes nothing."""
    if label:
        app.title = f"{app.title} ({label})"
        app.description = f"**{label}: no number here is today's.** {app.description}"
        app.add_middleware(DataLabelMiddleware, label=label)
    return app


def connect(settings: Settings, clock: ShiftedClock) -> Dependencies:
    """Return the API's real parts, with another clock than the wall clock."""
    return over(rotating_database(RotatingClient(settings)), settings, clock.now)


def main() -> None:
    """Serve on an inherited listening socket, until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m local.run.api", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--label", default="", help="SIMULATED or REPLAY")
    add_clock_offset(parser)
    options = parser.parse_args()
    deps = connect(Settings.from_env(), options.clock).noting(os.environ)
    app = with_data_label(create_app(deps), options.label)
    # The application logs its requests itself.
    config = uvicorn.Config(app, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=options.fd)])


if __name__ == "__main__":
    main()
