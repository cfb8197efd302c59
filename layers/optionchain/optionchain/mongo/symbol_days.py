"""What each symbol was on each trading day, made of the headers of quarters that have closed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReplaceOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from optionchain.constant_maturity import AtmVolatility, constant_maturity_iv
from optionchain.exchange_time import exchange_date, midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.day_closes import DayCloses
from optionchain.mongo.header_counts import HeaderCounts, closed_until, quarter_of
from optionchain.mongo.housekeeping_register import CONTROL
from optionchain.mongo.indexes import SYMBOL_DAYS
from optionchain.mongo.symbol_day import (
    ExpiryClose,
    SymbolDayDocument,
    merged_expiries,
    nearest_of,
    points_of,
)

_PROGRESS = {"_id": "symbol_days"}
# So much of the record is added at once, because an operation must end in time.
_AT_ONCE = timedelta(hours=1)
# After so long nothing more is begun in one call: what is left is left to the next invocation.
_LONGEST = timedelta(seconds=1)
# Who has begun and not ended within this time has crashed.
_TAKEN_FOR = timedelta(minutes=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_DUPLICATE_KEY = 11_000

type _Key = tuple[str, datetime]


class SymbolDays:
    """The collection `symbol_days`; raises StoreUnavailable if MongoDB does not answer.

    Whatever is added twice changes nothing. One recorder at a time adds, and a document of
    `control` says up to where.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._days: Collection[Any] = database[SYMBOL_DAYS]
        self._control: Collection[Any] = database[CONTROL]
        self._headers = HeaderCounts(database)
        self._closes = DayCloses(database)

    def catch_up(self, now: Callable[[], datetime]) -> None:
        """Add the quarters that have closed, for about a second; past days before today."""
        started = now()
        until = closed_until(started)
        while (since := self._take(until, now())) is not None:
            end = min(since + _AT_ONCE, until)
            self.add(since, end)
            with database_errors():
                done = {"$set": {"until": end, "taken_at": _NEVER}}
                self._control.update_one({**_PROGRESS, "until": {"$lte": end}}, done)
            if now() - started >= _LONGEST:
                return

    def until(self) -> datetime | None:
        """Return up to where headers were added; None if that was never begun."""
        with database_errors():
            progress = self._control.find_one(_PROGRESS)
        return progress["until"] if progress else None

    def add(self, since: datetime, until: datetime) -> None:
        """Add the headers in since ≤ t < until to the documents of their days."""
        found: dict[_Key, list[ExpiryClose]] = {}
        for symbol, close in self._closes.last_of_quarters(since, until):
            day = midnight_utc(exchange_date(close["at"]))
            found.setdefault((symbol, day), []).append(close)
        if not found:
            return
        known = self._known(found)
        writes = [
            _write(known.get(key), _document(key, known.get(key), closes, (since, until)))
            for key, closes in found.items()
        ]
        with database_errors():
            try:
                self._days.bulk_write(writes, ordered=False)
            except BulkWriteError as error:  # another recorder has added the same
                if any(row["code"] != _DUPLICATE_KEY for row in error.details["writeErrors"]):
                    raise

    def _take(self, until: datetime, now: datetime) -> datetime | None:
        """Return from where on to add headers; None if there are none, or somebody is at it."""
        since = self.until()
        if since and since >= until:
            return None
        first = self._headers.first_tick(since)
        if first is None or (begin := quarter_of(first)) >= until:
            return None
        with database_errors():
            if since is None:
                return self._begin(begin, now)
            free = {**_PROGRESS, "until": since, "taken_at": {"$lt": now - _TAKEN_FOR}}
            taken = self._control.update_one(free, {"$set": {"taken_at": now}})
        return begin if taken.modified_count else None

    def _begin(self, begin: datetime, now: datetime) -> datetime | None:
        try:
            self._control.insert_one({**_PROGRESS, "until": begin, "taken_at": now})
        except DuplicateKeyError:
            return None
        return begin

    def _known(self, found: Mapping[_Key, object]) -> dict[_Key, Document]:
        symbols, days = (list(dict.fromkeys(column)) for column in zip(*found, strict=True))
        with database_errors():
            rows = self._days.find({"symbol": {"$in": symbols}, "day": {"$in": days}})
            return {(row["symbol"], row["day"]): row for row in rows}


def _document(
    key: _Key,
    known: Document | None,
    closes: Sequence[ExpiryClose],
    added: tuple[datetime, datetime],
) -> SymbolDayDocument:
    """Return the document of a day with what was found between two instants."""
    (symbol, day), (since, until) = key, added
    expiries = merged_expiries(known["expiries"] if known else [], closes)
    nearest = nearest_of(expiries, day)
    others = known["points"] if known else []
    points = [each for each in others if not since <= each["at"] < until]
    points += points_of(closes, nearest)
    iv = constant_maturity_iv(
        AtmVolatility(each["days_to_expiry"], each["atm_iv"])
        for each in expiries
        if each["days_to_expiry"] is not None and not each["withdrawn"]
    )
    return {
        "symbol": symbol,
        "day": day,
        "until": max(known["until"], until) if known else until,
        "nearest": nearest["expiry_date"],
        "iv_30d": None if isinstance(iv, str) else iv,
        "iv_30d_reason": iv if isinstance(iv, str) else None,
        "expiries": expiries,
        "points": sorted(points, key=lambda each: each["at"]),
    }


def _write(known: Document | None, document: SymbolDayDocument) -> ReplaceOne[Any]:
    """Return the write of a document, which does nothing if somebody has written another one."""
    if known is None:
        key = {"symbol": document["symbol"], "day": document["day"], "until": None}
        return ReplaceOne(key, document, upsert=True)
    return ReplaceOne({"_id": known["_id"], "until": known["until"]}, document)
