"""A resource as one request asks for it, in three steps: find, describe, read."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chain_api.caching.cache_control import cache_control
from chain_api.caching.http_cache import Content, Representation, freshness_headers, version_of
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.parameters.moments import Moment
from chain_api.queries.freshness import Freshness, combined_members, freshness_of_all
from chain_api.queries.headers import headers_of, instant_of
from chain_api.rendering.formats import Format

type Chains = list[Freshness]


class Description(NamedTuple):
    """An answer before its content is read: its headers, and the members that come first."""

    representation: Representation
    members: Answer


class Resource[State](Protocol):
    """What one request asks for. The steps are apart, so that a 304 needs only the first two."""

    def find(self) -> State:
        """Return what a few small reads find; raise Problem and StoreUnavailable."""
        ...

    def describe(self, state: State) -> Description:
        """Return the answer without its content."""
        ...

    def read(self, state: State) -> Content:
        """Return the content; raise Problem and StoreUnavailable."""
        ...


@dataclass(frozen=True)
class ChainQuery:
    """Which chain of a symbol, and when.

    `expiry` is as requests name it; `at` is None for the latest, else UTC. `absolute` says that the
    request will mean the same moment tomorrow, `moves` that it means another one a second later.
    """

    deps: Dependencies
    symbol: str
    expiry: str
    at: datetime | None
    absolute: bool
    moves: bool = False

    @property
    def until(self) -> datetime | None:
        """Return the last moment that the request is about; None if that goes on with the clock."""
        return None if self.moves else self.at

    def find(self) -> Chains:
        """Return the newest snapshot of each expiry asked for; raise Problem, StoreUnavailable."""
        found = headers_of(self.deps, self.symbol, self.expiry, self.at)
        return freshness_of_all(self.deps, found, self.at)

    def representation(self, chains: Chains, form: Format, *depends_on: object) -> Representation:
        """Return the headers of an answer made of these chains and of what else it depends on."""
        keys = (chain.version_parts for chain in chains)
        version = version_of(*keys, self.symbol, self.expiry, form, *depends_on)
        freshness = combined_members(chains)
        return represent(
            self.deps,
            version,
            form,
            freshness,
            self.until,
            absolute=self.absolute,
            symbol=self.symbol,
        )


def chain_query(
    deps: Dependencies, symbol: str, expiry: str, as_of: Moment | None = None
) -> ChainQuery:
    """Return the query for a chain now or at a moment; raise the Problem of a future moment."""
    at = instant_of(as_of, deps.now(), "as_of")
    if as_of is None:
        return ChainQuery(deps, symbol, expiry, at, absolute=False)
    return ChainQuery(deps, symbol, expiry, at, as_of.absolute, as_of.moves)


def represent(
    deps: Dependencies,
    version: str,
    form: Format,
    members: Answer,
    until: datetime | None,
    *,
    absolute: bool,
    symbol: str | None = None,
) -> Representation:
    """Return the headers of an answer: the one place that sets Cache-Control and the X- headers.

    `members` hold the freshness; `until` is the last moment asked about, None for the latest.
    An answer about no single `symbol` may change with each tick of any.
    """
    plan, market, now = deps.symbols.plan(), deps.calendar.market(), deps.now()
    rhythm = plan.rhythm_of(symbol) if symbol else plan.base
    freshness = cache_control(market, rhythm, now, until, absolute=absolute)
    return Representation(version, form, freshness, freshness_headers(members))
