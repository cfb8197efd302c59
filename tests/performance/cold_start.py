"""The start of the built functions on Lambda's runtime, compared with an empty function."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median

from local.lambda_emulator.artifact import API, FETCH, Artifact, BuiltFunction, find_artifact
from local.lambda_emulator.runtime_emulator import InvocationFailed, RuntimeEmulator
from tests.performance.measure import Ratio

_LIMITS = {API: 12.0, FETCH: 5.8}
_STARTS = 9
_EMPTY = "def lambda_handler(event, context):\n    return {}\n"
# No event needs a database: the start ends before the handler is called.
_EVENTS: dict[str, object] = {"Empty": {}, FETCH: {"symbols": 0}, API: {}}
_ENV = {"MONGODB_URI": "mongodb://127.0.0.1:1/"}


def ratios() -> Iterator[Ratio]:
    """Start each function in turn, several times; raise RuntimeUnavailable if they cannot run.

    The times are those of the emulator's `INIT REPORT`: from the start of the process until the
    runtime asks for its first invocation.
    """
    artifact = find_artifact()
    with tempfile.TemporaryDirectory() as folder:
        empty = _empty(artifact.function(FETCH), Path(folder))
        functions = [empty, artifact.function(API), artifact.function(FETCH)]
        times: dict[str, list[float]] = {function.name: [] for function in functions}
        for number in range(-1, _STARTS):  # the first one warms up and does not count
            for function in functions:
                took = _start(artifact, function, Path(folder))
                if number >= 0:
                    times[function.name].append(took)
    for name, limit in _LIMITS.items():
        ours, bare = median(times[name]), median(times[empty.name])
        yield Ratio(f"init of {name} on Lambda's runtime / of an empty one", ours, bare, limit)


def _empty(like: BuiltFunction, folder: Path) -> BuiltFunction:
    """Return a function that does nothing, with the layers of another function."""
    (folder / "empty.py").write_text(_EMPTY, encoding="utf-8")
    path = (folder, *like.path[1:])
    return replace(like, name="Empty", handler="empty.lambda_handler", path=path)


def _start(artifact: Artifact, function: BuiltFunction, folder: Path) -> float:
    log = folder / "emulator.log"
    log.unlink(missing_ok=True)
    with RuntimeEmulator(artifact, function, _ENV, log) as emulator:
        # The result does not matter: the events are such that nothing is done.
        with suppress(InvocationFailed):
            emulator.invoke(_EVENTS[function.name])
        return emulator.log.init_ms[0]
