"""In real time: the simulated exchange over HTTP, and an invocation a minute and group."""

import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pymongo.database import Database

from local.mongod import free_port
from local.processes import HOST, ManagedProcess, ModuleStarter, wait_for_port
from local.run.execution_environment import ProcessEnvironment
from local.run.scheduler import Scheduler
from local.terminal import print_line
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.shift_register import NOBODY, ShiftRegister
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan
from tests.whole_market.scope import Scope

_START_SECONDS = 30
_POLL_SECONDS = 0.1
# The first invocations start their processes, and take over.
_STARTED_AFTER = timedelta(seconds=15)


class LiveRun(NamedTuple):
    """Between these two instants an invocation of each group was on duty."""

    begins: datetime
    ends: datetime
    plan: SymbolPlan


def run_live(scope: Scope, folder: Path, uri: str, database: str, minutes: float) -> LiveRun:
    """Record for some minutes, and return the time that is judged. Raises ProcessEnded."""
    port = free_port()
    env = scope.environment(uri, database) | {
        "NSE_BASE_URL": f"http://{HOST}:{port}",
        "MARKET_HOURS": "always",
    }
    settings = Settings.from_env(env)
    with ExitStack() as stack:
        opened = open_database(settings)
        stack.enter_context(closing(opened.client))
        SymbolListRegister(opened).write(scope.symbol_list())
        starter = ModuleStarter(folder / "logs")
        exchange = starter.start(
            "the exchange",
            "local.nse_simulator",
            *("--port", str(port), "--seed", str(scope.seed), "--long-dated"),
            env=env,
            log="exchange",
        )
        stack.callback(exchange.stop)
        wait_for_port(port, _START_SECONDS, exchange.check)
        schedulers = [
            _scheduler(starter, env, {"group": str(group), "groups": scope.groups}, opened)
            for group in range(1, scope.groups + 1)
        ]
        for each in schedulers:
            stack.callback(each.stop)
        begins = datetime.now(UTC) + _STARTED_AFTER
        ends = begins + timedelta(minutes=minutes)
        _work(schedulers, exchange, ends)
    return LiveRun(begins, ends, scope.plan(settings))


def _work(schedulers: list[Scheduler], exchange: ManagedProcess, ends: datetime) -> None:
    # A minute longer, so that the ticks that are judged have their time.
    while (now := datetime.now(UTC)) < ends + timedelta(minutes=1):
        exchange.check()
        for each in schedulers:
            each.tick(now)
        time.sleep(_POLL_SECONDS)


def _scheduler(
    starter: ModuleStarter,
    env: dict[str, str],
    event: dict[str, object],
    opened: Database[Document],
) -> Scheduler:
    group = event["group"]
    start = partial(
        starter.start,
        f"an environment of group {group}",
        "local.run.execution_environment",
        env=env,
        log=f"group-{group}",
        piped=True,
    )
    return Scheduler(
        event,
        start=lambda: ProcessEnvironment(start()),
        relieve=partial(_relieve, opened),
        print_line=print_line,
    )


def _relieve(opened: Database[Document], owner: str) -> None:
    register = ShiftRegister(opened)
    held = [symbol for symbol, shift in register.owners().items() if shift["owner"] == owner]
    register.take_over(held, NOBODY, datetime.now(UTC))
