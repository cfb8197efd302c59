"""The days, the symbols and the archive that a command names."""

import argparse
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from optionchain.errors import SettingInvalid
from optionchain.setting_values import symbols_of
from optionchain.settings import Settings

type DayRange = tuple[date, date]


def add_days(parser: argparse.ArgumentParser) -> None:
    """Add the days and the symbols that a command of the archive takes."""
    parser.add_argument("--day", type=_day, metavar="DAY")
    parser.add_argument("--from", dest="first", type=_day, metavar="FROM")
    parser.add_argument("--to", dest="last", type=_day, metavar="TO")
    parser.add_argument("--symbols", type=_symbols, metavar="SYMBOLS")


def days_of(parsed: argparse.Namespace) -> DayRange | None:
    """Return the days that DAY, or FROM and TO name; None if nothing is given.

    FROM alone names one day. Raises SettingInvalid.
    """
    day, first, last = parsed.day, parsed.first, parsed.last
    if day and (first or last):
        raise SettingInvalid("DAY", f"{day}", "cannot be combined with FROM and TO")
    if last and not first:
        raise SettingInvalid("FROM", "", "must be the first day, such as FROM=2026-11-01")
    first = day or first
    if first is None:
        return None
    if last and first > last:
        raise SettingInvalid("FROM", f"{first}", f"must not be after TO={last}")
    return first, last or first


def archive_of(settings: Settings) -> str:
    """Return the archive that is given, else the folder beside the database of `make run`."""
    folder = Path(os.environ.get("DATA_DIR") or ".local")
    return settings.archive_url or archive_beside(folder, settings.mongodb_database)


def archive_beside(data_dir: Path, database: str) -> str:
    """Return the archive of a database of `make run`: each has one of its own."""
    return str((data_dir / "archive" / database).resolve())


def archive_of_run(
    given: Mapping[str, str], data_dir: Path, database: str, label: str
) -> dict[str, str]:
    """Return ARCHIVE_URL of a run: a folder beside its own database, or what is given.

    Simulated days never lie in the archive of real days: those of a given archive have a part of
    it. A database on another server has no archive unless one is given.
    """
    if url := given.get("ARCHIVE_URL"):
        return {"ARCHIVE_URL": f"{url.rstrip('/')}/{database}" if label else url}
    return {} if "MONGODB_URI" in given else {"ARCHIVE_URL": archive_beside(data_dir, database)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-11-27") from error


def _symbols(text: str) -> tuple[str, ...]:
    try:
        return symbols_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
