"""Who was on duty on all days: the shifts of the database and of the archive."""

from datetime import datetime, timedelta
from operator import attrgetter

from pymongo.database import Database

from chain_api.archive.archived_records import ArchivedRecords
from chain_api.archive.cold_days import ColdDays
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import DUTIES
from optionchain.mongo.shift_register import Duty, ShiftRegister, duty_of

_begins = attrgetter("since")
# Longer than any break of the market. This long after its first whole day, the database has the
# shift before a day.
_LONGEST_BREAK = timedelta(days=7)


class AllShifts(ShiftRegister):
    """Reads shifts like ShiftRegister; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold
        self._archived = ArchivedRecords(cold, DUTIES)

    def duties(self, symbol: str, start: datetime, end: datetime) -> list[Duty]:
        """Return the shifts of a symbol that began in start ≤ t < end, and the one before them.

        These are the ends of a day in India.
        """
        archived = self._archived.at(symbol, start)
        if archived is None:
            return self._of_database(symbol, start, end)
        duties = [duty for duty in _in_order(archived) if duty.since < end]
        before = [duty for duty in duties if duty.since < start]
        return [*before[-1:], *duties[len(before) :]]

    def first_duty(self, symbol: str, asked: datetime | None = None) -> Duty | None:
        """Return the oldest shift of a symbol; of the first sealed day if it is about a cold one.

        `asked` is an instant of the day that the answer is about.
        """
        found = super().first_duty(symbol)
        if asked is None or self._cold.of(symbol, asked) is None:
            return found
        archived = _in_order(self._archived.of_first_day(symbol))
        return min([*archived[:1], *([found] if found else [])], key=_begins, default=None)

    def last_duty(self, symbol: str) -> Duty | None:
        """Return the newest shift of a symbol."""
        if found := super().last_duty(symbol):
            return found
        archived = _in_order(self._archived.of_last_day(symbol))
        return archived[-1] if archived else None

    def _of_database(self, symbol: str, start: datetime, end: datetime) -> list[Duty]:
        found = super().duties(symbol, start, end)
        if (found and found[0].since < start) or not self._is_near_edge(symbol, start):
            return found
        before = self._archived.of_last_day(symbol, exchange_date(start))
        return [*_in_order(before)[-1:], *found]

    def _is_near_edge(self, symbol: str, start: datetime) -> bool:
        """Tell whether the database may have let the shift before a day go.

        A database that was begun today does not ask the archive about today.
        """
        since = exchange_date(start) - _LONGEST_BREAK
        if since < self._cold.first_whole_day():
            return True
        is_past = exchange_date(start) < self._cold.today()
        return is_past and since < self._cold.kept.whole_from(symbol)


def _in_order(documents: list[Document]) -> list[Duty]:
    return sorted(map(duty_of, documents), key=_begins)
