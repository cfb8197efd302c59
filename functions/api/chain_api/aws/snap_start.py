"""SnapStart: Lambda keeps a snapshot of the loaded function and starts environments from it.

A snapshot must hold nothing that is one environment's own: no connection, no secret, no kept
answer, no random state. The application is built before the snapshot is taken and has served
nothing by then, so it has none of the first three. Randomness is made anew after each start.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

_VARIABLE, _SNAP_START = "AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start"


class RuntimeHooks(Protocol):
    """The hooks of Lambda's runtime, its module `snapshot_restore_py`."""

    def register_before_snapshot(self, hook: Callable[[], object]) -> object:
        """Call `hook` before a snapshot is taken."""

    def register_after_restore(self, hook: Callable[[], object]) -> object:
        """Call `hook` in each environment that starts from a snapshot."""


def register(
    build: Callable[[], object],
    env: Mapping[str, str],
    runtime_hooks: Callable[[], RuntimeHooks] | None = None,
) -> None:
    """Have `build` called before a snapshot is taken; without SnapStart do nothing."""
    if env.get(_VARIABLE) != _SNAP_START:
        return
    hooks = (runtime_hooks or _runtime_hooks)()
    hooks.register_before_snapshot(build)
    hooks.register_after_restore(random.seed)


def _runtime_hooks() -> RuntimeHooks:
    import snapshot_restore_py  # type: ignore[import-not-found]  # noqa: PLC0415  (Lambda's own)

    return cast("RuntimeHooks", cast("Any", snapshot_restore_py))
