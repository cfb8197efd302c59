"""What a start loads, and what it leaves to the first tick."""

import subprocess
import sys
import time

from chain_fetch.source_wiring import evening_places
from optionchain.settings import Settings
from tests.support.settings import changed

# Half of a cold start: `make bench`, part init.
FOR_TICKS = {"boto3", "opengreeks", "pydantic", "pyrate_limiter", "requests", "urllib3"}
WARM_UP = """
from chain_fetch.dependencies import connect
from optionchain.settings import SecretStr, Settings

deps = connect(Settings(mongodb_uri=SecretStr("mongodb://127.0.0.1:1/")))
deps.warm_up.warm_up.load()
"""


def loaded_by(program: str) -> set[str]:
    words = [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_a_start_loads_nothing_that_only_ticks_need() -> None:
    assert not loaded_by("import chain_fetch.handler") & FOR_TICKS


def test_the_warm_up_loads_what_ticks_need() -> None:
    assert loaded_by(WARM_UP) >= (FOR_TICKS - {"boto3"}) | {"chain_fetch.nse.body_parser"}


def test_the_evening_sends_one_request_a_second() -> None:
    """A third of the budget; nothing in the evening is urgent."""
    take_place = evening_places(Settings())
    begins = time.monotonic()
    assert take_place(begins + 5)
    assert not take_place(time.monotonic() + 0.2)
    for rate, places in ((1, 1), (9, 3)):
        take_place = evening_places(changed(Settings(), nse_max_requests_per_second=rate))
        assert [take_place(time.monotonic() + 0.05) for _ in range(4)] == [
            number < places for number in range(4)
        ]
