"""Judges a body that was received by what is stored, and says what is to be written."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from chain_fetch.recording.bodies.body_judge import BodyJudge
from chain_fetch.recording.bodies.completeness import is_far_smaller, loss_told, size_of
from chain_fetch.recording.bodies.deduplication import (
    OPENING_TIME,
    Verdict,
    check_stamp,
    commit_of,
    is_stored_as,
)
from chain_fetch.recording.bodies.final_chain import is_final
from chain_fetch.recording.bodies.known_legs import KnownLegs
from chain_fetch.recording.bodies.newest_headers import NewestHeaders
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.request_result import RequestResult
from optionchain.errors import PayloadInvalid, SnapshotIncomplete
from optionchain.evening_rounds import EveningRound
from optionchain.exchange_time import exchange_date, is_of_the_future, ist_text
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument, source_of, stamp_of
from optionchain.mongo.snapshot_writer import Commit, Confirmation, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot


@dataclass(frozen=True)
class Ingestion:
    """Judges the snapshots that ticks bring.

    `risk_free_rate` is in percent a year.
    """

    store: SnapshotWriter
    ledger: TickLedger
    risk_free_rate: float
    market: Callable[[], Market] = lambda: Market("always")
    facts: RecordedFacts = field(default_factory=RecordedFacts)

    def take_in(
        self, snapshot: Snapshot, newest: HeaderDocument | None, result: RequestResult
    ) -> Commit | Confirmation | None:
        """Judge a snapshot, and tell `result` what it is; return what is to be written.

        `newest` is the newest header of its expiry. What is new is to be committed, what is known
        is to be confirmed. Raises PayloadInvalid or StoreUnavailable.
        """
        check_stamp(snapshot)
        result.exchange_timestamp = snapshot.exchange_timestamp
        newest = self._present(newest, snapshot)
        last = self._believable(newest)
        judgement = self._judge.judge(snapshot, last, newest)
        verdict = result.verdict = judgement.verdict
        is_new = verdict in (Verdict.NEW, Verdict.REVISED)
        result.data_since = _data_since(snapshot, None if is_new else last)
        if not is_new:
            result.outcome = "unchanged"
        if newest and _is_ahead(newest, snapshot):
            _leave_to_later_tick(newest, result)
            return None
        if is_new:
            missing = self._legs_missing(snapshot, newest, result)
            facts = self.facts.of(snapshot, newest, self.market())
            commit = commit_of(snapshot, judgement, last, self.risk_free_rate, missing, facts)
            return replace(commit, settled=self._is_final(snapshot, last))
        if verdict is Verdict.UNCHANGED and last is not None:
            return Confirmation(last, snapshot.fetched_at, self._is_final(snapshot, last))
        if judgement.old and _serves_its_day(self.market(), snapshot.fetched_at):
            result.fail("stale", judgement.old)
        return None

    def take_in_known(
        self, result: RequestResult, newest: HeaderDocument | None
    ) -> Confirmation | None:
        """Return what is to be confirmed if a body is known and surely is what is stored.

        `take_in` would find the same. In the evening it asks for more: whether a chain is final.
        """
        body, tick, market = result.known, result.tick, self.market()
        if body is None or tick is None or newest is None or not is_stored_as(body, newest, tick):
            return None
        stamp = body.exchange_timestamp
        if market.is_earlier_session(stamp, tick) or market.evening_round(tick) is not None:
            return None
        result.exchange_timestamp = result.data_since = stamp
        result.verdict, result.outcome = Verdict.UNCHANGED, "unchanged"
        return Confirmation(newest, tick)

    @cached_property
    def newest(self) -> NewestHeaders:
        """Return what finds the headers that bodies are compared with."""
        return NewestHeaders(self.store)

    @cached_property
    def _judge(self) -> BodyJudge:
        return BodyJudge(self.store, self.ledger, self.market, self._legs)

    def _legs(self, header: HeaderDocument) -> KnownLegs | None:
        return self.facts.known(header, self.store)

    def _is_final(self, snapshot: Snapshot, last: HeaderDocument | None) -> bool:
        """Tell whether a snapshot is the final one of its day; no session reads that."""
        tick, market = snapshot.fetched_at, self.market()
        if (evening := _round_of(market, tick)) is None:
            return False
        closes = market.sessions(exchange_date(tick))[-1].closes
        return is_final(snapshot, last, evening, closes)

    def _present(self, newest: HeaderDocument | None, snapshot: Snapshot) -> HeaderDocument | None:
        """Return the newest header; one of far ahead does not count before its tick has come.

        Until its clock was mended, a recorder stored it. By it, each body would be news again.
        """
        tick = snapshot.fetched_at
        if newest and is_of_the_future(newest["fetched_at"], tick):
            return self.store.latest_header(snapshot.symbol, snapshot.expiry, tick)
        return newest

    def _believable(self, newest: HeaderDocument | None) -> HeaderDocument | None:
        """Return the newest header that may order others by its stamp."""
        if newest and is_of_the_future(stamp_of(newest), newest["fetched_at"]):
            expiry, tick = newest["expiry"].date(), newest["fetched_at"]
            return self.store.believable_header(newest["symbol"], expiry, tick)
        return newest

    def _legs_missing(
        self, snapshot: Snapshot, before: HeaderDocument | None, result: RequestResult
    ) -> int | None:
        """Return how many contracts of the snapshot before are missing, if it is of this session.

        Two sources need not have the same contracts. Raises PayloadInvalid if so many are missing
        that the body is not believed yet.
        """
        if before is None or source_of(before) != snapshot.source:
            return None
        if not self._judge.is_same_session(before, snapshot):
            return None
        if before.get("legs_hash") == snapshot.legs_hash:
            return 0
        try:
            legs = self.store.legs(before)
        except SnapshotIncomplete:  # what was there before is not known, and the tick goes on
            return None
        size, size_before = size_of(snapshot.legs), size_of(legs)
        if is_far_smaller(size, size_before):
            told = f"{loss_told(size, size_before)} of {ist_text(before['fetched_at'])}"
            if not self._judge.is_persistent(before, Verdict.SHRUNKEN, snapshot.fetched_at):
                result.verdict = Verdict.SHRUNKEN
                raise PayloadInvalid(told, "records.data")
            refused = self._judge.refused(before, Verdict.SHRUNKEN)
            result.detail = f"believed after {refused} such bodies: {told}"
        return len(legs - snapshot.legs)


def _round_of(market: Market, tick: datetime) -> EveningRound | None:
    """Return the evening round that a tick belongs to: after the last one of a day it is that one.

    Only what is stored as of a session that is over has such a tick.
    """
    if found := market.evening_round(tick):
        return found
    rounds = market.evening_rounds(exchange_date(tick))
    return rounds[-1] if rounds and tick >= rounds[-1].ends else None


def _is_ahead(newest: HeaderDocument, snapshot: Snapshot) -> bool:
    """Tell whether a recorder whose clock is ahead has stored a later tick, within clocks' lead."""
    tick, stored = snapshot.fetched_at, newest["fetched_at"]
    return stored > tick and not is_of_the_future(stored, tick)


def _leave_to_later_tick(newest: HeaderDocument, result: RequestResult) -> None:
    """Store nothing before what is stored: readers would find it older than it is, or twice."""
    if result.verdict is Verdict.UNCHANGED:
        result.verdict = None  # it confirms no snapshot of its own tick
    else:
        told = f"a recorder whose clock is ahead has stored {ist_text(newest['fetched_at'])}"
        result.fail("relieved", told)


def _serves_its_day(market: Market, tick: datetime) -> bool:
    """Tell whether an old body is a fault: some time after the opening, and in the evening."""
    session = market.session_at(tick)
    if session is None:
        return market.evening_round(tick) is not None
    return tick - session.opens >= OPENING_TIME


def _data_since(snapshot: Snapshot, last: HeaderDocument | None) -> datetime:
    """Return since when the numbers are what they are: the stamp, else when they came first.

    `last` is the header that a body adds nothing to, None if it is new.
    """
    if snapshot.exchange_timestamp or last is None:
        return snapshot.stamp
    return stamp_of(last)
