"""The calendar is doubted by whichever of several sources can answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chain_fetch.recording.lists.calendar_watch import CalendarSource, CalendarWatch
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid
from optionchain.market import Market


@dataclass(frozen=True)
class HolidayList:
    """A source that lists holidays, and whether it refuses."""

    source: CalendarSource
    backoff: SourceBackoff


@dataclass(frozen=True)
class ListsOfSources:
    """A CalendarSource: the chains of one source, and the holidays of any that lists them."""

    source: CalendarSource
    lists: Sequence[HolidayList]

    def holidays(self, deadline: float) -> frozenset[date]:
        """Return the days without trading by the first source that tells them.

        Raises what the last of them raised.
        """
        error: Refused | PayloadInvalid = Refused("busy", "no source that lists holidays is asked")
        for each in self.lists:
            if each.backoff.current_wait():
                continue
            try:
                return each.source.holidays(deadline)
            except (Refused, PayloadInvalid) as failure:
                if isinstance(failure, Refused):
                    each.backoff.record_refusal(failure)
                error = failure
        raise error

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return a symbol's expiry dates, nearest first; raise Refused or PayloadInvalid."""
        return self.source.expiries(symbol, deadline)

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry, as received; raise Refused."""
        return self.source.chain(symbol, expiry, deadline)


@dataclass(frozen=True)
class CalendarWatches:
    """The watch of each source, in order of preference; the first that may ask does so."""

    watches: Sequence[CalendarWatch]

    def market(self, symbols: Sequence[str]) -> Market:
        """Return the calendar, which is doubted on a weekday while no tick is due."""
        return self._chosen().market(symbols)

    def renew(self, seconds: float) -> None:
        """Read the list of holidays if it was not read today; raise StoreUnavailable only."""
        self._chosen().renew(seconds)

    def _chosen(self) -> CalendarWatch:
        if len(self.watches) == 1:
            return self.watches[0]
        free = (watch for watch in self.watches if not watch.backoff.current_wait())
        return next(free, self.watches[0])
