"""The ticks of all days, of the ledger in the database and of the archive."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from chain_api.archive.all_days_of_ticks import AllDaysOfTicks
from optionchain.archive.manifest import Manifest
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document


class AllTicks(AllDaysOfTicks):
    """Reads ticks like TickLedger; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def confirmed_at(
        self, symbol: str, expiry_date: str, after: datetime, until: datetime
    ) -> datetime | None:
        """Return the newest tick in after < t ≤ until at which an expiry was unchanged."""
        found = super().confirmed_at(symbol, expiry_date, after, until)
        if found and after >= self._cold.boundary():
            return found  # what the database may lack is older
        if after >= self._cold.whole_since(symbol):
            return found
        for entry in self._of(self._cold.within(symbol, after, until), after, until):
            tick: datetime = entry["tick"]
            if found and tick <= found:
                break
            if tick > after and _confirms(entry, expiry_date):
                return tick
        return found

    def completed(self, symbol: str, start: datetime, end: datetime) -> list[Document]:
        """Return `{tick, outcome, expiries}` of completed ticks in start ≤ t ≤ end, newest first.

        Each of the `expiries` that were asked for has its `expiry_date` and its `outcome`.
        """
        stored = super().completed(symbol, start, end)
        if start >= self._cold.whole_since(symbol):
            return stored
        days = self._cold.within(symbol, start, end)
        sealed = {day.day for day in days}
        found = [entry for entry in stored if exchange_date(entry["tick"]) not in sealed]
        found += [_asked(each) for each in self._of(days, start, end) if "outcome" in each]
        return sorted(found, key=lambda entry: entry["tick"], reverse=True)

    def _of(self, days: Sequence[Manifest], start: datetime, end: datetime) -> Iterator[Document]:
        """Yield the ticks of sealed days in start ≤ t ≤ end, the newest first."""
        for day in reversed(days):
            yield from self._archived.backwards(day, start, end)


def _confirms(entry: Document, expiry_date: str) -> bool:
    wanted = {"expiry_date": expiry_date, "outcome": "unchanged", "verdict": "unchanged"}
    asked: Iterable[Document] = entry.get("expiries", ())
    return any(wanted.items() <= each.items() for each in asked)


def _asked(entry: Document) -> Document:
    """Return what `completed` returns of a tick."""
    found = {"tick": entry["tick"], "outcome": entry["outcome"]}
    if "expiries" in entry:
        names = ("expiry_date", "outcome")
        found["expiries"] = [
            {name: each[name] for name in names if name in each} for each in entry["expiries"]
        ]
    return found
