"""Modules load without a search for garbage, which goes on as before afterwards."""

import gc
import subprocess
import sys

import pytest

from optionchain.module_loading import garbage_collection_paused


def test_no_garbage_is_looked_for_meanwhile() -> None:
    with garbage_collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_failed_to_load_leaves_the_search_on() -> None:
    with pytest.raises(ImportError), garbage_collection_paused():
        raise ImportError
    assert gc.isenabled()


def test_a_closed_market_loads_no_client_of_the_exchange() -> None:
    """A fifth of a cold start: `make bench`, part init."""
    program = "import sys, chain_fetch.handler; print(*sys.modules)"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    assert not {"requests", "urllib3", "pyrate_limiter", "boto3"} & set(done.stdout.split())
