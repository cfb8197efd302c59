"""`make shards`: spread contracts and headers over the shards of a cluster."""

import argparse
import sys
from collections.abc import Sequence

from local.chosen_database import chosen_database, exit_status
from local.shards.sharding import shard
from local.terminal import print_line
from optionchain.settings import Settings

_STOPPED = "Stopped; nothing is lost. The same command goes on where it ended."


def main(arguments: Sequence[str] | None = None) -> int:
    """Shard the database of the settings; return the exit status."""
    argparse.ArgumentParser(prog="python -m local.shards", description=__doc__).parse_args(
        arguments
    )
    return exit_status("make shards", _STOPPED, _run)


def _run() -> int:
    with chosen_database(Settings.from_env()) as (database, _):
        print_line(f"Sharding the database {database.name}")
        shard(database, print_line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
