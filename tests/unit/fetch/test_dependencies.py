"""What a start loads, and what it leaves to the first tick."""

import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from chain_fetch.dependencies import connect
from chain_fetch.http.window import Window
from chain_fetch.source_wiring import evening_places
from optionchain.errors import SettingInvalid
from optionchain.settings import SecretStr, Settings
from tests.support.settings import changed

# Half of a cold start: `make bench`, part init.
FOR_TICKS = {"boto3", "msgspec", "opengreeks", "pydantic", "pyrate_limiter", "requests", "urllib3"}
CONNECT = """
from chain_fetch.dependencies import connect
from optionchain.settings import SecretStr, Settings

deps = connect(Settings(mongodb_uri=SecretStr("mongodb://127.0.0.1:1/"), source=("{source}",)))
"""
WARM_UP = f"{CONNECT}deps.warm_up.warm_up.load()"


def loaded_by(program: str) -> set[str]:
    words = [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_a_start_loads_nothing_that_only_ticks_need() -> None:
    assert not loaded_by("import chain_fetch.handler") & FOR_TICKS


def test_the_warm_up_loads_what_ticks_need() -> None:
    needed = FOR_TICKS - {"boto3", "msgspec"} | {"chain_fetch.nse.body_parser"}
    assert loaded_by(WARM_UP.format(source="nse")) >= needed


def test_a_recorder_loads_nothing_of_a_source_that_it_does_not_ask() -> None:
    loaded = loaded_by(WARM_UP.format(source="nse"))
    others = ("chain_fetch.upstox", "chain_fetch.dhan", "msgspec")
    assert not [name for name in loaded if name.startswith(others)]


@pytest.mark.parametrize("source", ["upstox", "dhan"])
def test_a_start_with_another_source_loads_nothing_that_only_ticks_need(source: str) -> None:
    loaded = loaded_by(CONNECT.format(source=source))
    assert f"chain_fetch.{source}.source" in loaded
    assert not loaded & FOR_TICKS
    ticking = loaded_by(WARM_UP.format(source=source))
    assert ticking >= {"msgspec", "requests", f"chain_fetch.{source}.body_parser"}


def test_a_cross_check_of_a_single_source_is_refused_at_the_start() -> None:
    settings = Settings(mongodb_uri=SecretStr("mongodb://127.0.0.1:1/"), cross_check=True)
    with pytest.raises(SettingInvalid, match=r"CROSS_CHECK='true': needs two sources"):
        connect(settings)
    with closing(connect(changed(settings, source=("upstox", "nse")))) as deps:
        assert deps.cross_check
    with closing(connect(changed(settings, cross_check=False))) as deps:
        assert deps.cross_check is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source_urls": {"upstoxx": "http://127.0.0.1:1"}}, "SOURCE_URLS='upstoxx'"),
        ({"source_tokens": SecretStr('{"upstx": {"access_token": "t"}}')}, "SOURCE_TOKENS='upstx'"),
        ({"source_tokens": SecretStr('{"upstox": {}}')}, "'upstox': has no token"),
        ({"source_secret_arn": "foo"}, "SOURCE_SECRET_ARN="),
    ],
)
def test_a_setting_that_no_source_looks_at_is_refused_at_the_start(
    changes: dict[str, Any], told: str
) -> None:
    settings = Settings(mongodb_uri=SecretStr("mongodb://127.0.0.1:1/"), source=("upstox", "nse"))
    with pytest.raises(SettingInvalid, match=told):
        connect(replace(settings, **changes))


def test_the_evening_sends_a_third_of_the_requests() -> None:
    """A third of the budget, here of a minute; nothing in the evening is urgent."""
    for rate, places in ((3, 1), (1, 1), (9, 3)):
        take_place = evening_places([Window(rate, 60)])
        assert [take_place(time.monotonic() + 0.05) for _ in range(4)] == [
            number < places for number in range(4)
        ]
