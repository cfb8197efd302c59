"""The headers of sealed days, as MongoDB returned them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import cast

from chain_api.archive.cold_days import ColdDays
from chain_api.archive.storage_used import note
from optionchain.archive.document_rows import decoded
from optionchain.archive.manifest import Manifest
from optionchain.exchange_time import exchange_date, midnight_utc
from optionchain.mongo.documents import HeaderDocument

_DAY = timedelta(days=1)


class ArchivedHeaders:
    """Reads headers of the archive. Raises ArchiveUnavailable and ArchiveDamaged."""

    def __init__(self, cold: ColdDays) -> None:
        self._cold = cold

    def newest_of(
        self, symbol: str, expiries: Collection[date], until: datetime | None, since: date
    ) -> dict[date, HeaderDocument]:
        """Return the newest header of each of these expiries at or before `until`, if it has one.

        The days before `since` are left out. An expiry is looked for on the days that have it.
        """
        found: dict[date, HeaderDocument] = {}
        left = set(expiries)
        if not left:
            return found
        last = min(max(left), _date(until))
        for day in self._cold.newest_first(symbol, last, since):
            for header in self._newest(day, sorted(left.intersection(day.expiries)), until):
                found[header["expiry"].date()] = header
            left -= found.keys()
            if not left:
                break
        return found

    def newest(self, symbol: str, until: datetime | None, since: date) -> HeaderDocument | None:
        """Return the newest header of all expiries at or before `until`."""
        last = _date(until)
        for day in self._cold.newest_first(symbol, last, since):
            if found := self._newest(day, day.expiries, until):
                return max(found, key=lambda header: header["fetched_at"])
        return None

    def first(self, symbol: str, expiry: date | None) -> HeaderDocument | None:
        """Return the oldest header of a symbol or of one expiry."""
        days = [day for day in self._days(symbol) if expiry is None or expiry in day.expiries]
        for day in days:
            wanted = [expiry] if expiry else day.expiries
            if found := self._read(day, "arg_min", wanted, "", []):
                return min(found, key=lambda header: header["fetched_at"])
        return None

    def settled(self, day: Manifest, expiry: date) -> HeaderDocument | None:
        """Return the header of the final chain of a sealed day, None if it is not known."""
        found = self._read(day, "arg_max", [expiry], "AND settled", [])
        return found[0] if found else None

    def expiries(self, symbol: str, since: date) -> set[date]:
        """Return the expiries since a date that have a header."""
        days = self._cold.newest_first(symbol)
        return {expiry for day in days for expiry in day.expiries if expiry >= since}

    def current_expiries(self, symbol: str, until: datetime | None) -> set[date]:
        """Return the expiries of the newest sealed day by an instant, and of the weeks before it.

        They are those that the database had then: as many days as it keeps.
        """
        days = self._cold.newest_first(symbol, _date(until))
        newest = next(days, None)
        if newest is None:
            return set()
        first = newest.day - self._cold.retention
        near = takewhile(lambda day: day.day >= first, days)
        return set(newest.expiries).union(*(day.expiries for day in near))

    def expiries_by(self, symbol: str, until: datetime) -> set[date]:
        """Return the expiries that have a header at or before an instant."""
        last = exchange_date(until)
        found = {
            day for each in self._cold.newest_first(symbol, last - _DAY) for day in each.expiries
        }
        for each in self._cold.newest_first(symbol, last, last):
            found |= {row["expiry"].date() for row in self._newest(each, each.expiries, until)}
        return found

    def _days(self, symbol: str) -> Iterable[Manifest]:
        return reversed(list(self._cold.newest_first(symbol)))

    def _newest(
        self, day: Manifest, expiries: Sequence[date], until: datetime | None
    ) -> list[HeaderDocument]:
        by_then = ("AND fetched_at <= ?", [until]) if until else ("", [])
        return self._read(day, "arg_max", expiries, *by_then)

    def _read(
        self,
        day: Manifest,
        choice: str,
        expiries: Sequence[date],
        condition: str,
        parameters: Sequence[datetime],
    ) -> list[HeaderDocument]:
        """Return the header that is chosen of each of these expiries on a day, by expiry."""
        if not expiries:
            return []
        note("archive")
        names = ", ".join("?" * len(expiries))
        rows = self._cold.reader.rows(
            [day],
            "headers",
            f"{choice}(document, fetched_at)",
            f"WHERE expiry IN ({names}) {condition} GROUP BY expiry ORDER BY expiry",
            [*map(midnight_utc, expiries), *parameters],
        )
        return [cast("HeaderDocument", decoded(document)) for (document,) in rows]


def _date(instant: datetime | None) -> date:
    return exchange_date(instant) if instant else date.max
