"""`make backfill FROM=2026-01-01`: end-of-day chains of past days from the exchange's files."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from chain_fetch.nse.bhavcopy_server import ORIGIN, BhavcopyServer
from local.backfill.backfill import Backfill
from local.backfill.bhavcopy_files import BhavcopyFiles, FetchedFiles, FolderFiles
from local.chosen_database import chosen_database, exit_status
from local.terminal import (
    print_line,
)
from optionchain.errors import SettingInvalid
from optionchain.exchange_time import exchange_date
from optionchain.settings import Settings

_STOPPED = "Stopped. The same command goes on where it ended."


def main(arguments: Sequence[str] | None = None) -> int:
    """Store the days that are asked for; return the exit status."""
    parsed = _parser().parse_args(arguments)
    return exit_status("make backfill", _STOPPED, lambda: _run(parsed))


def _run(parsed: argparse.Namespace) -> int:
    if parsed.first is None:
        raise SettingInvalid("FROM", "", "must be the first day, such as FROM=2026-01-01")
    with chosen_database(Settings.from_env()) as (database, settings):
        return Backfill(
            database=database,
            files=_files(parsed, settings),
            settings=settings,
            now=lambda: datetime.now(UTC),
            print_line=print_line,
        ).run(parsed.first, parsed.last or exchange_date(datetime.now(UTC)))


def _files(parsed: argparse.Namespace, settings: Settings) -> BhavcopyFiles:
    if parsed.files:
        return FolderFiles(parsed.files)
    folder = Path(os.environ.get("DATA_DIR") or ".local") / "bhavcopy"
    origin = settings.source_urls.get("nse-files", ORIGIN)
    return FetchedFiles(folder, BhavcopyServer(origin))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.backfill", description=__doc__)
    parser.add_argument("--from", dest="first", type=_day, metavar="FROM")
    parser.add_argument("--to", dest="last", type=_day, metavar="TO")
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="files that were downloaded")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-01-31") from error


if __name__ == "__main__":
    sys.exit(main())
