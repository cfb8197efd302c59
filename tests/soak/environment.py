"""`python -m tests.soak.environment`: an execution environment whose clock may be wrong.

It speaks as `local.run.execution_environment` does. `SOAK_CLOCK_AHEAD` are the seconds by which
its clock is ahead.
"""

import os
import sys
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from functools import partial

from local.run.execution_environment import call_handler

CLOCK_AHEAD = "SOAK_CLOCK_AHEAD"


def main() -> None:
    """Answer invocations until the end of the input."""
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        from chain_fetch.dependencies import connect  # noqa: PLC0415  (its logger keeps stdout)
        from chain_fetch.handler import lambda_handler  # noqa: PLC0415
        from chain_fetch.recording.ticks.clock import WallClock  # noqa: PLC0415
        from optionchain.settings import Settings  # noqa: PLC0415

        class WrongClock(WallClock):
            def now(self) -> datetime:
                return super().now() + timedelta(seconds=float(os.environ[CLOCK_AHEAD]))

        deps = connect(Settings.from_env(), WrongClock())
        for line in sys.stdin:
            print(call_handler(partial(lambda_handler, deps=deps), line), file=answers, flush=True)


if __name__ == "__main__":
    main()
