"""The newest headers of many symbols at once: a few queries, however many symbols there are."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.one_of_each import is_sharded, of_each
from optionchain.mongo.united_pipelines import Stages, united

# A date that is shared by more symbols is looked up for all of them together.
_FEW = 5
# More headers than an exchange has expiries: one batch saves round trips.
_BATCH = 5_000
_ALWAYS = ("symbol", "expiry")
_TICK = ("fetched_at",)
# Sorted like an index, MongoDB skips from the first header of a group to that of the next.
_BY_EXPIRY = {"symbol": ASCENDING, "expiry": ASCENDING, "fetched_at": DESCENDING}
_BY_TIME = {"symbol": ASCENDING, "fetched_at": DESCENDING}

type Columns = Sequence[str] | None


class HeaderGroups:
    """The collection `snapshots`, of many symbols; raises StoreUnavailable.

    `columns` are the fields to return beside symbol and expiry; None means all.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._headers: Collection[Any] = database[SNAPSHOTS]

    def newest_of_symbols(
        self, expiries: Mapping[str, Sequence[date]], columns: Columns = None
    ) -> dict[str, dict[date, HeaderDocument]]:
        """Return the newest header of each of these expiries of each symbol, if it has one.

        It is one query for all symbols that share their expiry dates, as those of an exchange do.
        """
        return _by_expiry(united(self._headers, self._branches(expiries, columns)))

    def newest_and_ticks(
        self,
        expiries: Mapping[str, Sequence[date]],
        further: Mapping[str, Sequence[date]],
        columns: Sequence[str],
    ) -> dict[str, dict[date, HeaderDocument]]:
        """Return the same by one query, and of further expiries when each was recorded last.

        These have `fetched_at` alone, which the index tells. Only the database is read.
        """
        branches = [*self._branches(expiries, columns), *self._branches(further, _TICK)]
        return _by_expiry(united(self._headers, branches))

    def _branches(self, expiries: Mapping[str, Sequence[date]], columns: Columns) -> list[Stages]:
        # Several expiries of a symbol may be on several shards.
        few = 0 if is_sharded(self._headers) else _FEW
        dates, rest = _covered(expiries, few)
        branches = [
            self._of_symbols(symbols, {"expiry": midnight_utc(day)}, _BY_EXPIRY, columns)
            for day, symbols in dates.items()
        ]
        branches += [
            _firsts(_of([symbol]) | _at(days), "expiry", columns) for symbol, days in rest.items()
        ]
        return branches

    def nearest_of_symbols(
        self, since: Mapping[str, date], columns: Columns = None
    ) -> dict[str, HeaderDocument]:
        """Return the newest header of the nearest recorded expiry of each symbol since its date."""

        branches = [
            self._of_symbols(symbols, _since(day), _BY_EXPIRY, columns)
            for day, symbols in _by_date(since).items()
        ]
        found = cast("Iterable[HeaderDocument]", united(self._headers, branches))
        return {each["symbol"]: each for each in found}

    def current_of_symbols(
        self, since: Mapping[str, date], columns: Columns = None
    ) -> dict[str, dict[date, HeaderDocument]]:
        """Return the newest header of each recorded expiry of each symbol since its date."""

        def stages(day: date, symbols: Sequence[str]) -> Stages:
            of_expiries = _firsts(_since(day), "expiry", columns)
            if is_sharded(self._headers):
                return of_each(self._headers, "symbol", symbols, of_expiries)
            of_symbol = {
                "from": SNAPSHOTS,
                "localField": "_id",
                "foreignField": "symbol",
                "pipeline": of_expiries,
                "as": "header",
            }
            return [
                {"$match": _of(symbols) | _since(day)},
                {"$sort": _BY_EXPIRY},
                {"$group": {"_id": "$symbol"}},
                {"$lookup": of_symbol},
                {"$unwind": "$header"},
                {"$replaceRoot": {"newRoot": "$header"}},
            ]

        branches = (stages(*each) for each in _by_date(since).items())
        return _by_expiry(united(self._headers, branches))

    def last_of_symbols(
        self, symbols: Sequence[str], columns: Columns = None
    ) -> dict[str, HeaderDocument]:
        """Return the newest header of each symbol, of any expiry."""
        with database_errors():
            stages = self._of_symbols(symbols, {}, _BY_TIME, columns)
            rows = self._headers.aggregate(stages, batchSize=_BATCH)
            return {row["symbol"]: row for row in rows}

    def _of_symbols(
        self, symbols: Sequence[str], where: Document, order: Mapping[str, int], columns: Columns
    ) -> Stages:
        """Return the stages that find the first header of each symbol in this order."""
        if not is_sharded(self._headers):
            return _firsts(_of(symbols) | where, "symbol", columns, order)
        first: Stages = [
            {"$match": where},
            {"$sort": dict(order)},
            {"$limit": 1},
            _project(columns),
        ]
        return of_each(self._headers, "symbol", symbols, first)


def _firsts(
    query: Document, group: str, columns: Columns, order: Mapping[str, int] = _BY_EXPIRY
) -> Stages:
    """Return the stages that find the first document of each group in this order."""
    sorted_documents: Stages = [{"$match": query}, {"$sort": order}]
    if columns == _TICK:
        # All of it is in the index, so that no document is read.
        fields = {name: {"$first": f"${name}"} for name in (*_ALWAYS, *_TICK)}
        firsts: Stages = [{"$group": {"_id": f"${group}", **fields}}, {"$project": {"_id": False}}]
        return [*sorted_documents, *firsts]
    return [
        *sorted_documents,
        {"$group": {"_id": f"${group}", "first": {"$first": "$$ROOT"}}},
        {"$replaceRoot": {"newRoot": "$first"}},
        _project(columns),
    ]


def _project(columns: Columns) -> dict[str, Any]:
    names = (*_ALWAYS, *columns) if columns is not None else ()
    return {"$project": {"_id": False} | dict.fromkeys(names, True)}


def _of(symbols: Sequence[str]) -> Document:
    return {"symbol": {"$in": list(symbols)}}


def _at(days: Sequence[date]) -> Document:
    return {"expiry": {"$in": [midnight_utc(day) for day in days]}}


def _since(day: date) -> Document:
    return {"expiry": {"$gte": midnight_utc(day)}}


def _by_expiry(headers: Iterable[Document]) -> dict[str, dict[date, HeaderDocument]]:
    found: dict[str, dict[date, HeaderDocument]] = {}
    for header in cast("Iterable[HeaderDocument]", headers):
        found.setdefault(header["symbol"], {})[header["expiry"].date()] = header
    return found


def _covered(
    expiries: Mapping[str, Sequence[date]], few: int
) -> tuple[dict[date, list[str]], dict[str, list[date]]]:
    """Return expiry dates with the symbols that share them, and symbols with their other expiries.

    Each pair is in one of them, so that together they are few: all stocks have the same three
    dates, and one index has fifteen more of its own.
    """
    dates = _symbols_by_date(expiries)
    shared = {day: symbols for day, symbols in dates.items() if len(symbols) > few}
    rest: dict[str, list[date]] = {}
    for day, symbols in dates.items():
        for symbol in symbols if day not in shared else ():
            rest.setdefault(symbol, []).append(day)
    return (dates, {}) if len(rest) > len(dates) - len(shared) else (shared, rest)


def _symbols_by_date(dates: Mapping[str, Sequence[date]]) -> dict[date, list[str]]:
    found: dict[date, list[str]] = {}
    for symbol, days in dates.items():
        for day in days:
            found.setdefault(day, []).append(symbol)
    return found


def _by_date(since: Mapping[str, date]) -> dict[date, list[str]]:
    return _symbols_by_date({symbol: [day] for symbol, day in since.items()})
