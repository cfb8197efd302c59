"""The servers of a soak, one mongod and one exchange, and the recorders that use them."""

import os
import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from types import TracebackType
from typing import Self

import requests
from pymongo import MongoClient

from local.mongod import Mongod, free_port
from local.processes import HOST, ModuleStarter, wait_for_port
from optionchain.mongo.client import Document
from optionchain.settings import Settings
from tests.soak.environment import CLOCK_AHEAD
from tests.soak.invoker import Invoker
from tests.soak.tcp_proxy import TcpProxy

_START_SECONDS = 15
_SYMBOLS = "NIFTY,BANKNIFTY"


@dataclass(frozen=True)
class RecorderInstance:
    """A recorder with its own tick interval, database and invocations.

    `skewed` tells that the clocks of its environments differ, so that nobody can say by them who
    was on duty.
    """

    name: str
    settings: Settings
    invoker: Invoker
    log: Path
    skewed: bool = False

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
        # Recorders reach the exchange through the proxy.
        self._port, self._proxy_port = free_port(), free_port()
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        self._modules = ModuleStarter(self._logs)
        with ExitStack() as closing:
            self._start_exchange(closing)
            self.proxy = closing.enter_context(TcpProxy(self._proxy_port, self._port))
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

    def recorder(
        self,
        name: str,
        interval: int,
        minute: float | None = None,
        clocks_ahead: Sequence[float] = (0,),
    ) -> RecorderInstance:
        """Return a recorder with an empty database; `minute` is as in Invoker.

        `clocks_ahead` are the seconds by which the clocks of its environments are ahead, in turn.
        """
        env = self._env(name, interval)
        log = f"fetch-{name}"
        ahead = cycle(clocks_ahead)
        invoker = Invoker(
            lambda: self._modules.start(
                "an execution environment",
                "tests.soak.environment",
                env=env | {CLOCK_AHEAD: str(next(ahead))},
                log=log,
                piped=True,
            ),
            random.Random(f"{self.seed} {name}"),
            datetime.now(UTC),
            minute,
        )
        self._closing.callback(invoker.stop)
        path = self._logs / f"{log}.log"
        skewed = len(set(clocks_ahead)) > 1
        return RecorderInstance(name, Settings.from_env(env), invoker, path, skewed)

    def tell(self, story: str) -> None:
        """Have the market tell a story; `""` ends it."""
        if self._exchange.process.stdin is not None:
            self._exchange.process.stdin.write(f"{story}\n".encode())

    def fault(self, **fault: object) -> None:
        """Activate a fault of the exchange."""
        with requests.Session() as direct:
            direct.trust_env = False  # no proxy
            url = f"http://{HOST}:{self._port}/-/faults"
            direct.post(url, json=fault, timeout=5).raise_for_status()

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
            "NSE_BASE_URL": f"http://{HOST}:{self._proxy_port}",
            "NSE_MAX_REQUESTS_PER_SECOND": "20",
            "MARKET_HOURS": "always",
        }

    def _start_exchange(self, closing: ExitStack) -> None:
        arguments = ["--port", str(self._port), "--seed", str(self.seed)]
        self._exchange = self._modules.start(
            "the exchange",
            "tests.soak.exchange",
            *arguments,
            env=self._env("none", 5),
            log="exchange",
            piped=True,
        )
        closing.callback(self._exchange.stop)
        wait_for_port(self._port, _START_SECONDS, self._exchange.check)
