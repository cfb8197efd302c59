"""`make archive DAY=2026-11-27`: seal a day, a range of days, or everything that is due."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pymongo.database import Database

from chain_archive.due_days import DueDays
from chain_archive.seal_days import FailedDay, SymbolDay, seal_days
from chain_archive.sealing import Sealer
from local.archive.options import DayRange, add_days, archive_of, days_of
from local.archive.outcomes import told
from local.chosen_database import chosen_database, exit_status
from local.terminal import (
    FAILED,
    print_line,
    progress_bar,
)
from optionchain.archive.object_stores import open_store, place_of
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.unsealed_days import UnsealedDays
from optionchain.settings import Settings

_STOPPED = "Stopped. What is sealed is whole; the same command goes on with the rest."


def main(arguments: Sequence[str] | None = None) -> int:
    """Seal the days that are asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.archive", description=__doc__)
    add_days(parser)
    parsed = parser.parse_args(arguments)
    return exit_status("make archive", _STOPPED, lambda: _run(parsed))


def _run(parsed: argparse.Namespace) -> int:
    wanted = days_of(parsed)
    with chosen_database(Settings.from_env()) as (database, settings):
        return Sealing(database, settings, print_line).run(wanted, parsed.symbols)


@dataclass(frozen=True)
class Sealing:
    """Seals days of a database into the archive of its settings."""

    database: Database[Document]
    settings: Settings
    print_line: Callable[[str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, wanted: DayRange | None, symbols: Sequence[str] | None) -> int:
        """Seal days of these symbols, or of all; return the exit status.

        Without `wanted` it is everything that is over and not sealed yet, or has changed since.
        Raises StoreUnavailable.
        """
        url = archive_of(self.settings)
        days, too_early = self._days(wanted, symbols)
        for day in too_early:
            self.print_line(f"{day} is not over yet: seal it later.")
        counts: Counter[str] = Counter()
        sealer = Sealer(self.database, open_store(url), self.now)
        with progress_bar(len(days), "archive", "day") as bar:
            for outcome in seal_days(sealer, days):
                status = "failed" if isinstance(outcome, FailedDay) else outcome.status
                counts[status] += 1
                if status in ("sealed", "failed"):
                    self.print_line(told(outcome))
                bar.update()
        self.print_line(
            f"{counts['sealed']} sealed, {counts['unchanged']} unchanged, {counts['failed']} "
            f"failed: from the database {self.database.name} into {url}."
        )
        if wanted and not days and not too_early:
            self.print_line("Nothing is stored of these days.")
        return FAILED if counts["failed"] or (wanted and (too_early or not days)) else 0

    def _days(
        self, wanted: DayRange | None, symbols: Sequence[str] | None
    ) -> tuple[list[SymbolDay], list[date]]:
        """Return what to seal, and the days among what is wanted that are not over."""
        calendar = MarketCalendar(
            HolidayRegister(self.database),
            self.settings.market_hours,
            self.settings.market_special_sessions,
            self.now,
        )
        archive = place_of(archive_of(self.settings))
        due = DueDays(self.database, calendar.market, self.now, archive=archive)
        if wanted is None:
            found = due.find()
            return [each for each in found if symbols is None or each.symbol in symbols], []
        recorded = UnsealedDays(self.database).recorded_days(*wanted, symbols)
        over = {day: due.is_over(day) for day in sorted({each.day for each in recorded})}
        days = [SymbolDay(each.symbol, each.day) for each in recorded if over[each.day]]
        return days, [day for day, it_is in over.items() if not it_is]


if __name__ == "__main__":
    sys.exit(main())
