"""Whether a body without a time stamp still shows the trading day before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from chain_fetch.recording.bodies.body_order import shows_day_before
from chain_fetch.recording.bodies.deduplication import OPENING_TIME
from chain_fetch.recording.bodies.known_legs import KnownLegs
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.snapshot import Snapshot


@dataclass(frozen=True)
class DayBefore:
    """The last chains before the opening of a day; raises StoreUnavailable.

    The legs of each expiry are read once a day, when the first body is compared with them.
    """

    store: SnapshotReader
    market: Callable[[], Market]
    legs: Callable[[HeaderDocument], KnownLegs | None]
    _known: dict[tuple[str, date], tuple[datetime, KnownLegs]] = field(default_factory=dict)

    def is_shown_by(self, snapshot: Snapshot) -> bool:
        """Tell whether a body shows the day before: its source, or a node of it, stands still."""
        market, tick = self.market(), snapshot.fetched_at
        sessions = market.sessions(exchange_date(tick))
        opened = [session.opens for session in sessions if session.opens <= tick]
        if snapshot.exchange_timestamp or market.hours == "always" or not opened:
            return False
        # The volumes of a date with several sessions go on from one to the next.
        legs = self._legs_before(snapshot, opened[0])
        return shows_day_before(snapshot, legs, opening=tick - opened[-1] < OPENING_TIME)

    def _legs_before(self, snapshot: Snapshot, opens: datetime) -> KnownLegs:
        chain = snapshot.symbol, snapshot.expiry
        known = self._known.get(chain)
        if known is None or known[0] != opens:
            header = self.store.latest_header(*chain, opens - timedelta.resolution)
            known = opens, (self.legs(header) if header else None) or {}
            self._known[chain] = known
        return known[1]
