"""Compares the source that records with another one, every five minutes.

It runs in what is left of a tick once that is recorded, with one request at a time, and never
delays the next tick. Ticks of the evening are not compared: what is read then is rewritten.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from chain_fetch.recording.source_choice.disagreement_rules import by_leg, compare, neighbours
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.source_choice.source_reader import SymbolRead
from chain_fetch.recording.ticks.tick_grid import tick_at, tick_number
from chain_fetch.refused import Refused
from chain_fetch.source import LotSizes, Source
from optionchain.errors import PayloadInvalid, SnapshotIncomplete, StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.disagreement_register import CrossComparison, DisagreementRegister
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.snapshot import Snapshot

CHECK_SECONDS = 300
# With less time than this nothing is asked: the next tick must not wait.
_LEAST_SECONDS = 1.0
# So long the record around a moment is waited for: a stamped one is a minute behind.
_LONGEST_WAIT = timedelta(minutes=4)
# So far before a moment a snapshot may begin that still holds then.
_LOOKS_BACK = timedelta(minutes=10)
_COLUMNS = ("identifier", "strike_price", "type", "last_price", "open_interest",
            "implied_volatility")  # fmt: skip


class CrossCheckReport(Protocol):
    """Where a check is reported: Telemetry, or a fake in tests."""

    def report_cross_check(self, comparison: CrossComparison) -> None:
        """Report what came of a check."""

    def warn_of_cross_check(self, detail: str) -> None:
        """Report that a check could not be made."""


class Peer(NamedTuple):
    """A source that may be compared with the one that records."""

    name: str
    source: Source
    backoff: SourceBackoff


class _Pending(NamedTuple):
    """A body that waits for the record around its moment."""

    at: datetime
    moment: datetime
    recorded: str
    other: Snapshot


@dataclass
class CrossCheck:
    """Reads the nearest expiry of each symbol from a source that does not record it just now."""

    peers: Sequence[Peer]
    snapshots: SnapshotReader
    register: DisagreementRegister
    lots: LotSizes
    report: CrossCheckReport
    market: Callable[[], Market]
    now: Callable[[], datetime]
    _begun: dict[str, datetime] = field(default_factory=dict)
    _pending: dict[str, _Pending] = field(default_factory=dict)

    def __call__(self, tick: datetime, reads: Mapping[str, SymbolRead], seconds: float) -> None:
        """Go on with the checks within so many seconds; never raises for one."""
        market = self.market()
        if market.session_at(tick) is None or market.evening_round(tick) is not None:
            return
        until = time.monotonic() + seconds
        try:
            for symbol in list(self._pending):
                self._resolve(symbol)
            at = tick_at(tick_number(tick, CHECK_SECONDS), CHECK_SECONDS)
            for symbol, expiry, recorded in self._due(at, reads):
                if until - time.monotonic() < _LEAST_SECONDS:
                    return
                self._begin(symbol, expiry, recorded, at, until)
        except StoreUnavailable as error:
            self.report.warn_of_cross_check(str(error))

    def _due(
        self, at: datetime, reads: Mapping[str, SymbolRead]
    ) -> Iterator[tuple[str, date, str]]:
        """Yield the symbols that are still to be checked, with their nearest expiry and source."""
        for symbol, read in reads.items():
            good = [each for each in read.results if each.outcome != "failed" and each.legs]
            expiries = [each.request.expiry for each in good]
            if expiries and self._begun.get(symbol) != at:
                yield symbol, min(expiries), read.source

    def _begin(self, symbol: str, expiry: date, recorded: str, at: datetime, until: float) -> None:
        peer = self._peer(recorded)
        self._begun[symbol] = at
        if not self.register.claim(symbol, at, expiry):
            return
        if peer is None:
            others = (each.name for each in self.peers if each.name != recorded)
            self.register.fail(symbol, at, ",".join(others), "source_waits")
            return
        asked_at = self.now()
        try:
            body = peer.source.chain(symbol, expiry, until)
            snapshot = peer.source.parse(body, symbol, asked_at)
            if snapshot.expiry != expiry:
                raise PayloadInvalid(f"the body is not of the expiry {expiry} alone", "body")
        except (Refused, PayloadInvalid) as error:
            if isinstance(error, Refused):
                peer.backoff.record_refusal(error)
            self.register.fail(symbol, at, peer.name, error.reason)
            self.report.warn_of_cross_check(f"{symbol}: {peer.name}: {error}")
            return
        moment = snapshot.exchange_timestamp or self.now()
        if (before := self._pending.get(symbol)) is not None:
            self.register.fail(symbol, before.at, before.other.source, "not_recorded")
        self._pending[symbol] = _Pending(at, moment, recorded, snapshot)
        self._resolve(symbol)

    def _peer(self, recorded: str) -> Peer | None:
        """Return the preferred source among those that do not record and may be asked."""
        for peer in self.peers:
            waits = peer.backoff.current_wait() or peer.backoff.is_left()
            if peer.name != recorded and not waits:
                return peer
        return None

    def _resolve(self, symbol: str) -> None:
        """Compare a body once the record around its moment is known; forget it after a while."""
        at, moment, recorded, other = self._pending[symbol]
        now = self.now()
        headers = self.snapshots.headers_between(symbol, other.expiry, moment - _LOOKS_BACK, now)
        found = neighbours(headers, moment, recorded)
        if found is None:
            if now - moment > _LONGEST_WAIT:
                del self._pending[symbol]
                self.register.fail(symbol, at, other.source, "not_recorded")
            return
        del self._pending[symbol]
        terms = self.lots.of(symbol, other.expiry, exchange_date(moment))
        try:
            before, after = (by_leg(self._contracts(header)) for header in found)
        except SnapshotIncomplete:
            self.register.fail(symbol, at, other.source, "incomplete")
            return
        comparison = CrossComparison(
            symbol=symbol,
            at=at,
            expiry=other.expiry,
            recorded=recorded,
            other=other.source,
            moment=moment,
            before=found.before["fetched_at"],
            after=found.after["fetched_at"],
            fields=compare(before, after, other, terms.tick_size),
        )
        self.register.complete(comparison)
        self.report.report_cross_check(comparison)

    def _contracts(self, header: HeaderDocument) -> list[Mapping[str, object]]:
        return [dict(each) for each in self.snapshots.contracts(header, columns=_COLUMNS)]
