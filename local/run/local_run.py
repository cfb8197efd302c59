"""One run of `make run`: what is started, in which order it stops, and the loop in between."""

import json
import socket
import time
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path

from local.kept_port import kept_port
from local.mongod import Mongod
from local.processes import HOST, ManagedProcess, ModuleStarter, ProcessEnded, wait_for_port
from local.run.banner import banner
from local.run.console import Console, PrintLine
from local.run.execution_environment import ProcessEnvironment
from local.run.locks import bind_port, lock_folder
from local.run.options import Options
from local.run.recorder_database import RecorderDatabase
from local.run.scheduler import Scheduler
from local.run.sealer import SealerProcess
from local.run.shared_tokens import share_tokens
from local.run.sources import NSE
from local.run.stand_ins import start_stand_ins, variables_of
from local.run.watched_mongod import WatchedMongod
from local.shifted_clock import ShiftedClock
from optionchain.settings import Settings

SCHEDULE = Path(__file__).parents[2] / "events" / "schedule.json"
_STAND_IN_START_SECONDS = 10
_LOOP_SECONDS = 0.25


class LocalRun:
    """All processes of one run. `closing` stops them in the reverse order of their start.

    They start side by side, on the main thread, because they end with the thread that starts them.
    """

    def __init__(self, options: Options, closing: ExitStack, print_line: PrintLine) -> None:
        self._options = options
        self._closing = closing
        self._print_line = print_line
        self._env = dict(options.env)
        self._running: list[ManagedProcess] = []
        self._mongod: Mongod | None = None
        self._watched_mongod: WatchedMongod | None = None
        self._sealer: SealerProcess | None = None
        self._clock = ShiftedClock()

    def start(self) -> None:
        """Start all; raise SettingInvalid, MongodUnavailable or ProcessEnded with a sentence."""
        options = self._options
        listener = self._closing.enter_context(bind_port(options.port))
        self._closing.enter_context(lock_folder(options.data_dir))
        self._modules = ModuleStarter(options.data_dir / "logs")
        if options.own_mongod:
            self._mongod = self._own_mongod(options.data_dir / "mongod")
            self._watched_mongod = WatchedMongod(self._mongod, self._print_line)
        day = options.start.day if options.start else None
        if self._mongod and day:
            self._mongod.start()
        if options.start:
            if day:
                self._record_day(options.start.at, day)
            self._clock = ShiftedClock.showing(options.start.at)
        stand_ins = {}
        if not options.sources.live:
            stand_ins = start_stand_ins(options, self._clock, self._start_module)
            self._env |= variables_of(options, stand_ins, self._env, self._clock.now())
        self._env |= share_tokens(self._env, options.data_dir, self._closing)
        self._start_api(listener)
        self._start_scheduler()
        if self._mongod and not day:
            self._mongod.start()
        self._start_sealer()
        for url in stand_ins.values():
            self._wait_for(url)

    def work(self) -> None:
        """Schedule invocations and print ticks until KeyboardInterrupt or ProcessEnded."""
        console = Console(self._options, self._recorder_database, self._print_line)
        self._print_line(banner(self._options, self._mongod.uri if self._mongod else None))
        while True:
            self._check_processes()
            now = self._clock.now()
            self._scheduler.tick(now)
            console.show(now)
            for line in self._sealer.lines() if self._sealer else ():
                self._print_line(line)
            time.sleep(_LOOP_SECONDS)

    def _own_mongod(self, folder: Path) -> Mongod:
        kept = kept_port(folder)
        if kept.text:
            self._print_line(kept.text)
        mongod = Mongod(folder, kept.port)
        self._env["MONGODB_URI"] = mongod.uri
        self._closing.callback(mongod.stop)
        return mongod

    def _record_day(self, until: datetime, day: date) -> None:
        """Record a whole day in simulated time, before anything else begins."""
        self._print_line(f"Recording {day:%a %d %b} in simulated time: up to a minute a symbol.")
        arguments = ["--day", f"{day}", "--until", until.isoformat()]
        arguments += ["--seed", str(self._options.seed)]
        recording = self._modules.start(
            "the recording of a day",
            "local.run.simulated_day",
            *arguments,
            env=self._env | variables_of(self._options, {NSE: f"http://{HOST}"}, self._env, until),
            log="day",
        )
        self._closing.callback(recording.stop)
        if recording.process.wait():
            recording.check()

    def _start_api(self, listener: socket.socket) -> None:
        fd = listener.fileno()
        arguments = ["--fd", str(fd), "--label", self._options.label, *self._clock.arguments]
        self._start_module("the API", "local.run.api", *arguments, log="api", pass_fds=[fd])
        listener.close()

    def _start_module(
        self, name: str, module: str, *arguments: str, log: str, pass_fds: list[int] | None = None
    ) -> None:
        started = self._modules.start(
            name, module, *arguments, env=self._env, log=log, pass_fds=pass_fds or ()
        )
        self._closing.callback(started.stop)
        self._running.append(started)

    def _start_scheduler(self) -> None:
        settings = Settings.from_env(self._env)
        self._recorder_database = RecorderDatabase(settings, self._clock.now())
        self._closing.callback(self._recorder_database.close)
        self._scheduler = Scheduler(
            json.loads(SCHEDULE.read_text(encoding="utf-8")),
            start=self._start_environment,
            relieve=lambda owner: self._recorder_database.relieve(owner, self._clock.now()),
            print_line=self._print_line,
            is_enabled=self._recorder_database.is_enabled,
        )
        self._closing.callback(self._scheduler.stop)

    def _start_sealer(self) -> None:
        if "ARCHIVE_URL" not in self._env:
            return
        process = self._modules.start(
            "the sealing of past days",
            "local.run.sealer",
            *self._clock.arguments,
            env=self._env,
            log="archive",
            piped=True,
        )
        self._closing.callback(process.stop)
        self._sealer = SealerProcess(process)

    def _start_environment(self) -> ProcessEnvironment:
        module = "local.run.execution_environment"
        return ProcessEnvironment(
            self._modules.start(
                "an execution environment",
                module,
                *self._clock.arguments,
                env=self._env,
                log="fetch",
                piped=True,
            )
        )

    def _wait_for(self, url: str) -> None:
        port = int(url.rpartition(":")[2])
        try:
            wait_for_port(port, _STAND_IN_START_SECONDS, self._check_processes)
        except TimeoutError as error:
            raise ProcessEnded(f"a simulated server did not start: {error}") from error

    def _check_processes(self) -> None:
        for process in self._running:
            process.check()
        if self._watched_mongod:
            self._watched_mongod.check()
