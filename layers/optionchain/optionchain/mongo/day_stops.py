"""When the recorder of a day was switched off, whichever database has the day now."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from pymongo.database import Database

from optionchain.exchange_time import IST
from optionchain.mongo.client import Document
from optionchain.mongo.database_identity import known_identity
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.restored_days import RestoredDays
from optionchain.recorder_stops import DayOrigin, Stop, merged

_DAY = timedelta(days=1)
# A stop before midnight relieves a shift that would have lasted until after it. No shift is longer.
_SHIFT = timedelta(hours=1)


class DayStops:
    """Knows the stops that days met; raises StoreUnavailable.

    The switch of a database tells them of the days that this database recorded. It says nothing of
    a day that was restored from another one, or that is sealed from another one.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._switch = RecorderSwitch(database)
        self._restored = RestoredDays(database)

    def of_day(self, symbol: str, day: date, sealed: DayOrigin | None = None) -> list[Stop]:
        """Return the stops that a symbol's day in India met, and those right before it, in order.

        `sealed` is what the archive says of the day. The switch forgets, and an end may have been
        unknown when the day was sealed: so both are told where both are of one database.
        """
        origins = [each for each in (sealed, self._restored.origin(symbol, day)) if each]
        known = [stop for each in origins for stop in each.stops]
        if self._recorded(origins):
            known += self._switch.stops()
        start = datetime.combine(day, time.min, IST)
        return [
            each
            for each in merged(known)
            if each.since < start + _DAY and each.ends_after(start - _SHIFT)
        ]

    def _recorded(self, origins: Iterable[DayOrigin]) -> bool:
        """Tell whether this database recorded a day of these origins, as far as they name one."""
        named = {each.database for each in origins} - {None}
        return not named or named == {known_identity(self._database)}
