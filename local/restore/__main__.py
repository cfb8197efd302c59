"""`make restore DAY=2026-11-27`: bring sealed days back into a database, as they were."""

import argparse
import sys
from collections.abc import Sequence

from pymongo.database import Database

from chain_archive.restoring import Restorer
from local.archive.options import DayRange, add_days, archive_of, days_of
from local.chosen_database import chosen_database, exit_status
from local.database_for_past_days import ensure_indexes
from local.terminal import (
    FAILED,
    print_line,
    progress_bar,
)
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.object_stores import open_store
from optionchain.errors import OptionChainError, SettingInvalid
from optionchain.mongo.client import Document
from optionchain.settings import Settings

_STOPPED = "Stopped. The same command goes on where it ended."


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore the days that are asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.restore", description=__doc__)
    add_days(parser)
    parsed = parser.parse_args(arguments)
    return exit_status("make restore", _STOPPED, lambda: _run(parsed))


def _run(parsed: argparse.Namespace) -> int:
    wanted = days_of(parsed)
    if wanted is None:
        raise SettingInvalid("DAY", "", "must be a sealed day, such as DAY=2026-11-27")
    with chosen_database(Settings.from_env()) as (database, settings):
        return run(database, settings, wanted, parsed.symbols)


def run(
    database: Database[Document],
    settings: Settings,
    wanted: DayRange,
    symbols: Sequence[str] | None,
) -> int:
    """Restore the sealed days of these symbols, or of all; return the exit status."""
    url = archive_of(settings)
    reader = ArchiveReader(open_store(url))
    days = [
        (symbol, day)
        for symbol in (symbols or reader.catalogue.symbols())
        for day in reader.catalogue.days(symbol)
        if wanted[0] <= day <= wanted[1]
    ]
    if not days:
        print_line(f"No such day is sealed in {url}.")
        return FAILED
    ensure_indexes(database, settings.retention_days, print_line)
    restorer, failed = Restorer(database, reader), 0
    with progress_bar(len(days), "restore", "day") as bar:
        for symbol, day in days:
            try:
                done = restorer.restore(symbol, day)
            except OptionChainError as error:
                failed += 1
                print_line(f"{symbol} {day} is not restored: {error}")
            else:
                print_line(
                    f"{symbol} {day} is restored: {done.stored:,} documents stored, {done.known:,} "
                    f"were there before" + (f", {done.kept:,} went on since" if done.kept else "")
                )
            bar.update()
    print_line(f"{len(days) - failed} of {len(days)} restored into the database {database.name}.")
    return FAILED if failed else 0


if __name__ == "__main__":
    sys.exit(main())
