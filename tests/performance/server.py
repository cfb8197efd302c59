"""`python -m tests.performance.server --fd FD`: the application under uvicorn, over the data."""

import argparse
import socket

import uvicorn

from optionchain.mongo.client import open_database
from optionchain.settings import Settings
from tests.performance.application import application
from tests.performance.dataset import NOW


def main() -> None:
    """Serve on an inherited listening socket, until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    listener = socket.socket(fileno=parser.parse_args().fd)
    settings = Settings.from_env()
    app = application(open_database(settings), NOW, settings)
    # The same configuration as in `make run`.
    config = uvicorn.Config(app, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
