"""Takes in a body that was received: judges it by what is stored, and stores it if it is new."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chain_fetch.recording.completeness import is_far_smaller, loss_told, size_of
from chain_fetch.recording.deduplication import (
    Verdict,
    check_stamp,
    commit_of,
    instant_text,
    is_old,
    judge,
)
from chain_fetch.recording.evening_rules import is_final
from chain_fetch.recording.recorded_facts import RecordedFacts
from chain_fetch.recording.request_result import RequestResult
from optionchain.errors import PayloadInvalid, SnapshotIncomplete
from optionchain.exchange_time import exchange_date, is_of_the_future
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument, stamp_of
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot

# A chain that stays far smaller is believed after so many bodies, and only after so long: for a
# minute the exchange may send one and the same content, whatever the interval is.
_FEWEST_REFUSED, _REFUSED_FOR = 3, timedelta(minutes=1)
# For so long after the opening the exchange may still serve the session before.
_OPENING_TIME = timedelta(minutes=5)


@dataclass(frozen=True)
class Ingestion:
    """Stores what is new of the snapshots that ticks bring.

    `risk_free_rate` is in percent a year.
    """

    store: SnapshotWriter
    ledger: TickLedger
    risk_free_rate: float
    market: Callable[[], Market] = lambda: Market("always")
    facts: RecordedFacts = field(default_factory=RecordedFacts)

    def take_in(self, snapshot: Snapshot, result: RequestResult) -> None:
        """Judge a snapshot, store it if it is new, and tell `result` what became of it.

        Raises PayloadInvalid, StoreUnavailable or SnapshotTorn.
        """
        check_stamp(snapshot)
        result.exchange_timestamp = snapshot.exchange_timestamp
        newest = self._newest(snapshot)
        last = self._believable(newest)
        verdict = result.verdict = self._verdict(snapshot, last, newest)
        result.outcome = "unchanged"
        if newest and _is_ahead(newest, snapshot):
            _leave_to_later_tick(newest, result)
        elif verdict in (Verdict.NEW, Verdict.REVISED):
            missing = self._legs_missing(snapshot, newest, result)
            facts = self.facts.of(snapshot, newest, self.market())
            commit = commit_of(snapshot, verdict, last, self.risk_free_rate, missing, facts)
            settled = self._is_final(snapshot, last)
            result.committed = self.store.commit(replace(commit, settled=settled))
            result.outcome = "stored"
        elif verdict is Verdict.UNCHANGED and last is not None:
            settled = self._is_final(snapshot, last)
            self.store.confirm(last, snapshot.fetched_at, settled=settled)
            self.facts.prepare(last)
        elif is_old(snapshot, verdict, last) and _serves_its_day(
            self.market(), snapshot.fetched_at
        ):
            result.fail("stale", _age_told(snapshot, verdict, last))

    def _is_final(self, snapshot: Snapshot, last: HeaderDocument | None) -> bool:
        """Tell whether a snapshot is the final one of its day; only the evening reads that."""
        tick, market = snapshot.fetched_at, self.market()
        if (evening := market.evening_round(tick)) is None:
            return False
        closes = market.sessions(exchange_date(tick))[-1].closes
        return is_final(snapshot, last, evening, closes)

    def _newest(self, snapshot: Snapshot) -> HeaderDocument | None:
        """Return the newest header; one of far ahead does not count before its tick has come.

        Until its clock was mended, a recorder stored it. By it, each body would be news again.
        """
        symbol, expiry, tick = snapshot.symbol, snapshot.expiry, snapshot.fetched_at
        newest = self.store.latest_header(symbol, expiry)
        if newest and is_of_the_future(newest["fetched_at"], tick):
            return self.store.latest_header(symbol, expiry, tick)
        return newest

    def _believable(self, newest: HeaderDocument | None) -> HeaderDocument | None:
        """Return the newest header that may order others by its stamp."""
        if newest and is_of_the_future(stamp_of(newest), newest["fetched_at"]):
            expiry, tick = newest["expiry"].date(), newest["fetched_at"]
            return self.store.believable_header(newest["symbol"], expiry, tick)
        return newest

    def _verdict(
        self, snapshot: Snapshot, last: HeaderDocument | None, newest: HeaderDocument | None
    ) -> Verdict:
        if self.market().is_earlier_session(snapshot.stamp, snapshot.fetched_at):
            return Verdict.EARLIER_SESSION
        verdict = judge(snapshot, last)
        # Under a header that is not believed, what came before it is news again.
        return Verdict.NEW if verdict is Verdict.UNCHANGED and last is not newest else verdict

    def _legs_missing(
        self, snapshot: Snapshot, before: HeaderDocument | None, result: RequestResult
    ) -> int | None:
        """Return how many contracts of the snapshot before are missing, if it is of this session.

        Raises PayloadInvalid if so many are that the body is not believed yet.
        """
        if before is None or not self._is_same_session(before, snapshot):
            return None
        if before.get("legs_hash") == snapshot.legs_hash:
            return 0
        try:
            legs = self.store.legs(before)
        except SnapshotIncomplete:  # what was there before is not known, and the tick goes on
            return None
        size, size_before = size_of(snapshot.legs), size_of(legs)
        if is_far_smaller(size, size_before):
            told = f"{loss_told(size, size_before)} of {instant_text(before['fetched_at'])}"
            refused, time = self._refused(before), snapshot.fetched_at - before["last_seen_at"]
            if refused < _FEWEST_REFUSED or time <= _REFUSED_FOR:
                result.verdict = Verdict.SHRUNKEN
                raise PayloadInvalid(told, "records.data")
            result.detail = f"believed after {refused} such bodies: {told}"
        return len(legs - snapshot.legs)

    def _is_same_session(self, before: HeaderDocument, snapshot: Snapshot) -> bool:
        market = self.market()
        ticks = before["fetched_at"], snapshot.fetched_at
        one, other = map(market.last_session, ticks)
        return one == other

    def _refused(self, before: HeaderDocument) -> int:
        """Return how many bodies were refused as far smaller since a snapshot was confirmed."""
        name, since = before["expiry_date"], before["last_seen_at"]
        return self.ledger.verdicts_since(before["symbol"], name, Verdict.SHRUNKEN.value, since)


def _is_ahead(newest: HeaderDocument, snapshot: Snapshot) -> bool:
    """Tell whether a recorder whose clock is ahead has stored a later tick, within clocks' lead."""
    tick, stored = snapshot.fetched_at, newest["fetched_at"]
    return stored > tick and not is_of_the_future(stored, tick)


def _leave_to_later_tick(newest: HeaderDocument, result: RequestResult) -> None:
    """Store nothing before what is stored: readers would find it older than it is, or twice."""
    if result.verdict is Verdict.UNCHANGED:
        result.verdict = None  # it confirms no snapshot of its own tick
    else:
        told = f"a recorder whose clock is ahead has stored {instant_text(newest['fetched_at'])}"
        result.fail("relieved", told)


def _serves_its_day(market: Market, tick: datetime) -> bool:
    """Tell whether an old body is a fault: some time after the opening, and in the evening."""
    session = market.session_at(tick)
    if session is None:
        return market.evening_round(tick) is not None
    return tick - session.opens >= _OPENING_TIME


def _age_told(snapshot: Snapshot, verdict: Verdict, last: HeaderDocument | None) -> str:
    stamp = instant_text(snapshot.stamp)
    if verdict is Verdict.EARLIER_SESSION or last is None:
        return f"the body is of an earlier session: stamped {stamp}"
    newest = instant_text(stamp_of(last))
    return f"the body is older than the stored one: stamped {stamp}, not {newest}"
