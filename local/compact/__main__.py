"""`make compact`: replace plain collections by compressed copies, after the close."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from local.chosen_database import chosen_database
from local.compact.compaction import Compaction
from local.mongod import MongodUnavailable
from local.terminal import FAILED, UNUSABLE, print_error, print_line, raise_on_stop_signals
from optionchain.errors import OptionChainError, SettingInvalid
from optionchain.mongo.client import open_database
from optionchain.settings import Settings

_COMMAND = "make compact"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compact the database of the settings; return the exit status."""
    raise_on_stop_signals()
    argparse.ArgumentParser(prog="python -m local.compact", description=__doc__).parse_args(
        arguments
    )
    try:
        with ExitStack() as closing:
            _run(chosen_database(Settings.from_env(), closing))
    except (SettingInvalid, MongodUnavailable) as error:
        print_error(_COMMAND, error)
        return UNUSABLE
    except OptionChainError as error:
        print_error(_COMMAND, error)
        return FAILED
    except KeyboardInterrupt:
        print_line("Stopped; nothing is lost. The same command goes on where it ended.")
        return FAILED
    return 0


def _run(settings: Settings) -> None:
    database = open_database(settings)
    print_line(f"Compacting the database {database.name}")
    try:
        Compaction(database, settings, lambda: datetime.now(UTC), print_line).run()
    finally:
        database.client.close()


if __name__ == "__main__":
    sys.exit(main())
