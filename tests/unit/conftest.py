"""Unit tests have no network, and search with hypothesis in bounded time."""

import io
import logging
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

from chain_fetch.recording.reports.telemetry import Telemetry

settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
# HYPOTHESIS_PROFILE=search looks where no run has looked before.
settings.register_profile("search", max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every socket but those of this machine's own files."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


class StandardOutput(io.TextIOBase):
    """Whatever the standard output is at the moment: pytest has another in each phase."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@pytest.fixture
def telemetry() -> Telemetry:
    """Telemetry whose log lines a test can capture.

    Powertools keeps one log handler a process, with the standard output of its first use.
    """
    telemetry = Telemetry("INFO")
    (handler,) = telemetry.logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.stream = StandardOutput()
    return telemetry
