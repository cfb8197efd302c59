"""One run of `make lambda`: what is started, in which order it stops, and the loop in between."""

import json
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from urllib.parse import quote

from local.dhan_simulator.server import Dhan
from local.kept_port import kept_port
from local.lambda_emulator.api_gateway import ApiGateway
from local.lambda_emulator.api_gateway_server import ApiGatewayServer
from local.lambda_emulator.artifact import API, ARCHIVE, FETCH, ROOT, Artifact
from local.lambda_emulator.environment_pool import EnvironmentPool
from local.lambda_emulator.execution_environment import EmulatedEnvironment
from local.lambda_emulator.runtime_emulator import RuntimeEmulator
from local.mongod import Mongod
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from local.run.banner import example_symbol
from local.run.console import Console, PrintLine
from local.run.locks import lock_folder
from local.run.options import Options
from local.run.recorder_database import RecorderDatabase
from local.run.scheduler import Scheduler
from local.run.sources import NSE
from local.upstox_simulator.server import Upstox
from optionchain.misspelt_settings import SETTINGS
from optionchain.settings import Settings

_LOOP_SECONDS = 0.25
_VENDORS = {"upstox": Upstox, "dhan": Dhan}


class LambdaRun:
    """The built functions of one run. `closing` stops everything in the reverse order.

    Everything starts on the main thread, because the emulators end with their thread.
    """

    def __init__(
        self, artifact: Artifact, options: Options, closing: ExitStack, print_line: PrintLine
    ) -> None:
        self._artifact = artifact
        self._options = options
        self._closing = closing
        self._print_line = print_line
        self._logs = options.data_dir / "lambda"
        # A folder for each database, so that what is simulated and what is real never mix.
        archive = options.data_dir.absolute() / "archive" / options.settings.mongodb_database
        own = {"ARCHIVE_URL": str(archive)}
        # Only settings reach the functions, as in AWS only the template's variables do.
        self._env = own | {name: text for name, text in options.env.items() if name in SETTINGS}

    def start(self) -> None:
        """Start all; raise SettingInvalid, MongodUnavailable or OSError."""
        options, closing = self._options, self._closing
        closing.enter_context(lock_folder(options.data_dir))
        self._logs.mkdir(parents=True, exist_ok=True)
        pool = EnvironmentPool(lambda: self._emulator(API))
        gateway = ApiGatewayServer(ApiGateway(self._artifact, pool), options.port)
        self._url = gateway.url
        if options.own_mongod:
            folder = options.data_dir / "mongod"
            mongod = closing.enter_context(Mongod(folder, kept_port(folder).port))
            self._env["MONGODB_URI"] = mongod.uri
        if options.own_exchange:
            self._env |= self._start_stand_ins()
        settings = Settings.from_env(self._env)
        self._recorder_database = RecorderDatabase(settings, datetime.now(UTC))
        closing.callback(self._recorder_database.close)
        self._archive = closing.enter_context(self._emulator(ARCHIVE))
        closing.callback(pool.stop)
        gateway.start()
        closing.callback(gateway.stop)
        self._scheduler = self._new_scheduler()
        closing.callback(self._scheduler.stop)

    def _start_stand_ins(self) -> dict[str, str]:
        """Start the simulated exchange and vendors; return the variables that name them."""
        sources, market = self._options.sources, SimulatedMarket(self._options.seed)
        urls = {NSE: self._closing.enter_context(Exchange(market)).url}
        for name in sources.started:
            urls[name] = self._closing.enter_context(_VENDORS[name](market)).url
        return {"NSE_BASE_URL": urls[NSE]} | sources.environment(urls, datetime.now(UTC))

    def work(self) -> None:
        """Schedule invocations and print ticks until KeyboardInterrupt."""
        console = Console(self._options, self._recorder_database, self._print_line)
        self._print_line(self._banner())
        while True:
            now = datetime.now(UTC)
            self._scheduler.tick(now)
            console.show(now)
            time.sleep(_LOOP_SECONDS)

    def _emulator(self, name: str) -> RuntimeEmulator:
        log = self._logs / f"{name}-{datetime.now(UTC):%H%M%S.%f}.log"
        return RuntimeEmulator(self._artifact, self._artifact.function(name), self._env, log)

    def _new_scheduler(self) -> Scheduler:
        event = json.loads((ROOT / "events/schedule.json").read_text(encoding="utf-8"))
        return Scheduler(
            event,
            start=lambda: EmulatedEnvironment(self._emulator(FETCH).start()),
            relieve=lambda owner: self._recorder_database.relieve(owner, datetime.now(UTC)),
            print_line=self._print_line,
            is_enabled=self._recorder_database.is_enabled,
        )

    def _banner(self) -> str:
        symbol = quote(example_symbol(self._options.settings))
        sign = "--user local:local --aws-sigv4 aws:amz:local:execute-api"
        rows = {
            "Page": f"{self._url}/dashboard",
            "API": f"{self._url}/docs",
            "Latest": f"curl -s {self._url}/option-chain/{symbol}",
            "Seal": f"curl -d '{{}}' {self._archive.url}",
            "Stop": f"curl -X POST {sign} {self._url}/pipeline/stop",
            "Data": f"database {self._options.settings.mongodb_database}",
            "Logs": str(self._logs),
        }
        what = f"{self._options.label or 'LIVE'}: the built functions on Lambda's runtime."
        lines = [what, *(f"  {name:<8}{text}" for name, text in rows.items())]
        return "\n".join([*lines, "Ctrl-C stops. Each tick, in India's time (IST):"])
