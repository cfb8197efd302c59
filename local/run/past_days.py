"""The past days of a run, which are sealed when they are over."""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from pymongo.database import Database

from chain_archive.seal_days import FailedDay, SymbolDay, seal_days
from chain_archive.sealing import SealedDay, Sealer
from local.archive.unsealed import is_over, told
from local.terminal import print_line
from optionchain.archive.object_store import ObjectStore
from optionchain.archive.object_stores import open_store
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.unsealed_days import UnsealedDays
from optionchain.settings import Settings

_EVERY_SECONDS = 60
# A day that could not be sealed is tried again after this time.
_RETRY = timedelta(minutes=15)
# Before any record.
_EVER = date(2000, 1, 1)

type Outcome = SealedDay | FailedDay


class PastDays:
    """Seals what is over and not sealed yet, each time that it is asked to."""

    def __init__(
        self,
        database: Database[Document],
        store: ObjectStore,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._unsealed = UnsealedDays(database)
        self._sealer = Sealer(database, store, now)
        self._calendar = MarketCalendar(
            HolidayRegister(database), settings.market_hours, settings.market_special_sessions, now
        )
        self._now = now
        self._failed: dict[SymbolDay, datetime] = {}

    def seal(self) -> list[Outcome]:
        """Return what came of the days that were due; raise StoreUnavailable."""
        now, market = self._now(), self._calendar.market()
        found = self._unsealed.find(_EVER, exchange_date(now))
        due = [SymbolDay(each.symbol, each.day) for each in found if is_over(market, each.day, now)]
        done = list(seal_days(self._sealer, [each for each in due if not self._waits(each, now)]))
        self._failed |= {
            SymbolDay(each.symbol, each.day): now for each in done if isinstance(each, FailedDay)
        }
        return done

    def _waits(self, day: SymbolDay, now: datetime) -> bool:
        return day in self._failed and now - self._failed[day] < _RETRY


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield one line for all that is sealed, and one for each failure."""
    sealed = [each for each in outcomes if not isinstance(each, FailedDay) and each.manifest]
    if sealed:
        more = f", and {len(sealed) - 1} more" if sealed[1:] else ""
        yield f"{told(sealed[-1])}{more}"
    yield from (told(each) for each in outcomes if isinstance(each, FailedDay))


def seal_on(settings: Settings, now: Callable[[], datetime]) -> None:
    """Seal whatever is over, each minute, and print what came of it."""
    store = open_store(settings.archive_url or "")
    past = PastDays(open_database(settings), store, settings, now)
    while True:
        try:
            for line in summary(past.seal()):
                print_line(line)
        except StoreUnavailable:
            pass  # the console says that the database does not answer
        time.sleep(_EVERY_SECONDS)
