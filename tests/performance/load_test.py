"""The real application under load for a minute: latencies, errors and memory."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import orjson

from local.processes import ManagedProcess, ModuleStarter
from local.run.locks import bind_port
from tests.performance.dataset import FOLDER, THIRTY, DataSet
from tests.performance.load_generator import CONNECTIONS, LoadResult
from tests.performance.measure import Figure, Ratio, Row

_SECONDS = 60
_MEMORY_AT = (10, 20)
_P99_LIMIT = 10.0
_GROWTH_LIMIT = 10.0


class _Load(NamedTuple):
    outcome: LoadResult
    memory: Sequence[float]  # MB: at the two moments, and at the end


def rows(data: DataSet) -> Iterator[Row]:
    """Put the application under load and report the result."""
    outcome, (early, settled, late) = _run(data)
    for example in outcome.examples:
        print(example, file=sys.stderr)  # noqa: T201
    assert len(outcome.latest) > 1, "no request was answered"
    label = f"load, {CONNECTIONS} connections"
    done = len(outcome.latest) + len(outcome.past)
    yield _spread(f"{label}: latest chain", outcome.latest, _P99_LIMIT)
    if len(outcome.past) > 1:
        yield _spread(f"{label}: as-of and history", outcome.past, None)
    yield Figure(f"{label}: requests a second", done / _SECONDS)
    yield Figure(f"{label}: errors of {done + outcome.errors} requests", outcome.errors, 0)
    yield Figure(f"server's memory at {_MEMORY_AT[0]} s, MB", early)
    yield Figure(f"server's memory at {_SECONDS} s, MB", late)
    growth = (late / settled - 1) * 100
    yield Figure(f"server's memory, growth since {_MEMORY_AT[1]} s, %", growth, _GROWTH_LIMIT)


def _spread(label: str, times: Sequence[float], limit: float | None) -> Ratio:
    cuts = quantiles(times, n=100)
    return Ratio(f"{label}, p99 / p50", cuts[98], cuts[49], limit)


def _run(data: DataSet) -> _Load:
    settings = {"MONGODB_URI": data.uri, "MONGODB_DATABASE": THIRTY, "RETENTION_DAYS": "3650"}
    env = {**os.environ, **settings}
    modules = ModuleStarter(FOLDER / "logs")
    with bind_port(0) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        module = "tests.performance.server"
        server = modules.start(
            "the API", module, "--fd", str(fd), env=env, log="api", pass_fds=(fd,)
        )
        try:
            return _drive(modules, server, port)
        finally:
            server.stop()


def _drive(modules: ModuleStarter, server: ManagedProcess, port: int) -> _Load:
    """Run the load generator in a process of its own, so that this process does not slow it."""
    words = ("--port", str(port), "--seconds", str(_SECONDS))
    module = "tests.performance.load_generator"
    generator = modules.start(
        "the load generator", module, *words, env=os.environ, log="load", piped=True
    )
    try:
        started, memory = time.monotonic(), []
        for moment in (*_MEMORY_AT, _SECONDS):
            time.sleep(max(started + moment - time.monotonic(), 0))
            server.check()
            memory.append(_memory(server))
        printed, _ = generator.process.communicate(timeout=_SECONDS)
        return _Load(LoadResult(**orjson.loads(printed)), memory)
    finally:
        generator.stop()


def _memory(child: ManagedProcess) -> float:
    """Return the physical memory of a process, in MB."""
    status = Path(f"/proc/{child.process.pid}/status").read_text(encoding="utf-8")
    _, _, rest = status.partition("VmRSS:")
    return int(rest.split()[0]) / 1024
