"""The processes of the stack: each with a log file, none outlives the supervisor."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_STOP_SECONDS = 3


class ProcessEnded(Exception):
    """A process of the stack ended by itself; the message names it and its log."""


@dataclass(frozen=True)
class ManagedProcess:
    """A running process; `name` is what a person calls it."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """Raise ChildEnded unless it is running."""
        if (code := self.process.poll()) is not None:
            raise ProcessEnded(f"{self.name} ended with code {code}; see {self.log}")

    def stop(self) -> None:
        """End it: in good order, or after 3 s by force."""
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class ProcessGroup:
    """Starts Python modules as processes that end with this one.

    The logs of the run before are kept as `NAME.log.1`.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        for log in logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def __enter__(self) -> Self:
        self._lifeline, self._held = os.pipe()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._lifeline)
        os.close(self._held)

    def start(
        self,
        name: str,
        module: str,
        *words: str,
        env: Mapping[str, str],
        log: str,
        share: Sequence[int] = (),
        piped: bool = False,
    ) -> ManagedProcess:
        """Start `python -m MODULE …`.

        `share` are file descriptors it inherits; with `piped` this process talks with it through
        its standard input and output.
        """
        path = self._logs / f"{log}.log"
        runner = [sys.executable, "-m", "local.run.supervised", str(self._lifeline)]
        with path.open("ab") as output:
            process = subprocess.Popen(
                [*runner, module, *words],
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else output,
                stderr=output,
                env=dict(env),
                bufsize=0,
                pass_fds=(self._lifeline, *share),
                start_new_session=True,  # Ctrl-C is the supervisor's, who stops them in order
            )
        return ManagedProcess(name, path, process)
