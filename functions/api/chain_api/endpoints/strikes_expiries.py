"""The strikes of a chain, and the expiry dates of a symbol: for menus and loops."""

from dataclasses import dataclass

from chain_api.caching.http_cache import Content, content_of, version_of
from chain_api.caching.resource import ChainQuery, Chains, Description, represent
from chain_api.json_types import Answer, json_bytes
from chain_api.queries.freshness import combined_members


@dataclass(frozen=True)
class StrikesResource:
    """The strikes of one expiry's chain, in order; `path` is the request's."""

    query: ChainQuery
    path: str

    def find(self) -> Chains:
        """Return the snapshot."""
        return self.query.find()

    def describe(self, state: Chains) -> Description:
        """Return the answer without the strikes."""
        expiry_date = state[0].header["expiry_date"]
        members = {"symbol": self.query.symbol, "expiry_date": expiry_date}
        return _description(self.query, self.path, state, members | combined_members(state))

    def read(self, state: Chains) -> Content:
        """Return the strikes."""
        strikes = self.query.deps.snapshots.strikes(state[0].header)
        answer = {"strike_prices": strikes, "total_strikes": len(strikes)}
        return content_of(json_bytes(answer), "json")


@dataclass(frozen=True)
class ExpiryDatesResource:
    """The expiry dates of a symbol's chains, by date; `path` is the request's."""

    query: ChainQuery
    path: str

    def find(self) -> Chains:
        """Return the newest snapshot of each expiry."""
        return self.query.find()

    def describe(self, state: Chains) -> Description:
        """Return the answer without the dates. The list is as old as its newest confirmation."""
        newest = max(state, key=lambda chain: chain.last_seen_at)
        members = {"symbol": self.query.symbol, **combined_members(state)}
        confirmed = {"last_seen_at": newest.last_seen_at, "age_seconds": newest.age_seconds}
        return _description(self.query, self.path, state, members | confirmed)

    def read(self, state: Chains) -> Content:
        """Return the dates, which the headers hold already."""
        dates = [chain.header["expiry_date"] for chain in state]
        answer = {"expiry_dates": dates, "total_expiry_dates": len(dates)}
        return content_of(json_bytes(answer), "json")


def _description(query: ChainQuery, path: str, chains: Chains, members: Answer) -> Description:
    version = version_of(path, *(chain.version_parts for chain in chains))
    # The headers tell the freshness of all the snapshots together.
    representation = represent(
        query.deps,
        version,
        "json",
        combined_members(chains),
        query.until,
        absolute=query.absolute,
        symbol=query.symbol,
    )
    return Description(representation, members)
