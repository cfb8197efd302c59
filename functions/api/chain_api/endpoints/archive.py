"""The sealed days of the archive: what their manifests say."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from chain_api.archive.missing_days import MissingDays
from chain_api.caching.cache_control import NOT_STORED
from chain_api.caching.http_cache import Content, Representation, content_of, version_of
from chain_api.caching.resource import Description
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.pagination.keyed_request import keyed_request
from chain_api.pagination.listing import list_body
from chain_api.parameters.types import Day, SymbolName
from chain_api.problems.catalogue import invalid, no_archive, nothing_sealed
from chain_api.rendering.formats import Format, format_of
from chain_api.schemas.archive import ArchiveQuery, LinksReason
from optionchain.archive.catalogue import SECONDS_KEPT, Catalogue, SealedDay
from optionchain.archive.layout import manifest_key
from optionchain.archive.manifest import Manifest
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import expiry_text

_RESOURCE = "archive"
_FREE_PARAMETERS = ("limit", "format", "links")
_DEFAULT_LIMIT = 100
_LINK_TIME = timedelta(minutes=15)
_COLUMNS = (
    "symbol",
    "day",
    "version",
    "sealed_at",
    "source",
    "contracts",
    "headers",
    "ticks",
    "bytes",
)


class _Position(NamedTuple):
    """The day with which a page begins."""

    symbol: SymbolName
    day: Day


@dataclass(frozen=True)
class _State:
    """The days of a page, each with its symbol, and the day with which the next page begins.

    `missing` are days of the whole list that were sealed and that neither place has any more; None
    if the database, which knows them, does not answer.
    """

    days: Sequence[tuple[str, SealedDay]]
    following: _Position | None
    missing: Sequence[tuple[str, date]] | None


class ArchiveList:
    """A page of the sealed days, as a Resource: by symbol and day."""

    def __init__(
        self, deps: Dependencies, query: ArchiveQuery, accept: str, *, linked: bool
    ) -> None:
        """Read the request; `linked` says that its caller may have links. Raises Problem."""
        if deps.cold is None:
            raise no_archive()
        self._catalogue: Catalogue = deps.cold.reader.catalogue
        self._missing: MissingDays = deps.cold.missing
        self._now = deps.now
        self._request = keyed_request(_RESOURCE, query, _Position, _FREE_PARAMETERS)
        self._query = self._request.query
        self._form: Format = format_of(self._query.format, accept)
        self._linked = linked
        first, last = self._query.from_, self._query.to
        if first and last and first > last:
            raise invalid("from", first.isoformat(), f"must not be after to ({last})")
        if self._query.links and self._form == "csv":
            raise invalid("links", True, "are not in CSV: leave it out, or ask for another format")

    def find(self) -> _State:
        """Return the days of the page; raise Problem and ArchiveUnavailable."""
        limit, symbol = self._query.limit or _DEFAULT_LIMIT, self._query.symbol
        found = list(islice(self._days(), limit + 1))
        if not (found or symbol is None or self._catalogue.days(symbol) or self._lost()):
            raise nothing_sealed(symbol, self._catalogue.symbols())
        following = _Position(found[limit][0], found[limit][1].day) if found[limit:] else None
        return _State(found[:limit], following, self._lost_within())

    def describe(self, state: _State) -> Description:
        """Return the answer without its days. With links it is true for this caller and now."""
        linked = self._links_reason() is None
        kept = NOT_STORED if linked else f"private, max-age={SECONDS_KEPT}"
        shown = state.days, state.following, state.missing
        version = version_of(_RESOURCE, self._request.given, self._form, *shown)
        representation = Representation("" if linked else version, self._form, kept)
        members = {
            "symbol": self._query.symbol,
            "from": self._query.from_,
            "to": self._query.to,
            "links_reason": self._links_reason(),
            "links_expire_at": self._now() + _LINK_TIME if linked else None,
            "missing": _named(state.missing),
        }
        return Description(representation, members)

    def read(self, state: _State) -> Content:
        """Return the days and the link to the next page."""
        wanted = ((manifest_key(symbol, each.day), each.tag) for symbol, each in state.days)
        records = [self._record(manifest) for manifest in self._catalogue.read_all(wanted)]
        link = self._request.next_link(state.following) if state.following else None
        columns = _COLUMNS if self._form == "csv" else (*_COLUMNS, "expiry_dates", "files")
        return content_of(list_body(records, columns, self._form, link), self._form, link)

    def _days(self) -> Iterator[tuple[str, SealedDay]]:
        """Yield the days from the position on, with their symbols."""
        wanted, at = self._query.symbol, self._request.position
        symbols = [wanted] if wanted else self._catalogue.symbols()
        symbols = [symbol for symbol in symbols if at is None or symbol >= at.symbol]
        first, last = self._bounds()
        for symbol, days in zip(symbols, self._catalogue.listings(symbols), strict=True):
            begin = max(first, at.day) if at and symbol == at.symbol else first
            yield from ((symbol, each) for each in days if begin <= each.day <= last)

    def _bounds(self) -> tuple[date, date]:
        return self._query.from_ or date.min, self._query.to or date.max

    def _lost(self) -> list[tuple[str, date]]:
        """Return the missing days of the symbol, or of all, in order; raise StoreUnavailable."""
        symbol = self._query.symbol
        found = {symbol: self._missing.of(symbol)} if symbol else self._missing.of_all()
        return [(name, day) for name, days in found.items() for day in sorted(days)]

    def _lost_within(self) -> list[tuple[str, date]] | None:
        first, last = self._bounds()
        with suppress(StoreUnavailable):
            return [(name, day) for name, day in self._lost() if first <= day <= last]
        return None

    def _links_reason(self) -> LinksReason | None:
        if not self._query.links:
            return "not_asked"
        if not self._linked:
            return "no_key"
        return None if self._catalogue.store.has_links else "folder"

    def _record(self, manifest: Manifest) -> Answer:
        files = manifest.files
        return {
            "symbol": manifest.symbol,
            "day": manifest.day,
            "version": manifest.version,
            "sealed_at": manifest.sealed_at,
            "source": ",".join(manifest.sources),
            "contracts": files["contracts"].rows,
            "headers": files["headers"].rows,
            "ticks": files["ticks"].rows,
            "bytes": sum(file.size for file in files.values()),
            "expiry_dates": [expiry_text(expiry) for expiry in manifest.expiries],
            "files": self._files(manifest),
        }

    def _files(self, manifest: Manifest) -> list[Answer]:
        store, seconds = self._catalogue.store, int(_LINK_TIME.total_seconds())
        linked = self._links_reason() is None
        return [
            {
                "kind": kind,
                "key": file.key,
                "rows": file.rows,
                "bytes": file.size,
                "sha256": file.sha256,
                "link": store.link(file.key, seconds) if linked else None,
            }
            for kind, file in manifest.files.items()
        ]


def _named(missing: Sequence[tuple[str, date]] | None) -> list[Answer] | None:
    if missing is None:
        return None
    return [{"symbol": symbol, "day": day} for symbol, day in missing]
