"""The servers of a soak, one mongod and one exchange, and the recorders that use them."""

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
    """A recorder with its own tick interval, database and invocations."""

    name: str
    settings: Settings
    invoker: Invoker
    log: Path

    @property
    def interval(self) -> int:
        """Seconds between ticks."""
        return self.settings.nse_fetch_interval


class SoakServers:
    """A context manager: within it mongod and the simulated exchange run as processes."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        # Fail points need test commands.
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
        """Return a recorder with an empty database; `minute` is as in Invoker."""
        env = self._env(name, interval)
        log = f"fetch-{name}"
        invoker = Invoker(
            lambda: self._modules.start(
                "an execution environment",
                "local.run.execution_environment",
                env=env,
                log=log,
                piped=True,
            ),
            random.Random(f"{self.seed} {name}"),
            datetime.now(UTC),
            minute,
        )
        self._closing.callback(invoker.stop)
        return RecorderInstance(name, Settings.from_env(env), invoker, self._logs / f"{log}.log")

    def fault(self, **fault: object) -> None:
        """Activate a fault of the exchange."""
        with requests.Session() as direct:
            direct.trust_env = False  # no proxy
            direct.post(f"{self._url}/-/faults", json=fault, timeout=5).raise_for_status()

    def command(self, name: str, value: object, **options: object) -> None:
        """Run an administration command on mongod."""
        uri = f"mongodb://{HOST}:{self.mongod.port}/?directConnection=true"
        with MongoClient[Document](uri, serverSelectionTimeoutMS=5_000) as client:
            client.admin.command({name: value, **options})

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
        arguments = ["--port", str(port), "--seed", str(self.seed)]
        exchange = self._modules.start(
            "the exchange",
            "tests.soak.exchange",
            *arguments,
            env=self._env("none", 5),
            log="exchange",
        )
        closing.callback(exchange.stop)
        wait_for_port(port, _START_SECONDS, exchange.check)
