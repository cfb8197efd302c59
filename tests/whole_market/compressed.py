"""A session in compressed time: a process for each group, over one MongoDB."""

import json
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from local.processes import ManagedProcess, ModuleStarter
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings
from tests.whole_market.processor import cpu_seconds
from tests.whole_market.scope import Scope


class Effort(NamedTuple):
    """What a session took, in seconds: by the clock, of the recorders and of mongod."""

    seconds: float
    client: float
    server: float


def record_session(scope: Scope, folder: Path, uri: str, server: int, database: str) -> Effort:
    """Record a session; `server` is the process of mongod. Raises ProcessEnded."""
    env = scope.environment(uri, database)
    settings = Settings.from_env(env)
    opened = open_database(settings)
    with closing(opened.client):
        Indexes(opened, settings.retention_days).ensure()
        SymbolListRegister(opened).write(scope.symbol_list())
    began, used = time.monotonic(), cpu_seconds(server)
    with ExitStack() as stack:
        starter = ModuleStarter(folder / "logs")
        groups = [_start(scope, group, env, starter) for group in range(1, scope.groups + 1)]
        for each in groups:
            stack.callback(each.stop)
        client = sum(_end(each) for each in groups)
    return Effort(time.monotonic() - began, client, cpu_seconds(server) - used)


def _start(scope: Scope, group: int, env: dict[str, str], starter: ModuleStarter) -> ManagedProcess:
    spells = [f"--spell={first:%H:%M}-{last:%H:%M}" for first, last in scope.spells]
    return starter.start(
        f"group {group}",
        "tests.whole_market.session_group",
        *("--group", str(group), "--groups", str(scope.groups)),
        *("--day", scope.day.isoformat(), "--seed", str(scope.seed), *spells),
        env=env,
        log=f"group-{group}",
        piped=True,
    )


def _end(group: ManagedProcess) -> float:
    """Wait until a group has ended; return its processor time in seconds."""
    output = group.process.stdout
    lines = output.read().decode().splitlines() if output else []
    group.process.wait()
    if group.process.returncode or not lines:
        group.check()
    return float(json.loads(lines[-1])["seconds"])
