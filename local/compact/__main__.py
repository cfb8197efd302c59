"""`make compact`: replace plain collections by compressed copies, after the close."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from local.chosen_database import chosen_database, exit_status
from local.compact.compaction import Compaction
from local.terminal import print_line
from optionchain.settings import Settings

_STOPPED = "Stopped; nothing is lost. The same command goes on where it ended."


def main(arguments: Sequence[str] | None = None) -> int:
    """Compact the database of the settings; return the exit status."""
    argparse.ArgumentParser(prog="python -m local.compact", description=__doc__).parse_args(
        arguments
    )
    return exit_status("make compact", _STOPPED, _run)


def _run() -> int:
    with chosen_database(Settings.from_env()) as (database, settings):
        print_line(f"Compacting the database {database.name}")
        Compaction(database, settings, lambda: datetime.now(UTC), print_line).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
