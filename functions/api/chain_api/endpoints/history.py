"""The history of contracts, as recorded or as candles."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chain_api.calculations import leg_greeks
from chain_api.calculations.candles import CANDLE_COLUMNS
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.pagination.cursors import Milliseconds, from_milliseconds, to_milliseconds
from chain_api.pagination.listing import Listing, ListState, Records
from chain_api.parameters.columns import GREEK_COLUMNS, HISTORY_COLUMNS, check_derived
from chain_api.parameters.interval import requested_interval
from chain_api.parameters.types import expiry_of
from chain_api.problems.catalogue import invalid, unknown_contract
from chain_api.queries.candles import SeriesPage, candle_page
from chain_api.queries.contract_ids import expiry_named, identifiers
from chain_api.queries.series_greeks import add_greeks
from chain_api.schemas.queries import HistoryQuery
from chain_api.store.header_series import Span
from chain_api.store.time_series import SeriesPosition
from optionchain.analytics import IvChoice
from optionchain.mongo.documents import HeaderDocument, source_of

_KEY_FIELDS = ("identifier", "fetched_at")


class _Position(NamedTuple):
    """The contract and the instant with which a page begins."""

    identifier: str
    since: Milliseconds


class ContractHistory(Listing[HistoryQuery, _Position]):
    """The documents or candles of a symbol's contracts, contract by contract, by time."""

    resource = "history"
    position_type = _Position

    def __init__(self, deps: Dependencies, symbol: str, query: HistoryQuery, accept: str) -> None:
        """Read the request; raise Problem."""
        super().__init__(deps, symbol, query, accept)
        query = self.request.query
        self._interval = _interval(query)
        check_derived(query.columns, query.iv_source, greeks=query.greeks)
        self._iv_source: IvChoice | None = (query.iv_source or "price") if query.greeks else None

    @property
    def expiry(self) -> str:
        """Return the expiry of the contracts that the request names."""
        return expiry_named(self.request.symbol, self.request.query)

    @property
    def columns(self) -> Sequence[str]:
        """Return the fields of a candle, or those of a document that the request names."""
        if columns := self.request.query.columns:
            return columns.split(",")
        derived = GREEK_COLUMNS if self._iv_source else ()
        return (*(CANDLE_COLUMNS if self._interval else HISTORY_COLUMNS), *derived)

    @property
    def is_series(self) -> bool:
        """Tell whether the request names one contract."""
        query = self.request.query
        return bool(query.identifier or (query.strike is not None and query.option_type))

    def find(self) -> ListState:
        """Return the range and its newest headers."""
        return self.find_range()

    def depends_on(self, state: ListState) -> Sequence[object]:  # noqa: ARG002
        """Return the rate with which what older recorders did not derive is derived."""
        return (self.deps.settings.risk_free_rate,) if self._iv_source else ()

    def members(self, state: ListState, freshness: Answer) -> Answer:
        """Return the interval too."""
        return super().members(state, freshness) | {"interval": self.request.query.interval}

    def page(self, state: ListState) -> tuple[Records, _Position | None]:
        """Return candles or documents."""
        series, at = self._series(state), state.pinned.moment if self.request.ends else None
        records, rest = self._records(series, at)
        while rest and not records:  # what a kill left of these contracts, no header commits
            records, rest = self._records(series._replace(position=rest), at)
        if not records and not series.position:
            self._check_known(series, state.newest[0])
        return records, rest and _Position(rest.identifier, to_milliseconds(rest.since))

    def _records(
        self, series: SeriesPage, at: datetime | None
    ) -> tuple[Records, SeriesPosition | None]:
        if self._interval:
            limit, greeks = self.request.limit, self._iv_source
            return candle_page(self.deps, series, self._interval, limit, at, greeks)
        return self._documents(series)

    def _series(self, state: ListState) -> SeriesPage:
        (newest,), pinned, position = state.newest, state.pinned, self.request.position
        span = Span(self.request.symbol, expiry_of(pinned.expiry), pinned.start, pinned.end)
        contracts = identifiers(self.deps, self.request.query, span, newest)
        if position is None:
            return SeriesPage(span, contracts, None)
        if position.identifier not in contracts:
            raise invalid("cursor", None, "is of a contract that is not kept any more")
        since = from_milliseconds(position.since)
        return SeriesPage(span, contracts, SeriesPosition(position.identifier, since))

    def _documents(self, series: SeriesPage) -> tuple[Records, SeriesPosition | None]:
        names = self.columns if self.request.query.columns else None
        fields = (*names, *_KEY_FIELDS) if names else None
        if fields and self._iv_source:
            fields = leg_greeks.fields_for(fields)
        found, rest = self.deps.time_series.documents(*series, self.request.limit, fields)
        for document in found:
            document["source"] = source_of(document)
        if self._iv_source:
            add_greeks(self.deps, series.span, found, self._iv_source, names)
        if not names:
            return found, rest
        return [{name: document.get(name) for name in names} for document in found], rest

    def _check_known(self, series: SeriesPage, newest: HeaderDocument) -> None:
        """Raise the 404 of a contract that was never recorded; an empty range is no error."""
        query, is_known = self.request.query, self.deps.time_series.is_known
        for field, value in (("identifier", query.identifier), ("strike", query.strike)):
            if value is not None and not any(
                is_known(series.span, each) for each in series.contracts
            ):
                known = self.deps.snapshots.strikes(newest)
                raise unknown_contract(field, value, newest["symbol"], known)


def _interval(query: HistoryQuery) -> timedelta | None:
    if query.interval and query.columns:
        raise invalid(
            "columns",
            query.columns,
            "must not be given with interval: candles have columns of their own",
        )
    return requested_interval(query.interval)
