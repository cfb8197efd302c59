"""How long tests wait: a busy machine may stand still for seconds, and no test may fail for that.

The clients of recorder and API give up after two seconds, which a busy machine passes. In tests
they wait long, but for tests of the time limits themselves, which are marked `time_limits`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import chain_fetch.http.request
import optionchain.mongo.client

# Longer than a machine stands still, and shorter than what must not be waited for.
PATIENCE_SECONDS = 30.0
_PATIENCE_MS = int(PATIENCE_SECONDS * 1e3)
_MONGO_LIMITS = ("OPERATION_TIMEOUT_MS", "CONNECT_TIMEOUT_MS", "SERVER_SELECTION_TIMEOUT_MS")
_HTTP_LIMITS = ("CONNECT_SECONDS", "READ_SECONDS")
_REAL_MONGO = {name: getattr(optionchain.mongo.client, name) for name in _MONGO_LIMITS}
_REAL_HTTP = {name: getattr(chain_fetch.http.request, name) for name in _HTTP_LIMITS}


@contextmanager
def patient_clients() -> Iterator[None]:
    """Let the clients that are made meanwhile wait long for MongoDB and for a source."""
    with _limits(
        dict.fromkeys(_MONGO_LIMITS, _PATIENCE_MS), dict.fromkeys(_HTTP_LIMITS, PATIENCE_SECONDS)
    ):
        yield


@contextmanager
def real_time_limits() -> Iterator[None]:
    """Let the clients that are made meanwhile wait as long as in use."""
    with _limits(_REAL_MONGO, _REAL_HTTP):
        yield


@contextmanager
def _limits(mongo: dict[str, Any], http: dict[str, Any]) -> Iterator[None]:
    with (
        patch.multiple(optionchain.mongo.client, **mongo),
        patch.multiple(chain_fetch.http.request, **http),
    ):
        yield


def within(seconds: float = PATIENCE_SECONDS) -> float:
    """Return the deadline so many seconds from now."""
    return time.monotonic() + seconds


@contextmanager
def ends_soon() -> Iterator[None]:
    """Check that what must end by itself does so, and not when its other side gives up."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE_SECONDS
