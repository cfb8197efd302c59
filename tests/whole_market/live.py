"""In real time: the simulated exchange over HTTP, and an invocation a minute and group."""

import sys
import time
from collections.abc import Mapping, Sequence
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
    env = scope.environment(uri, database) | {"MARKET_HOURS": "always"}
    settings = Settings.from_env(env)
    with closing((opened := open_database(settings)).client):
        SymbolListRegister(opened).write(scope.symbol_list())
        events = [
            {"group": str(group), "groups": scope.groups} for group in range(1, scope.groups + 1)
        ]
        begins, ends = invoke_live(env, events, folder, minutes)
    return LiveRun(begins, ends, scope.plan(settings))


def invoke_live(
    env: Mapping[str, str],
    events: Sequence[Mapping[str, object]],
    folder: Path,
    minutes: float,
    python: str = sys.executable,
) -> tuple[datetime, datetime]:
    """Invoke the handler of the build that `python` has each minute, once for each event.

    The simulated exchange is this build's. Returns when the time that is judged begins and ends.
    """
    port = free_port()
    env = dict(env) | {"NSE_BASE_URL": f"http://{HOST}:{port}"}
    with ExitStack() as stack:
        opened = open_database(Settings.from_env(env))
        stack.enter_context(closing(opened.client))
        exchange = ModuleStarter(folder / "exchange").start(
            "the exchange",
            "local.nse_simulator",
            *("--port", str(port), "--long-dated"),
            env=env,
            log="exchange",
        )
        stack.callback(exchange.stop)
        wait_for_port(port, _START_SECONDS, exchange.check)
        starter = ModuleStarter(folder / "logs", python)
        schedulers = [_scheduler(starter, env, event, opened) for event in events]
        for each in schedulers:
            stack.callback(each.stop)
        begins = datetime.now(UTC) + _STARTED_AFTER
        ends = begins + timedelta(minutes=minutes)
        _work(schedulers, exchange, ends)
    return begins, ends


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
    event: Mapping[str, object],
    opened: Database[Document],
) -> Scheduler:
    group = event.get("group", "1")
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
