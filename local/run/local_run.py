"""The local stack: what is started, in which order it stops, and the loop in between."""

import json
import socket
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from local.mongod import Mongod, free_port
from local.run.console import Console, PrintLine, banner
from local.run.execution_environment import ProcessEnvironment
from local.run.locks import HOST, bind_port, lock_folder
from local.run.options import Options
from local.run.processes import ManagedProcess, ProcessEnded, ProcessGroup
from local.run.recorder_database import RecorderDatabase
from local.run.scheduler import Scheduler
from optionchain.settings import Settings

SCHEDULE = Path(__file__).parents[2] / "events" / "schedule.json"
_EXCHANGE_START_SECONDS = 10
_LOOK_SECONDS = 0.25


class LocalRun:
    """Everything of one run. What it starts, `closing` stops in the reverse order.

    All start side by side, on the main thread: mongod ends with the thread that started it.
    """

    def __init__(self, options: Options, closing: ExitStack, say: PrintLine) -> None:
        self._options = options
        self._closing = closing
        self._say = say
        self._env = dict(options.env)
        self._running: list[ManagedProcess] = []
        self._mongod: Mongod | None = None

    def start(self) -> None:
        """Start all; raise SettingInvalid, MongodUnavailable or ChildEnded with a sentence."""
        options = self._options
        listener = self._closing.enter_context(bind_port(options.port))
        self._closing.enter_context(lock_folder(options.data_dir))
        self._children = self._closing.enter_context(ProcessGroup(options.data_dir / "logs"))
        if options.own_mongod:
            self._mongod = Mongod(options.data_dir / "mongod")
            self._env["MONGODB_URI"] = self._mongod.uri
            self._closing.callback(self._mongod.stop)
        if options.own_exchange:
            self._start_exchange(free_port())
        self._start_api(listener)
        self._start_scheduler()
        if self._mongod:
            self._mongod.start()
        if options.own_exchange:
            self._wait_for_exchange()

    def work(self) -> None:
        """Keep going until KeyboardInterrupt or ChildEnded."""
        console = Console(self._options, self._recording, self._say)
        self._say(banner(self._options, self._mongod.uri if self._mongod else None))
        while True:
            self._check()
            now = datetime.now(UTC)
            self._scheduler.tick(now)
            console.show(now)
            time.sleep(_LOOK_SECONDS)

    def _start_exchange(self, port: int) -> None:
        self._env["NSE_BASE_URL"] = f"http://{HOST}:{port}"
        # A proxy of the environment is for other hosts than this one.
        for name in ("no_proxy", "NO_PROXY"):
            self._env[name] = ",".join(filter(None, [self._env.get(name), HOST]))
        words = ["--port", str(port), "--seed", str(self._options.seed)]
        if self._options.replay:
            words += ["--replay", str(self._options.replay)]
        self._start_child("the stand-in exchange", "local.nse_simulator", *words, log="exchange")

    def _start_api(self, listener: socket.socket) -> None:
        fd = listener.fileno()
        words = ["--fd", str(fd), "--label", self._options.label]
        self._start_child("the API", "local.run.api", *words, log="api", share=fd)
        listener.close()

    def _start_child(self, name: str, module: str, *words: str, log: str, share: int = -1) -> None:
        shared = () if share < 0 else (share,)
        child = self._children.start(name, module, *words, env=self._env, log=log, share=shared)
        self._closing.callback(child.stop)
        self._running.append(child)

    def _start_scheduler(self) -> None:
        self._recording = RecorderDatabase(Settings.from_env(self._env), datetime.now(UTC))
        self._closing.callback(self._recording.close)
        self._scheduler = Scheduler(
            json.loads(SCHEDULE.read_text(encoding="utf-8")),
            start=self._environment,
            relieve=lambda owner: self._recording.relieve(owner, datetime.now(UTC)),
            say=self._say,
            enabled=self._recording.enabled,
        )
        self._closing.callback(self._scheduler.stop)

    def _environment(self) -> ProcessEnvironment:
        module = "local.run.execution_environment"
        start = self._children.start
        return ProcessEnvironment(
            start("an environment", module, env=self._env, log="fetch", piped=True)
        )

    def _wait_for_exchange(self) -> None:
        port = int(self._env["NSE_BASE_URL"].rpartition(":")[2])
        deadline = time.monotonic() + _EXCHANGE_START_SECONDS
        while time.monotonic() < deadline:
            self._check()
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.02)
        raise ProcessEnded(f"the stand-in exchange did not start in {_EXCHANGE_START_SECONDS} s")

    def _check(self) -> None:
        for child in self._running:
            child.check()
        if self._mongod and (code := self._mongod.exit_code) is not None:
            raise ProcessEnded(f"mongod ended with code {code}; see {self._mongod.log}")
