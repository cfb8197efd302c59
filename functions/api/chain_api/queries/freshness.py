"""How fresh a stored snapshot is at a moment: when it was last confirmed, and how old it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from chain_api.calculations.ages import age_seconds
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument

# One failed tick is no gap: the exchange changes its data every 30 to 60 seconds.
_GAP_TICKS = 3
_SHORTEST_INTERVAL = timedelta(seconds=1)


@dataclass(frozen=True)
class Freshness:
    """A snapshot's header as it is known at a moment. All instants are UTC.

    `last_seen_at` is the newest tick at or before the moment that confirmed the snapshot. `gap`
    says that the ledger has no good tick near the moment or, while the market is closed, near the
    last close.
    """

    header: HeaderDocument
    moment: datetime
    last_seen_at: datetime
    gap: bool

    @cached_property
    def age_seconds(self) -> float:
        """Return the seconds from the last confirmation to the moment."""
        return age_seconds(self.last_seen_at, self.moment)

    @property
    def version_parts(self) -> list[object]:
        """Return what an answer made of this snapshot depends on."""
        header = self.header
        return [header["expiry"], header["fetched_at"], header["content_hash"], self.gap]

    def members(self) -> Answer:
        """Return the members of an answer that say when its numbers were valid."""
        return {
            "timestamp": self.header["fetched_at"],
            "last_seen_at": self.last_seen_at,
            "exchange_timestamp": self.header["exchange_timestamp"],
            "age_seconds": self.age_seconds,
            "gap": self.gap,
        }


def freshness_of(deps: Dependencies, header: HeaderDocument, at: datetime | None) -> Freshness:
    """Return the freshness of a snapshot now, or at a past moment; raise StoreUnavailable.

    While the market is open and the recorder works, this reads nothing more from the database.
    """
    confirmed = header["last_seen_at"] if at is None else last_confirmation(deps, header, at)
    moment = at or deps.now()
    return Freshness(header, moment, confirmed, _is_gap(deps, header["symbol"], moment, confirmed))


def last_confirmation(deps: Dependencies, header: HeaderDocument, at: datetime) -> datetime:
    """Return the newest tick at or before `at` that confirmed a snapshot."""
    first = header["fetched_at"]
    if header["last_seen_at"] <= at:
        return header["last_seen_at"]
    if at - first < _SHORTEST_INTERVAL:
        return first
    known = deps.ledger.confirmed_at(header["symbol"], header["expiry_date"], first, at)
    return known or first


def combined_members(chains: Sequence[Freshness]) -> Answer:
    """Return the members of an answer made of several snapshots: as old as the oldest of them."""
    if len(chains) == 1:
        return chains[0].members()
    newest = max(chains, key=lambda chain: chain.header["fetched_at"])
    oldest = min(chains, key=lambda chain: chain.last_seen_at)
    return newest.members() | {
        "last_seen_at": oldest.last_seen_at,
        "age_seconds": oldest.age_seconds,
        "gap": any(chain.gap for chain in chains),
    }


def _is_gap(deps: Dependencies, symbol: str, moment: datetime, confirmed: datetime) -> bool:
    near = timedelta(seconds=_GAP_TICKS * deps.settings.nse_fetch_interval)
    due = _last_due(deps.calendar.market(), moment, near)
    if due is None or confirmed >= due - near:
        return False
    return not deps.ledger.has_good(symbol, due - near, due)


def _last_due(market: Market, moment: datetime, near: timedelta) -> datetime | None:
    """Return the newest instant by `moment` before which ticks were due for as long as `near`."""
    session = market.last_session(moment)
    if session and moment - session.opens < near:
        session = market.last_session(session.opens - timedelta(microseconds=1))
    return session and min(moment, session.closes)
