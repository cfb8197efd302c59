"""Seals past days beside a run, in a process of its own: both of its sides.

The parent uses `SealerProcess`. The child runs `python -m local.run.sealer`: it begins when the run
has started, gives way to everything else on this machine, and prints a line for what it has sealed.
"""

import argparse
import os
import select
import time
from collections.abc import Iterator
from contextlib import suppress

from local.processes import ManagedProcess
from local.shifted_clock import add_clock_offset
from local.terminal import raise_on_stop_signals
from optionchain.settings import Settings

_LEAST_PRIORITY = 19
# The first chain is recorded within this time, on a slow machine too.
_FIRST_AFTER_SECONDS = 15


class SealerProcess:
    """The process that seals. A run goes on without it if it ends."""

    def __init__(self, process: ManagedProcess) -> None:
        self._process = process
        self._ended = False

    def lines(self) -> Iterator[str]:
        """Yield what it has to say since the last call."""
        output = self._process.process.stdout
        while not self._ended and output and select.select([output], [], [], 0)[0]:
            if line := output.readline():
                yield line.decode().rstrip()
            else:
                self._ended = True
                yield f"Past days are not sealed any more: see {self._process.log}"


def main() -> None:
    """Seal now and then, until SIGTERM."""
    os.nice(_LEAST_PRIORITY)
    raise_on_stop_signals()
    parser = argparse.ArgumentParser(prog="python -m local.run.sealer", description=__doc__)
    add_clock_offset(parser)
    parser.add_argument("--after", type=float, default=_FIRST_AFTER_SECONDS, metavar="SECONDS")
    parsed = parser.parse_args()
    with suppress(KeyboardInterrupt):
        time.sleep(parsed.after)
        # Imported here, because the run starts meanwhile and needs the time for itself.
        from local.run.past_days import seal_on  # noqa: PLC0415

        seal_on(Settings.from_env(), parsed.clock.now)


if __name__ == "__main__":
    main()
