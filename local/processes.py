"""Processes that this one starts, and that end with it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
_STOP_SECONDS = 3
_POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1


class ProcessEnded(Exception):
    """A process ended by itself; the message names it and its log."""


def start_process(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401
    """Start a command with the options of Popen.

    On Linux the kernel sends it SIGTERM when the thread that starts it ends, even by SIGKILL: start
    it from a thread that lasts. It has a session of its own, so Ctrl-C reaches it only through
    the parent, which stops its processes in the right order.
    """
    prepare = None
    if sys.platform == "linux":
        # The library is loaded before the fork: in the child of a threaded process only system
        # calls are safe.
        prepare = partial(_end_with_parent, ctypes.CDLL(None), os.getpid())
    return subprocess.Popen(command, start_new_session=True, preexec_fn=prepare, **options)  # noqa: PLW1509


def stop_process(
    process: subprocess.Popen[bytes],
    seconds: float = _STOP_SECONDS,
    how: signal.Signals = signal.SIGTERM,
) -> None:
    """Send a signal, and SIGKILL where the process has not ended after so many seconds."""
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for_port(port: int, seconds: float, check: Callable[[], object]) -> None:
    """Wait until a port of this machine is listened on; raise TimeoutError.

    `check` is called before each attempt. It may raise to end the wait.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check()
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(_POLL_SECONDS)
    raise TimeoutError(f"nothing listened on port {port} after {seconds} s")


@dataclass(frozen=True)
class ManagedProcess:
    """A running process with a log file; `name` is what a person calls it."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """Raise ProcessEnded unless it is running."""
        if (code := self.process.poll()) is not None:
            raise ProcessEnded(f"{self.name} ended with code {code}; see {self.log}")

    def stop(self) -> None:
        """Stop it and close its pipes."""
        stop_process(self.process)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class ModuleStarter:
    """Starts Python modules as processes; each writes to a log file in the folder `logs`.

    The logs of the previous run are kept as `NAME.log.1`. `python` is whose modules they are.
    """

    def __init__(self, logs: Path, python: str = sys.executable) -> None:
        self._logs = logs
        self._python = python
        logs.mkdir(parents=True, exist_ok=True)
        for log in logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def start(
        self,
        name: str,
        module: str,
        *arguments: str,
        env: Mapping[str, str],
        log: str,
        pass_fds: Sequence[int] = (),
        piped: bool = False,
    ) -> ManagedProcess:
        """Start `python -m MODULE …`.

        It inherits the file descriptors `pass_fds`. With `piped` this process talks with it
        through its standard input and output.
        """
        path = self._logs / f"{log}.log"
        with path.open("ab") as output:
            process = start_process(
                [self._python, "-m", module, *arguments],
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else output,
                stderr=output,
                env=dict(env),
                bufsize=0,
                pass_fds=tuple(pass_fds),
            )
        return ManagedProcess(name, path, process)


def _end_with_parent(libc: ctypes.CDLL, parent: int) -> None:
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)
