"""How fresh a stored snapshot is at a moment: when it was last confirmed, and how old it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.expiry_gaps import GAP_TICKS, is_gap
from chain_api.calculations.provenance import provenance
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.queries.periods import period_of
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument, source_of

# How far back the ledger is searched for the last times that an expiry was asked for.
_LOOK_BACK_TICKS = 120
_SHORTEST_INTERVAL = timedelta(seconds=1)
# A header of an older recorder does not tell the lot size.
_NOT_READ = "not_read"


@dataclass(frozen=True)
class Freshness:
    """A snapshot's header as it is known at a moment. All instants are UTC.

    `last_seen_at` is the newest tick at or before the moment that confirmed the snapshot. `gap`
    says that the ledger has no good answer for the expiry near the moment or, while the market is
    closed, near the last close. `settled` says that it was known then as the settled chain of its
    day.
    """

    header: HeaderDocument
    moment: datetime
    last_seen_at: datetime
    gap: bool
    settled: bool

    @cached_property
    def age_seconds(self) -> float:
        """Return the seconds from the last confirmation to the moment."""
        return age_seconds(self.last_seen_at, self.moment)

    @property
    def version_parts(self) -> list[object]:
        """Return what an answer made of this snapshot depends on."""
        header = self.header
        content = [header["expiry"], header["fetched_at"], header["content_hash"]]
        content.append(source_of(header))
        # The evening's reading may settle a snapshot without new content.
        return [*content, self.gap, self.settled]

    @property
    def frozen_since(self) -> datetime | None:
        """Return since which stamp the underlying has stood still while options trade."""
        return self.header.get("frozen_since")

    @property
    def lot(self) -> Answer:
        """Return the lot size of the expiry on that day, or why it is not known."""
        size = self.header.get("lot_size")
        reason = None if size else self.header.get("lot_size_reason") or _NOT_READ
        return {"lot_size": size, "lot_size_reason": reason}

    def members(self) -> Answer:
        """Return the members of an answer that say when its numbers were valid."""
        return {
            "timestamp": self.header["fetched_at"],
            "last_seen_at": self.last_seen_at,
            "exchange_timestamp": self.header["exchange_timestamp"],
            **provenance([self.header]),
            "age_seconds": self.age_seconds,
            "gap": self.gap,
            "settled": self.settled,
            "frozen": self.frozen_since is not None,
            "frozen_since": self.frozen_since,
            **self.lot,
        }


def freshness_of(deps: Dependencies, header: HeaderDocument, at: datetime | None) -> Freshness:
    """Return the freshness of a snapshot now, or at a past moment; raise StoreUnavailable.

    While the market is open and the recorder works, this reads nothing more from the database.
    """
    return freshness_of_all(deps, [header], at)[0]


def freshness_of_all(
    deps: Dependencies, headers: Sequence[HeaderDocument], at: datetime | None
) -> list[Freshness]:
    """Do the same for several snapshots of one symbol; the ledger's gaps are read at most once."""
    moment = at or deps.now()
    gaps = _Gaps(deps, headers[0]["symbol"], moment) if headers else None
    found = []
    for header in headers:
        confirmed = header["last_seen_at"] if at is None else last_confirmation(deps, header, at)
        gap = gaps is not None and gaps.has(header["expiry_date"], confirmed)
        found.append(Freshness(header, moment, confirmed, gap, is_settled(header, at)))
    return found


def is_settled(header: Mapping[str, Any], at: datetime | None) -> bool:
    """Tell whether a snapshot is known as the settled chain of its day, now or at a past moment.

    The evening's reading settles a snapshot: a new one, or the one before that it found unchanged.
    """
    if not header.get("settled", False):
        return False
    return at is None or header.get("settled_at", header["fetched_at"]) <= at


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
    frozen = [chain.frozen_since for chain in chains if chain.frozen_since]
    return newest.members() | {
        **provenance([chain.header for chain in chains]),
        "last_seen_at": oldest.last_seen_at,
        "age_seconds": oldest.age_seconds,
        "gap": any(chain.gap for chain in chains),
        "settled": all(chain.settled for chain in chains),
        "frozen": bool(frozen),
        "frozen_since": min(frozen, default=None),
        **_common_lot(chains),
    }


def _common_lot(chains: Sequence[Freshness]) -> Answer:
    first, *others = (chain.lot for chain in chains)
    if all(lot == first for lot in others):
        return first
    return {"lot_size": None, "lot_size_reason": "expiries_differ"}


class _Gaps:
    """The gaps of a symbol near a moment, by expiry. The ledger is read when it is first needed."""

    def __init__(self, deps: Dependencies, symbol: str, moment: datetime) -> None:
        self._deps = deps
        self._symbol = symbol
        self._near = GAP_TICKS * period_of(deps, symbol)
        self._due = last_due(deps.calendar.market(), moment, self._near)
        self._ticks: Sequence[Document] | None = None

    def has(self, expiry_date: str, confirmed: datetime) -> bool:
        """Tell whether there is a gap of an expiry that was confirmed last at a tick."""
        due = self._due
        if due is None or confirmed >= due - self._near:
            return False
        if self._ticks is None:
            step = self._deps.symbols.plan().rhythm_of(self._symbol).step
            back = max(self._near, _LOOK_BACK_TICKS * step)
            self._ticks = self._deps.ledger.completed(self._symbol, due - back, due)
        return is_gap(self._ticks, expiry_date, due - self._near)


def last_due(market: Market, moment: datetime, near: timedelta) -> datetime | None:
    """Return the newest instant by `moment` before which ticks were due for as long as `near`."""
    session = market.last_session(moment)
    if session and moment - session.opens < near:
        session = market.last_session(session.opens - timedelta(microseconds=1))
    return session and min(moment, session.closes)
