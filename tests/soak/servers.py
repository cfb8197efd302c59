"""What a soak runs on: one mongod, one exchange, and sites that record from it."""

import os
import random
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import requests
from pymongo import MongoClient

from local.mongod import Mongod, free_port
from local.processes import HOST, ModuleStarter, wait_for_port
from optionchain.mongo.client import Document
from optionchain.settings import Settings
from tests.soak.invoker import Invoker

_START_SECONDS = 15
_SYMBOLS = "NIFTY,BANKNIFTY"


@dataclass(frozen=True)
class RecorderInstance:
    """One grid: its database, and the invocations that record into it."""

    name: str
    settings: Settings
    invoker: Invoker
    log: Path

    @property
    def interval(self) -> int:
        """Seconds between ticks."""
        return self.settings.nse_fetch_interval


class SoakServers:
    """A context manager: within it mongod and the exchange run, each a process of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        # Fail points are test commands.
        options = ("--setParameter", "enableTestCommands=1")
        self.mongod = Mongod(folder / "mongod", options=options)
        self._logs = folder / "logs"
        self._url = f"http://{HOST}:{free_port()}"
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        self._modules = ModuleStarter(self._logs)
        with ExitStack() as closing:
            self._start_exchange(closing)
            closing.enter_context(self.mongod)
            self._closing = closing.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def recorder(self, name: str, interval: int, minute: float | None = None) -> RecorderInstance:
        """Open a site with an empty database of its own; `minute` is as in Crew."""
        env = self._env(name, interval)
        log = f"fetch-{name}"
        invoker = Invoker(
            lambda: self._modules.start(
                "an environment", "local.run.execution_environment", env=env, log=log, piped=True
            ),
            random.Random(f"{self.seed} {name}"),
            datetime.now(UTC),
            minute,
        )
        self._closing.callback(invoker.stop)
        return RecorderInstance(name, Settings.from_env(env), invoker, self._logs / f"{log}.log")

    def fault(self, **fault: object) -> None:
        """Switch on a fault of the exchange."""
        with requests.Session() as direct:
            direct.trust_env = False  # whatever proxy the environment names
            direct.post(f"{self._url}/-/faults", json=fault, timeout=5).raise_for_status()

    def command(self, name: str, value: object, **words: object) -> None:
        """Run a command of an administrator on mongod."""
        uri = f"mongodb://{HOST}:{self.mongod.port}/?directConnection=true"
        with MongoClient[Document](uri, serverSelectionTimeoutMS=5_000) as client:
            client.admin.command({name: value, **words})

    def _env(self, database: str, interval: int) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        return inherited | {
            "MONGODB_URI": self.mongod.uri,
            "MONGODB_DATABASE": database,
            "NSE_SYMBOLS": _SYMBOLS,
            "NSE_FETCH_INTERVAL": str(interval),
            "NSE_BASE_URL": self._url,
            "NSE_MAX_REQUESTS_PER_SECOND": "20",
            "MARKET_HOURS": "always",
        }

    def _start_exchange(self, closing: ExitStack) -> None:
        port = int(self._url.rpartition(":")[2])
        words = ["--port", str(port), "--seed", str(self.seed)]
        child = self._modules.start(
            "the exchange", "tests.soak.exchange", *words, env=self._env("none", 5), log="exchange"
        )
        closing.callback(child.stop)
        wait_for_port(port, _START_SECONDS, child.check)
