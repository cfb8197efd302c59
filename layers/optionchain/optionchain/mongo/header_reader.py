"""Reads the headers of stored snapshots."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING

from optionchain.exchange_time import IST, LONGEST_LEAD, exchange_date, midnight_utc
from optionchain.mongo.client import database_errors
from optionchain.mongo.documents import BHAVCOPY, HeaderDocument
from optionchain.mongo.header_groups import HeaderGroups
from optionchain.mongo.one_of_each import is_sharded

_NO_ID: dict[str, bool] = {"_id": False}
# PyMongo asks for 101 documents first; all in one batch saves a round trip.
_BATCH = 5_000
_MILLISECOND = timedelta(milliseconds=1)


class HeaderReader(HeaderGroups):
    """The collection `snapshots`; raises StoreUnavailable if MongoDB does not answer."""

    def latest_header(
        self, symbol: str, expiry: date | None = None, as_of: datetime | None = None
    ) -> HeaderDocument | None:
        """Return the newest header of a symbol or of one expiry, at or before `as_of` if given."""
        query: dict[str, Any] = {"symbol": symbol}
        if expiry is not None:
            query["expiry"] = midnight_utc(expiry)
        if as_of is not None:
            query["fetched_at"] = {"$lte": as_of}
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(
                query, _NO_ID, sort=[("fetched_at", DESCENDING)]
            )
        return header

    def believable_header(
        self, symbol: str, expiry: date, as_of: datetime
    ) -> HeaderDocument | None:
        """Return the newest header by a tick whose stamp is not of the future of its own tick.

        Recorders of older versions stored such stamps. A header without a stamp is believed.
        """
        stamp = {"$ifNull": ["$exchange_timestamp", "$fetched_at"]}
        lead = {"$subtract": [stamp, "$fetched_at"]}
        query: dict[str, Any] = {
            "symbol": symbol,
            "expiry": midnight_utc(expiry),
            "fetched_at": {"$lte": as_of},
            "$expr": {"$lte": [lead, LONGEST_LEAD // _MILLISECOND]},
        }
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(
                query, _NO_ID, sort=[("fetched_at", DESCENDING)]
            )
        return header

    def settled_header(self, symbol: str, expiry: date, day: date) -> HeaderDocument | None:
        """Return the header of the final chain of a day in India, None if it is not known."""
        query = _of_day(symbol, expiry, day) | {"settled": True}
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(
                query, _NO_ID, sort=[("fetched_at", DESCENDING)]
            )
        return header

    def recorded_on(self, symbol: str, expiry: date, day: date) -> bool:
        """Tell whether an expiry has a header of a day in India."""
        with database_errors():
            return self._headers.find_one(_of_day(symbol, expiry, day), {"_id": True}) is not None

    def is_backfilled(self, symbol: str, day: date) -> bool:
        """Tell whether chains of a day in India come from the exchange's daily file."""
        query = {"symbol": symbol, "fetched_at": _ticks_of(day), "source": BHAVCOPY}
        with database_errors():
            return self._headers.find_one(query, {"_id": True}) is not None

    def newest_header(self) -> HeaderDocument | None:
        """Return the newest header of all symbols."""
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(
                {}, _NO_ID, sort=[("fetched_at", DESCENDING)]
            )
        return header

    def first_header(self, symbol: str, expiry: date | None = None) -> HeaderDocument | None:
        """Return the oldest header of a symbol or of one expiry."""
        query: dict[str, Any] = {"symbol": symbol}
        if expiry is not None:
            query["expiry"] = midnight_utc(expiry)
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(
                query, _NO_ID, sort=[("fetched_at", ASCENDING)]
            )
        return header

    def headers_between(
        self, symbol: str, expiry: date, start: datetime, end: datetime
    ) -> list[HeaderDocument]:
        """Return the headers of an expiry whose ticks are in start ≤ t ≤ end, without analytics."""
        query = {
            "symbol": symbol,
            "expiry": midnight_utc(expiry),
            "fetched_at": {"$gte": start, "$lte": end},
        }
        columns = {**_NO_ID, "analytics": False}
        with database_errors():
            found = self._headers.find(query, columns, sort=[("fetched_at", ASCENDING)])
            return list(found)

    def newest_headers(self, symbol: str, expiries: Sequence[date]) -> dict[date, HeaderDocument]:
        """Return the newest header of each of these expiries, if it has one, by one query."""
        if is_sharded(self._headers):  # a symbol may be on several shards, an expiry is on one
            return self.newest_of_symbols({symbol: expiries}).get(symbol, {})
        wanted = {"$in": [midnight_utc(expiry) for expiry in expiries]}
        # Sorted like the index, so that MongoDB skips from the newest header of one expiry to the
        # newest of the next.
        order = {"symbol": ASCENDING, "expiry": ASCENDING, "fetched_at": DESCENDING}
        stages: list[dict[str, Any]] = [
            {"$match": {"symbol": symbol, "expiry": wanted}},
            {"$sort": order},
            {"$group": {"_id": "$expiry", "header": {"$first": "$$ROOT"}}},
            {"$project": {"header._id": False}},
        ]
        with database_errors():
            rows = self._headers.aggregate(stages)
            return {row["_id"].date(): row["header"] for row in rows}

    def newest_since(
        self, ticks: Mapping[tuple[str, date], datetime]
    ) -> dict[tuple[str, date], HeaderDocument]:
        """Return the newest header of expiries by symbol and expiry, without analytics.

        Each is looked for from its tick on, by one operation; it is missing if there is none.
        """
        found: dict[tuple[str, date], HeaderDocument] = {}
        if not ticks:
            return found
        keys = [
            {"symbol": symbol, "expiry": midnight_utc(expiry), "fetched_at": {"$gte": tick}}
            for (symbol, expiry), tick in ticks.items()
        ]
        columns = {**_NO_ID, "analytics": False}
        with database_errors():
            for header in self._headers.find({"$or": keys}, columns, batch_size=_BATCH):
                chain = header["symbol"], header["expiry"].date()
                newest = found.get(chain)
                if newest is None or newest["fetched_at"] < header["fetched_at"]:
                    found[chain] = header
        return found

    def nearest_header(
        self, symbol: str, today: date, as_of: datetime | None = None
    ) -> HeaderDocument | None:
        """Return the newest header of the nearest expiry that has not passed by `today`.

        If every recorded expiry has passed, it is the one that was the nearest on the day of the
        symbol's newest header. If `as_of` is given, only headers at or before it count.
        """
        header = self._nearest(symbol, today, as_of)
        if header is None and (last := self.latest_header(symbol, as_of=as_of)):
            header = self._nearest(symbol, day_of(last), as_of)
        return header

    def nearest_of(
        self, symbol: str, expiries: Sequence[date], as_of: datetime | None = None
    ) -> HeaderDocument | None:
        """Return the newest header of the nearest of these expiries that has one."""
        return self._first(symbol, {"$in": [midnight_utc(day) for day in expiries]}, as_of)

    def _nearest(self, symbol: str, today: date, as_of: datetime | None) -> HeaderDocument | None:
        return self._first(symbol, {"$gte": midnight_utc(today)}, as_of)

    def _first(
        self, symbol: str, expiries: dict[str, Any], as_of: datetime | None
    ) -> HeaderDocument | None:
        query: dict[str, Any] = {"symbol": symbol, "expiry": expiries}
        if as_of is not None:
            query["fetched_at"] = {"$lte": as_of}
        order = [("expiry", ASCENDING), ("fetched_at", DESCENDING)]
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(query, _NO_ID, sort=order)
        return header

    def latest_headers(
        self, symbol: str, today: date, as_of: datetime | None = None
    ) -> list[HeaderDocument]:
        """Return the newest header of each expiry that has not passed by `today`, by expiry date.

        If every recorded expiry has passed, it is of those that had not passed on the day of the
        symbol's newest header. If `as_of` is given, only headers at or before it count.
        """
        found = self._newest_since(symbol, today, as_of)
        if not found and (last := self.latest_header(symbol, as_of=as_of)):
            found = self._newest_since(symbol, day_of(last), as_of)
        return found

    def _newest_since(
        self, symbol: str, since: date, as_of: datetime | None
    ) -> list[HeaderDocument]:
        """Return the newest header of each recorded expiry since a date, by expiry date."""
        return self.newest_of(symbol, self.expiries(symbol, since), as_of)

    def newest_of(
        self, symbol: str, expiries: Sequence[date], as_of: datetime | None = None
    ) -> list[HeaderDocument]:
        """Return the newest header of each of these expiries that has one, by expiry date."""
        if as_of is None:
            newest = self.newest_headers(symbol, expiries)
            return [newest[expiry] for expiry in sorted(newest)]
        # One query for each: with a bound on the time, MongoDB does not skip from newest to newest.
        headers = (self.latest_header(symbol, expiry, as_of) for expiry in sorted(expiries))
        return [header for header in headers if header]

    def expiries_by(self, symbol: str, as_of: datetime) -> list[date]:
        """Return the expiry dates of a symbol that were recorded by a moment, in order."""
        headers = self.latest_headers(symbol, date.min, as_of)
        return [header["expiry"].date() for header in headers]

    def expiries(self, symbol: str, since: date) -> list[date]:
        """Return the recorded expiry dates of a symbol since a date, in order."""
        query = {"symbol": symbol, "expiry": {"$gte": midnight_utc(since)}}
        with database_errors():
            found = self._headers.distinct("expiry", query)
        return sorted(instant.date() for instant in found)


def _of_day(symbol: str, expiry: date, day: date) -> dict[str, Any]:
    """Return the query for the headers of an expiry whose ticks are of a day in India."""
    return {"symbol": symbol, "expiry": midnight_utc(expiry), "fetched_at": _ticks_of(day)}


def _ticks_of(day: date) -> dict[str, Any]:
    """Return the condition on ticks of a day in India."""
    midnight = datetime.combine(day, time.min, IST).astimezone(UTC)
    return {"$gte": midnight, "$lt": midnight + timedelta(days=1)}


def day_of(header: HeaderDocument) -> date:
    """Return the day in India of a header's tick, or its expiry if that had passed by then."""
    return min(exchange_date(header["fetched_at"]), header["expiry"].date())
