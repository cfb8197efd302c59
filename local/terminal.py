"""How the commands speak to a person, and how a person stops them."""

import signal
import sys
from types import FrameType
from typing import Any

from tqdm import tqdm

FAILED = 1
UNUSABLE = 2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def print_line(text: str) -> None:
    """Print a line at once, also where the output is a pipe or a file."""
    print(text, flush=True)


def print_error(command: str, error: Exception) -> None:
    """Print an error of a command as one line on standard error."""
    print(f"{command}: {error}", file=sys.stderr, flush=True)


def progress_bar(total: int, description: str, unit: str) -> "tqdm[Any]":
    """Return a progress bar that is drawn on a terminal alone: output in a file has plain lines."""
    # With disable=None tqdm looks whether standard error is a terminal.
    return tqdm(total=total, desc=description, unit=unit, unit_scale=True, disable=None)


def raise_on_stop_signals() -> None:
    """Make Ctrl-C, SIGTERM and a closed terminal raise KeyboardInterrupt once.

    Later signals are ignored, so that the shutdown is not cut short. Under nohup a closed
    terminal stays without effect.
    """
    for number in _STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    for each in _STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
