"""SnapStart: what is built before the snapshot, and that it holds nothing of one environment."""

import random
from collections.abc import Callable

import pytest

from chain_api.app import create_app
from chain_api.aws import snap_start
from chain_api.dependencies import connect
from optionchain.settings import SecretStr, Settings


class Hooks:
    """Lambda's hooks, called when a test says so."""

    def __init__(self) -> None:
        self.before: list[Callable[[], object]] = []
        self.after: list[Callable[[], object]] = []

    def register_before_snapshot(self, hook: Callable[[], object]) -> None:
        self.before.append(hook)

    def register_after_restore(self, hook: Callable[[], object]) -> None:
        self.after.append(hook)


def test_application_is_built_before_the_snapshot() -> None:
    hooks, built = Hooks(), list[str]()
    env = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    snap_start.register(lambda: built.append("built"), env, lambda: hooks)
    assert built == []
    (before,), _ = hooks.before, hooks.after
    before()
    assert built == ["built"]


def test_environments_from_one_snapshot_differ_in_their_randomness() -> None:
    hooks = Hooks()
    env = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    snap_start.register(lambda: None, env, lambda: hooks)
    snapshot, drawn = random.getstate(), set()
    for _ in range(3):
        random.setstate(snapshot)
        for hook in hooks.after:
            hook()
        drawn.add(random.random())
    assert len(drawn) == 3


@pytest.mark.parametrize("env", [{}, {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}])
def test_nothing_is_registered_without_snap_start(env: dict[str, str]) -> None:
    hooks = Hooks()
    snap_start.register(lambda: None, env, lambda: hooks)
    assert hooks.before == hooks.after == []


def test_built_application_has_no_connection_and_no_secret() -> None:
    """The first request reads the secret and opens the client; unit tests refuse every socket."""
    read: list[str] = []

    class Secret(SecretStr):
        def get_secret_value(self) -> str:
            read.append("read")
            return super().get_secret_value()

    settings = Settings(mongodb_uri=Secret("mongodb://127.0.0.1:1/"))
    create_app(connect(settings, one_at_a_time=True))
    assert read == []
