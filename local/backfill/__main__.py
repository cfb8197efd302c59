"""`make backfill FROM=2026-01-01`: end-of-day chains of past days from the exchange's files."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

from chain_fetch.nse.bhavcopy_archive import ORIGIN, BhavcopyArchive
from local.backfill.backfill import Backfill
from local.backfill.bhavcopy_files import ArchiveFiles, BhavcopyFiles, FolderFiles
from local.chosen_database import chosen_database
from local.mongod import MongodUnavailable
from local.terminal import (
    FAILED,
    UNUSABLE,
    print_error,
    print_line,
    raise_on_stop_signals,
)
from optionchain.errors import OptionChainError, SettingInvalid
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import open_database
from optionchain.settings import Settings

_COMMAND = "make backfill"


def main(arguments: Sequence[str] | None = None) -> int:
    """Store the days that are asked for; return the exit status."""
    raise_on_stop_signals()
    parsed = _parser().parse_args(arguments)
    try:
        if parsed.first is None:
            raise SettingInvalid("FROM", "", "must be the first day, such as FROM=2026-01-01")
        settings = Settings.from_env()
        with ExitStack() as closing:
            return _run(parsed, chosen_database(settings, closing))
    except (SettingInvalid, MongodUnavailable) as error:
        print_error(_COMMAND, error)
        return UNUSABLE
    except OptionChainError as error:
        print_error(_COMMAND, error)
        return FAILED
    except KeyboardInterrupt:
        print_line("Stopped. The same command goes on where it ended.")
        return FAILED


def _run(parsed: argparse.Namespace, settings: Settings) -> int:
    database = open_database(settings)
    try:
        return Backfill(
            database=database,
            files=_files(parsed, settings),
            settings=settings,
            now=lambda: datetime.now(UTC),
            print_line=print_line,
        ).run(parsed.first, parsed.last or exchange_date(datetime.now(UTC)))
    finally:
        database.client.close()


def _files(parsed: argparse.Namespace, settings: Settings) -> BhavcopyFiles:
    if parsed.files:
        return FolderFiles(parsed.files)
    folder = Path(os.environ.get("DATA_DIR") or ".local") / "bhavcopy"
    origin = settings.source_urls.get("nse-files", ORIGIN)
    return ArchiveFiles(folder, BhavcopyArchive(origin))


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
