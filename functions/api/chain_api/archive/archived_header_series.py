"""Headers through time, from the files of cold days."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from chain_api.archive.archived_days import ArchivedDays, SomeDays
from chain_api.archive.cold_days import ColdDays
from chain_api.archive.range_parts import RangePart
from chain_api.store.header_series import TERMS, Span
from optionchain.archive.columns import DOCUMENT
from optionchain.archive.document_rows import decoded
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument

type _Tree = dict[str, _Tree]

_IN_ORDER = "ORDER BY fetched_at, expiry"


class ArchivedHeaderSeries:
    """Reads the headers of cold days, as HeaderSeriesReader does. Raises ArchiveUnavailable."""

    def __init__(self, cold: ColdDays) -> None:
        self._archived = ArchivedDays(cold)

    def first(
        self, symbol: str, expiry: date | None, cold: Sequence[RangePart], most: int
    ) -> list[HeaderDocument]:
        """Return the first headers of these days by tick and expiry; the last tick is complete."""
        found: list[HeaderDocument] = []
        for days in self._archived.days(symbol, cold, expiry):
            where, values = _of_expiry(expiry)
            last = self._last_of(days, where, values, most - len(found))
            if last is not None:
                where, values = [*where, "fetched_at <= ?"], [*values, last]
            rows = self._archived.rows(days, "headers", DOCUMENT, where, values, _IN_ORDER)
            found += map(_without_analytics, rows)
            if len(found) >= most:
                break
        return found

    def fields(
        self, span: Span, cold: Sequence[RangePart], paths: Sequence[str], most: int
    ) -> list[Document]:
        """Return `fetched_at` and these fields of the first headers, naive in UTC, by tick."""
        where, values = _of_expiry(span.expiry)
        wanted = _tree(("fetched_at", *paths))
        found: list[Document] = []
        for days in self._archived.days(span.symbol, cold, span.expiry):
            room = most - len(found)
            order = f"{_IN_ORDER} LIMIT ?"
            rows = self._archived.rows(days, "headers", DOCUMENT, where, [*values, room], order)
            found += (_picked(decoded(row[0], naive=True), wanted) for row in rows)
            if len(found) >= most:
                break
        return found

    def at(
        self,
        span: Span,
        cold: Sequence[RangePart],
        ticks: Sequence[datetime],
        *,
        terms: bool = False,
    ) -> list[HeaderDocument]:
        """Return the headers of these ticks; of their analytics the TERMS, if they are wanted."""
        where, values = _of_expiry(span.expiry)
        where = [*where, f"fetched_at IN ({', '.join('?' for _ in ticks)})"]
        found: list[HeaderDocument] = []
        for days in self._archived.days(span.symbol, cold, span.expiry, growing=False):
            rows = self._archived.rows(days, "headers", DOCUMENT, where, [*values, *ticks])
            found += map(_with_terms if terms else _without_analytics, rows)
        return found

    def count(self, span: Span, cold: Sequence[RangePart], most: int) -> int:
        """Return how many headers of an expiry these days have, counted until `most`."""
        where, values = _of_expiry(span.expiry)
        number = 0
        for days in self._archived.days(span.symbol, cold, span.expiry):
            ((counted,),) = self._archived.rows(days, "headers", "count(*)", where, values)
            number += counted
            if number >= most:
                return most
        return number

    def _last_of(
        self, days: SomeDays, where: Sequence[str], values: Sequence[Any], most: int
    ) -> datetime | None:
        """Return the tick of the last of the first `most` headers, None if there are fewer."""
        order = f"{_IN_ORDER} LIMIT 1 OFFSET ?"
        rows = self._archived.rows(days, "headers", "fetched_at", where, [*values, most - 1], order)
        return rows[0][0] if rows else None


def _of_expiry(expiry: date | None) -> tuple[list[str], list[Any]]:
    return (["expiry = ?"], [midnight_utc(expiry)]) if expiry else ([], [])


def _without_analytics(row: Sequence[bytes]) -> HeaderDocument:
    header = decoded(row[0])
    header.pop("analytics", None)
    return cast("HeaderDocument", header)


def _with_terms(row: Sequence[bytes]) -> HeaderDocument:
    header = decoded(row[0])
    if stored := header.get("analytics"):
        header["analytics"] = {name: stored[name] for name in TERMS if name in stored}
    return cast("HeaderDocument", header)


def _tree(paths: Sequence[str]) -> _Tree:
    """Return the paths as nested names."""
    found: _Tree = {}
    for path in paths:
        *outer, last = path.split(".")
        inner = found
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = {}
    return found


def _picked(document: Mapping[str, Any], wanted: _Tree) -> Document:
    """Return the fields that a document has of those wanted, nested as in it."""
    found: Document = {}
    for name, inner in wanted.items():
        if name in document and not inner:
            found[name] = document[name]
        elif inner and isinstance(value := document.get(name), dict):
            found[name] = _picked(value, inner)
    return found
