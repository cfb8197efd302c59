"""The latest analytics of every symbol as one table, as a Resource."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

import orjson

from chain_api.caching.http_cache import Content, Representation, content_of, version_of
from chain_api.caching.resource import Description, represent
from chain_api.calculations.ages import age_seconds
from chain_api.calculations.screening import Screening
from chain_api.dependencies import Dependencies
from chain_api.endpoints.screener_json import TableRow, members_of
from chain_api.endpoints.screener_rows import ScreenerRows
from chain_api.endpoints.tiers import check_tier
from chain_api.json_types import Answer
from chain_api.pagination.listing import list_body
from chain_api.parameters.screening import COLUMNS, NESTED
from chain_api.problems.catalogue import invalid
from chain_api.queries.symbol_table import Table
from chain_api.rendering.formats import Format, format_of
from chain_api.schemas.screener_query import ScreenerQuery

_RESOURCE = "screener"


class ScreenerResource:
    """The table: its rows are narrowed down and put in order after all of them are known."""

    def __init__(
        self, deps: Dependencies, rows: ScreenerRows, query: ScreenerQuery, accept: str
    ) -> None:
        """Read the request; `accept` is its Accept header. Raises Problem."""
        self._deps = deps
        self._rows = rows
        self._query = query
        check_tier(deps.settings, query.tier)
        self._form: Format = format_of(query.format, accept)
        self._screening: Screening = query.screening()
        self._columns = self._wanted()
        self._asked = query.model_dump(exclude_defaults=True)

    def find(self) -> Table:
        """Return the newest header of every symbol; raise StoreUnavailable."""
        return self._rows.table()

    def describe(self, state: Table) -> Description:
        """Return the answer without its rows."""
        chains = [each.chain for each in state.symbols if each.chain]
        kinds = [(each.kind, each.tier) for each in self._deps.symbols.plan().by_symbol.values()]
        keys = "".join(each.version for each in state.symbols)
        version = version_of(keys, *kinds, state.days_version, self._asked, self._form)
        newest = max((chain.header["fetched_at"] for chain in chains), default=None)
        confirmed = max(state.confirmed.values(), default=None)
        members: Answer = {
            "timestamp": newest,
            "last_seen_at": confirmed,
            "age_seconds": confirmed and age_seconds(confirmed, self._deps.now()),
            "total_symbols": len(state.symbols),
            "gaps": sum(chain.gap for chain in chains),
            "unknown_symbols": self._unknown(state),
        }
        return Description(self._representation(version, members), members)

    def read(self, state: Table) -> Content:
        """Return the rows of the page and the link to the next one."""
        now = self._deps.now().replace(microsecond=0)
        key = (state.read_at, now, self._form, orjson.dumps(self._asked))
        return self._rows.content(key, lambda: self._content(state, now))

    def _unknown(self, state: Table) -> list[str]:
        return sorted((self._screening.symbols or set()) - {each.symbol for each in state.symbols})

    def _content(self, state: Table, now: datetime) -> Content:
        rows = {row.answer["symbol"]: row for row in self._rows.of(state, now)}
        wanted = self._screening.apply(row.answer for row in rows.values())
        first, limit = self._query.offset, self._query.limit
        end = first + limit
        page = self._page([rows[each["symbol"]] for each in wanted[first:end]])
        link = self._next(end) if end < len(wanted) else None
        bounds = {"total_records": len(wanted), "limit": limit, "offset": first}
        body = list_body(page, self._columns, self._form, link, **bounds)
        # Ages are in the rows, and move on while the version stays.
        return content_of(body, self._form, link, suffix=f".{crc32(body):08x}")

    def _wanted(self) -> Sequence[str]:
        """Return the columns; raise the Problem of those that CSV has no place for."""
        chosen = self._query.columns.split(",") if self._query.columns else None
        if self._form != "csv":
            extra = ("sparkline",) if self._query.sparkline else ()
            return (*(chosen or (*COLUMNS, *NESTED)), *extra)
        nested: dict[str, str | None] = (
            {"sparkline": self._query.sparkline} if self._query.sparkline else {}
        )
        if set(chosen or ()) & {*NESTED}:
            nested["columns"] = self._query.columns
        for name, value in nested.items():
            raise invalid(name, value, "is not in CSV: leave it out, or ask for another format")
        return chosen or COLUMNS

    def _representation(self, version: str, members: Answer) -> Representation:
        if members["timestamp"] is None:
            return Representation(version, self._form, "no-cache")
        return represent(self._deps, version, self._form, members, None, absolute=False)

    def _page(self, rows: Sequence[TableRow]) -> Sequence[Any]:
        if self._form == "json":
            return self._rows.json(rows, self._columns, self._query.sparkline)
        return [members_of(row, self._columns, self._query.sparkline) for row in rows]

    def _next(self, offset: int) -> str:
        """Return the address of the page that begins at an offset."""
        return f"{_RESOURCE}?{urlencode(self._asked | {'offset': offset})}"
