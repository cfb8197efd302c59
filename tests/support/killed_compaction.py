"""`python -m tests.support.killed_compaction URI DATABASE STEP`: SIGKILL after that step."""

import os
import signal
import sys
from datetime import UTC, datetime

from local.compact.compaction import Compaction
from local.terminal import print_line
from optionchain.mongo.client import open_database
from optionchain.settings import Settings

SUNDAY = datetime(2026, 6, 21, 6, 0, tzinfo=UTC)


def main() -> None:
    """Compact until the step is done."""
    uri, name, last = sys.argv[1:]
    settings = Settings.from_env({"MONGODB_URI": uri, "MONGODB_DATABASE": name})

    def die_after(done: str) -> None:
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    Compaction(open_database(settings), settings, lambda: SUNDAY, print_line, die_after).run()


if __name__ == "__main__":
    main()
