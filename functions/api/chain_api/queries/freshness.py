"""What is known of a stored chain at a moment: until when it held, and whether it may be old."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from chain_api.dependencies import Dependencies
from chain_api.rendering.answers import Answer, age_seconds
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument

# One failed tick is no gap: the exchange changes its data every 30 to 60 seconds.
_NEAR_TICKS = 3
_SHORTEST_INTERVAL = timedelta(seconds=1)


@dataclass(frozen=True)
class Sight:
    """A header at a moment, UTC. `last_seen_at` is the newest tick by then that confirmed it.

    `gap`: the ledger has no good tick near the moment (in session; else near the last close).
    """

    header: HeaderDocument
    moment: datetime
    last_seen_at: datetime
    gap: bool

    @cached_property
    def age_seconds(self) -> float:
        """Return how long before the moment the exchange had last answered this."""
        return age_seconds(self.last_seen_at, self.moment)

    @property
    def key(self) -> list[object]:
        """Return what an answer of this header's documents depends on."""
        header = self.header
        return [header["expiry"], header["fetched_at"], header["content_hash"], self.gap]

    def head(self) -> Answer:
        """Return the members of an answer that say when its numbers held."""
        return {
            "timestamp": self.header["fetched_at"],
            "last_seen_at": self.last_seen_at,
            "exchange_timestamp": self.header["exchange_timestamp"],
            "age_seconds": self.age_seconds,
            "gap": self.gap,
        }


def sight(deps: Dependencies, header: HeaderDocument, at: datetime | None) -> Sight:
    """Return what is known of a header, now or at a moment of the past; raise StoreUnavailable.

    In session and with a recorder at work this asks nothing more of the database.
    """
    seen = header["last_seen_at"] if at is None else seen_by(deps, header, at)
    moment = at or deps.now()
    return Sight(header, moment, seen, _is_gap(deps, header["symbol"], moment, seen))


def seen_by(deps: Dependencies, header: HeaderDocument, at: datetime) -> datetime:
    """Return the newest tick by `at` that found what the header holds."""
    first = header["fetched_at"]
    if header["last_seen_at"] <= at:
        return header["last_seen_at"]
    if at - first < _SHORTEST_INTERVAL:
        return first
    known = deps.ledger.confirmed_at(header["symbol"], header["expiry_date"], first, at)
    return known or first


def _is_gap(deps: Dependencies, symbol: str, moment: datetime, seen: datetime) -> bool:
    near = timedelta(seconds=_NEAR_TICKS * deps.settings.nse_fetch_interval)
    due = _last_due(deps.calendar.market(), moment, near)
    if due is None or seen >= due - near:
        return False
    return not deps.ledger.has_good(symbol, due - near, due)


def _last_due(market: Market, moment: datetime, near: timedelta) -> datetime | None:
    """Return the newest moment by `moment` before which ticks were due for as long as `near`."""
    session = market.last_session(moment)
    if session and moment - session.opens < near:
        session = market.last_session(session.opens - timedelta(microseconds=1))
    return session and min(moment, session.closes)
