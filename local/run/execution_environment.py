"""An execution environment of the fetch Lambda in a process of its own: both of its sides.

The parent uses `ProcessEnvironment`. The child runs `python -m local.run.execution_environment`: it
reads one invocation a line, `{"event": …, "request_id": …, "seconds": …}`, and answers each with a
line, `{}` or `{"error": …}`. What the handler prints goes to standard error.
"""

import argparse
import json
import select
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from functools import partial
from typing import Any

from local.processes import ManagedProcess
from local.shifted_clock import ShiftedClock, add_clock_offset
from optionchain.settings import Settings

# The fetch function's time-out in template.yaml.
TIMEOUT_SECONDS = 150


class ProcessEnvironment:
    """An execution environment of the fetch Lambda in a process of its own."""

    def __init__(self, process: ManagedProcess) -> None:
        self._process = process
        self._started = 0.0
        self.request_id: str | None = None

    def invoke(self, event: Mapping[str, Any], request_id: str) -> None:
        """Begin an invocation."""
        call = {"event": event, "request_id": request_id, "seconds": TIMEOUT_SECONDS}
        self.request_id = request_id
        self._started = time.monotonic()
        if self._process.process.stdin is not None:
            with suppress(BrokenPipeError):  # collect() reports it
                self._process.process.stdin.write(json.dumps(call).encode() + b"\n")

    def collect(self) -> str | None:
        """Note an invocation that has ended; return its error as a sentence."""
        output = self._process.process.stdout
        if self.request_id is None or output is None:
            return None
        if not select.select([output], [], [], 0)[0]:
            return self._time_out()
        line = output.readline()
        self.request_id = None
        if not line:
            self.stop()
            return self._sentence("its process ended")
        error = json.loads(line).get("error")
        return self._sentence(error) if error else None

    def ended(self) -> bool:
        """Tell whether its process has ended."""
        return self.request_id is None and self._process.process.poll() is not None

    def stop(self) -> None:
        """End the process."""
        self._process.stop()

    def _time_out(self) -> str | None:
        if time.monotonic() - self._started < TIMEOUT_SECONDS:
            return None
        self.request_id = None
        self.stop()
        return self._sentence(f"it did not end within {TIMEOUT_SECONDS} s")

    def _sentence(self, reason: str) -> str:
        return f"an invocation of the fetch Lambda failed: {reason}; see {self._process.log}"


class LocalContext:
    """Lambda's context: the id of the invocation and the time left of its `seconds`."""

    def __init__(self, aws_request_id: str, seconds: float) -> None:
        self.aws_request_id = aws_request_id
        self._ends = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the time-out, never less than 0."""
        return max(0, int((self._ends - time.monotonic()) * 1e3))


type Handler = Callable[[Mapping[str, Any], LocalContext], object]


def call_handler(handler: Handler, line: str) -> str:
    """Call the handler for one invocation; an error it raises becomes the answer, as in Lambda."""
    call = json.loads(line)
    try:
        handler(call["event"], LocalContext(call["request_id"], call["seconds"]))
    except Exception as error:  # noqa: BLE001  (an execution environment outlives its handler)
        traceback.print_exc()
        return json.dumps({"error": f"{type(error).__name__}: {error}"})
    return "{}"


def main() -> None:
    """Answer invocations until the end of the input."""
    parser = argparse.ArgumentParser(prog="python -m local.run.execution_environment")
    add_clock_offset(parser)
    clock: ShiftedClock = parser.parse_args().clock
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        # Imported here, because its logger keeps standard output.
        from chain_fetch.dependencies import connect  # noqa: PLC0415
        from chain_fetch.handler import lambda_handler  # noqa: PLC0415

        deps = connect(Settings.from_env(), clock) if clock.offset else None
        for line in sys.stdin:
            print(call_handler(partial(lambda_handler, deps=deps), line), file=answers, flush=True)


if __name__ == "__main__":
    main()
