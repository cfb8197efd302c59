"""The past days of a run, which are sealed when they are over."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from pymongo.database import Database

from chain_archive.due_days import DueDays
from chain_archive.seal_days import FailedDay, seal_days
from chain_archive.sealing import Sealer
from local.archive.outcomes import Outcome, told
from local.terminal import print_line
from optionchain.archive.object_store import ObjectStore
from optionchain.archive.object_stores import open_store, place_of
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.settings import Settings

_LOOKS_EVERY = timedelta(minutes=15)
_WAKES_EVERY_SECONDS = 30
# A tick is stored within this time.
_STORED_WITHIN = timedelta(minutes=5)


class PastDays:
    """Seals what is over and not sealed yet, or has changed; what fails is tried at the next look.

    Nothing is sealed while the evening of a day is read: each chain would make another version.
    """

    def __init__(
        self,
        database: Database[Document],
        store: ObjectStore,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        calendar = MarketCalendar(
            HolidayRegister(database), settings.market_hours, settings.market_special_sessions, now
        )
        self._market = calendar.market
        self._due = DueDays(database, calendar.market, now, archive=place_of(store.url))
        self._sealer = Sealer(database, store, now)
        self._now = now
        self._looked_at: datetime | None = None

    def seal(self) -> list[Outcome]:
        """Return what came of the days that were due, every 15 minutes; raise StoreUnavailable."""
        now = self._now()
        waits = self._looked_at is not None and now - self._looked_at < _LOOKS_EVERY
        if waits or evening_is_read(self._market(), now):
            return []
        done = list(seal_days(self._sealer, self._due.find()))
        self._looked_at = now
        return done


def evening_is_read(market: Market, now: datetime) -> bool:
    """Tell whether the final chains of a day are read at the moment."""
    rounds = market.evening_rounds(exchange_date(now))
    return any(each.begins <= now < each.ticks[-1] + _STORED_WITHIN for each in rounds)


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield one line for all that is sealed, and one for each failure."""
    sealed = [
        each for each in outcomes if not isinstance(each, FailedDay) and each.status == "sealed"
    ]
    if sealed:
        more = f", and {len(sealed) - 1} more" if sealed[1:] else ""
        yield f"{told(sealed[-1])}{more}"
    yield from (told(each) for each in outcomes if isinstance(each, FailedDay))


def seal_on(settings: Settings, now: Callable[[], datetime]) -> None:
    """Seal whatever is due, now and then, and print what came of it."""
    store = open_store(settings.archive_url or "")
    past = PastDays(open_database(settings), store, settings, now)
    while True:
        try:
            for line in summary(past.seal()):
                print_line(line)
        except StoreUnavailable:
            pass  # the console says that the database does not answer
        time.sleep(_WAKES_EVERY_SECONDS)
