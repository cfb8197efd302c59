"""What the exchange lists of each symbol, as all execution environments know it.

Lists lie and change: expiries are moved, new ones come during a session, and a list may be cut
short for an hour. So a list is read at least daily, and at once where an answer contradicts it. An
expiry that a list has lost is asked for once before the list is believed.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.lists.listing_rules import (
    READ_AGAIN_AFTER,
    disagrees,
    is_old,
    next_listing,
    without,
)
from chain_fetch.recording.lists.trading_evidence import TradingEvidence, Trial
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.mongo.listing_register import Listing

# How often the lists that other environments have read are looked up.
_LOAD_AGAIN_AFTER = timedelta(seconds=30)
_NEVER = datetime.min.replace(tzinfo=UTC)


class ListSource(Protocol):
    """Where lists come from: NseClient, or a fake in tests."""

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return the expiries listed now, nearest first; raise Refused or PayloadInvalid."""


class ListingStore(Protocol):
    """Where lists are kept for all environments: ListingRegister, or a fake in tests."""

    def newest(self, symbols: Sequence[str], /) -> dict[str, Listing]:
        """Return what is listed now of these symbols; raise StoreUnavailable."""

    def write(self, listing: Listing, /) -> None:
        """Store a listing; raise StoreUnavailable."""


@dataclass
class ListedExpiries:
    """The lists by symbol. All instants are ticks.

    `read` may run in several threads, one for each symbol; the rest belongs to one thread.
    """

    source: ListSource
    store: ListingStore
    trial: Trial
    now: Callable[[], datetime]
    _listings: dict[str, Listing] = field(default_factory=dict)
    _unwritten: set[str] = field(default_factory=set)
    _loaded_at: datetime | None = None
    _tried_at: dict[str, datetime] = field(default_factory=dict)
    _doubted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._evidence = TradingEvidence(self.trial)

    def load(self, symbols: Sequence[str]) -> None:
        """Adopt what other environments have read; without the database the own lists hold."""
        now = self.now()
        complete = all(symbol in self._listings for symbol in symbols)
        recent = self._loaded_at and timedelta() <= now - self._loaded_at < _LOAD_AGAIN_AFTER
        if complete and recent and not self._unwritten:
            return
        with suppress(StoreUnavailable):
            for symbol, stored in self.store.newest(symbols).items():
                own = self._listings.get(symbol)
                if own is None or (stored.since, stored.read_at) > (own.since, own.read_at):
                    # Another environment has read it: that ends a doubt, and counts as a try.
                    self._listings[symbol] = stored
                    self._tried_at[symbol] = stored.read_at
                    self._unwritten.discard(symbol)
                    self._doubted.discard(symbol)
            for symbol in list(self._unwritten):
                self._write(self._listings[symbol])
            self._loaded_at = now

    def known(self, symbol: str, tick: datetime) -> list[date]:
        """Return the expiries to ask for, nearest first; none if no list is known."""
        listing = self._listings.get(symbol)
        return listing.current(exchange_date(tick)) if listing else []

    def unknown(self, symbols: Iterable[str], tick: datetime) -> list[str]:
        """Return the symbols without a list; those come last that were tried last."""
        return self._in_turn(symbol for symbol in symbols if not self.known(symbol, tick))

    def due(self, symbols: Iterable[str], tick: datetime) -> list[str]:
        """Return the symbols whose list is to be read again now, the most urgent first."""
        doubted = self.doubted(symbols, tick)
        old = [
            symbol
            for symbol in symbols
            if symbol not in doubted
            and (listing := self._listings.get(symbol))
            and is_old(listing, tick)
            and self._may_try(symbol, tick)
        ]
        return [*doubted, *sorted(old, key=lambda symbol: self._listings[symbol].read_at)]

    def doubted(self, symbols: Iterable[str], tick: datetime) -> list[str]:
        """Return the symbols whose list an answer has contradicted and may be read again.

        Those come last that were tried last: a few whose lists and bodies never agree keep no
        other waiting.
        """
        doubted = (each for each in symbols if each in self._doubted)
        return self._in_turn(each for each in doubted if self._may_try(each, tick))

    def read(self, symbol: str, tick: datetime, deadline: float) -> None:
        """Read a symbol's list and store what is believed of it.

        Raises Refused or PayloadInvalid; then the last list stays.
        """
        self._tried_at[symbol] = tick
        sent = self.source.expiries(symbol, deadline)
        known = self.known(symbol, tick)
        unlisted = self._evidence.unlisted(symbol, sent, known, tick, deadline)
        self._doubted.discard(symbol)
        self._adopt(next_listing(self._listings.get(symbol), symbol, sent, unlisted, tick))

    def observe(self, results: Iterable[RequestResult], tick: datetime) -> None:
        """Learn from the answers of a tick which expiries trade, and whether a list is wrong."""
        for result in results:
            symbol, expiry, _ = result.request
            if (listing := self._listings.get(symbol)) is None:
                continue
            trades = self._evidence.learn(result, tick)
            if trades is False and expiry in listing.unlisted:
                listing = without(listing, expiry, tick)
                self._adopt(listing)
            elif trades is False or result.reason == "stale":
                self._doubted.add(symbol)
            if disagrees(listing, result.listed_expiries, exchange_date(tick)):
                self._doubted.add(symbol)

    def _in_turn(self, symbols: Iterable[str]) -> list[str]:
        return sorted(symbols, key=lambda symbol: self._tried_at.get(symbol, _NEVER))

    def _may_try(self, symbol: str, tick: datetime) -> bool:
        tried = self._tried_at.get(symbol)
        # A clock that was set back does not keep a list from being read.
        return tried is None or abs(tick - tried) >= READ_AGAIN_AFTER

    def _adopt(self, listing: Listing) -> None:
        self._listings[listing.symbol] = listing
        self._unwritten.add(listing.symbol)
        with suppress(StoreUnavailable):  # it is written when lists are loaded again
            self._write(listing)

    def _write(self, listing: Listing) -> None:
        self.store.write(listing)
        self._unwritten.discard(listing.symbol)
