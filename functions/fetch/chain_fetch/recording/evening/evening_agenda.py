"""What the evening still has to read of each symbol, by what the record has of the day.

The headers of the snapshots tell it, and no invocation remembers it. So a crash, a second
invocation or an outage of the database changes nothing but the minute in which something is read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.reports.ledger_entry import LedgerEntry
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument

# What an entry of the ledger says of an evening tick.
_EVENING: LedgerEntry = {"read": "settled"}


class Headers(Protocol):
    """Where headers are found: HeaderReader, or a fake in tests."""

    def newest_headers(
        self, symbol: str, expiries: Sequence[date], /
    ) -> dict[date, HeaderDocument]:
        """Return the newest header of each of these expiries that has one."""


class Unread(NamedTuple):
    """The listed expiries of a symbol without a final chain, and those that a tick is to read."""

    unsettled: list[date]
    to_read: list[date]


@dataclass(frozen=True)
class EveningAgenda:
    """Says what is to be read at a tick of the evening; raises StoreUnavailable."""

    listed: ListedExpiries
    headers: Headers
    market: Callable[[], Market]

    def due(self, symbols: Sequence[str], tick: datetime) -> list[str]:
        """Return the symbols of which a tick reads something; in a session all of them.

        The first tick of the evening is due for each symbol, so that its outcome is recorded.
        """
        if not self.market().is_optional(tick):
            return list(symbols)
        self.listed.load(symbols)
        return [
            symbol
            for symbol in symbols
            if self.unread(symbol, tick).to_read or not self.listed.known(symbol, tick)
        ]

    def unread(self, symbol: str, tick: datetime) -> Unread:
        """Return what a symbol lacks at an evening tick, nearest expiry first.

        In a round that needs a rewrite, a chain that was not rewritten is read once: the next
        round reads it again.
        """
        evening = self.market().evening_round(tick)
        if evening is None:
            return Unread([], [])
        listed, day = self.listed.known(symbol, tick), exchange_date(tick)
        newest = self.headers.newest_headers(symbol, listed)
        unsettled = [each for each in listed if not _is_settled(newest.get(each), day)]
        seen = {each for each in listed if _was_seen(newest.get(each), evening.begins)}
        waits = seen if evening.needs_rewrite else set()
        return Unread(unsettled, [each for each in unsettled if each not in waits])

    def remarks(self, symbol: str, tick: datetime, *, database_away: bool = False) -> LedgerEntry:
        """Return what the ledger says of an evening tick beside its outcome; else nothing.

        `unsettled` is how many listed expiries have no final chain; `left_unsettled` is the same
        at the last tick of the day. There what is not known counts as missing.
        """
        market = self.market()
        if market.evening_round(tick) is None:
            return {}
        remarks = dict(_EVENING)
        if (unsettled := None if database_away else self._unsettled(symbol, tick)) is not None:
            remarks["unsettled"] = unsettled
        if tick == market.evening_ticks(exchange_date(tick))[-1]:
            remarks["left_unsettled"] = 1 if unsettled is None else unsettled
        return remarks

    def _unsettled(self, symbol: str, tick: datetime) -> int | None:
        if not self.listed.known(symbol, tick):
            return None
        try:
            return len(self.unread(symbol, tick).unsettled)
        except StoreUnavailable:
            return None


def _is_settled(header: HeaderDocument | None, day: date) -> bool:
    if header is None or exchange_date(header["fetched_at"]) != day:
        return False
    return header.get("settled", False)


def _was_seen(header: HeaderDocument | None, since: datetime) -> bool:
    return header is not None and header["last_seen_at"] >= since
