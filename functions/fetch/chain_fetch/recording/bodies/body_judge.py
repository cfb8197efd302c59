"""Judges a body by what is stored of its expiry: by time stamps, and without them by content."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from chain_fetch.recording.bodies.body_order import (
    BodyOrder,
    order_by_volume,
    shows_same_numbers,
)
from chain_fetch.recording.bodies.day_before import DayBefore
from chain_fetch.recording.bodies.deduplication import (
    Judgement,
    Verdict,
    judge_by_stamp,
)
from chain_fetch.recording.bodies.known_legs import KnownLegs
from optionchain.errors import SnapshotIncomplete
from optionchain.exchange_time import LONGEST_LEAD, exchange_date, ist_text
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument, source_of, stamp_of
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot

# What contradicts the record is believed after so many bodies, and only after so long: for a minute
# a source may send one and the same content, whatever the interval is.
_FEWEST_REFUSED, _REFUSED_FOR = 3, timedelta(minutes=1)
# The last body of a day is stamped with the close or shortly before it.
_STAMPED_WITHIN = timedelta(minutes=5)


_NEW, _UNCHANGED = Judgement(Verdict.NEW), Judgement(Verdict.UNCHANGED)
_OF_DAY_BEFORE = "the body is of an earlier session: it shows what is stored of that"
_NOT_LATER = Judgement(Verdict.OUT_OF_ORDER)


@dataclass(frozen=True)
class BodyJudge:
    """Judges bodies; raises StoreUnavailable."""

    store: SnapshotReader
    ledger: TickLedger
    market: Callable[[], Market]
    legs: Callable[[HeaderDocument], KnownLegs | None]

    def judge(
        self, snapshot: Snapshot, last: HeaderDocument | None, newest: HeaderDocument | None
    ) -> Judgement:
        """Return what a body is beside the `last` header that may order others.

        `newest` is the newest header there is. Stamps of one source decide by themselves.
        """
        stamp, tick = snapshot.exchange_timestamp, snapshot.fetched_at
        if stamp and self.market().is_earlier_session(stamp, tick):
            told = f"the body is of an earlier session: stamped {ist_text(stamp)}"
            return Judgement(Verdict.EARLIER_SESSION, told)
        if last is None:
            return _NEW
        if stamp and last["exchange_timestamp"] and source_of(last) == snapshot.source:
            judgement = judge_by_stamp(snapshot, last)
        else:
            judgement = self._by_content(snapshot, last)
        # Under a header that is not believed, what came before it is news again.
        is_news = judgement.verdict is Verdict.UNCHANGED and last is not newest
        return _NEW if is_news else judgement

    def is_persistent(self, header: HeaderDocument, verdict: Verdict, tick: datetime) -> bool:
        """Tell whether bodies with a verdict have come for so long that they are to be believed."""
        refused = self.refused(header, verdict)
        return refused >= _FEWEST_REFUSED and tick - header["last_seen_at"] > _REFUSED_FOR

    def refused(self, header: HeaderDocument, verdict: Verdict) -> int:
        """Return how many bodies got a verdict since a snapshot was confirmed."""
        name, since = header["expiry_date"], header["last_seen_at"]
        return self.ledger.verdicts_since(header["symbol"], name, verdict.value, since)

    def is_same_session(self, header: HeaderDocument, snapshot: Snapshot) -> bool:
        """Tell whether a header was stored in the session of a snapshot's tick."""
        ticks = header["fetched_at"], snapshot.fetched_at
        one, other = map(self.market().last_session, ticks)
        return one == other

    def _by_content(self, snapshot: Snapshot, last: HeaderDocument) -> Judgement:
        same_source = source_of(last) == snapshot.source
        same = same_source and snapshot.content_hash == last["content_hash"]
        known_before = snapshot.content_hash in last["earlier_hashes"]
        if not self.is_same_session(last, snapshot):
            return self._of_new_session(snapshot, known_before=same or known_before)
        if same or (not same_source and self._has_same_numbers(snapshot, last)):
            return _UNCHANGED
        if known_before:
            return _NOT_LATER
        if self._day_before.is_shown_by(snapshot):
            return Judgement(Verdict.EARLIER_SESSION, _OF_DAY_BEFORE)
        if closes := self._close_before(snapshot.fetched_at):
            return _of_evening(snapshot, closes)
        return self._by_volume(snapshot, last)

    def _of_new_session(self, snapshot: Snapshot, *, known_before: bool) -> Judgement:
        """Tell whether a body in a session that has nothing stored still shows the one before."""
        always = self.market().hours == "always"
        if snapshot.exchange_timestamp or always:
            return _UNCHANGED if known_before and always else _NEW
        if known_before or self._day_before.is_shown_by(snapshot):
            return Judgement(Verdict.EARLIER_SESSION, _OF_DAY_BEFORE)
        return _NEW

    @cached_property
    def _day_before(self) -> DayBefore:
        return DayBefore(self.store, self.market, self.legs)

    def _by_volume(self, snapshot: Snapshot, last: HeaderDocument) -> Judgement:
        order = order_by_volume(snapshot, self.legs(last) or {})
        one_source = source_of(last) == snapshot.source
        by_receipt = one_source and not (snapshot.exchange_timestamp or last["exchange_timestamp"])
        if order is BodyOrder.LATER:
            return _NEW
        if order is BodyOrder.SAME_VOLUMES:
            if by_receipt:
                return Judgement(Verdict.NEW, same_moment=True)
            return _NEW if _is_surely_later(snapshot, last) else _NOT_LATER
        tick = snapshot.fetched_at
        if order is BodyOrder.CONTRADICTORY and (
            (not by_receipt and _is_surely_later(snapshot, last))
            or self.is_persistent(last, Verdict.OUT_OF_ORDER, tick)
        ):
            return _NEW
        if not one_source and tick - last["last_seen_at"] <= LONGEST_LEAD:
            return _NOT_LATER  # another source may lag behind the one before it
        stored = ist_text(stamp_of(last))
        told = f"the body is older than the one of {stored}: its volumes are lower"
        return Judgement(Verdict.OUT_OF_ORDER, told)

    def _close_before(self, tick: datetime) -> datetime | None:
        """Return the last close of the day if a tick is one of its evening."""
        market = self.market()
        if market.evening_round(tick) is None:
            return None
        return market.sessions(exchange_date(tick))[-1].closes

    def _has_same_numbers(self, snapshot: Snapshot, last: HeaderDocument) -> bool:
        shows = partial(shows_same_numbers, snapshot, last["underlying_value"])
        return shows(self._contracts(last))

    def _contracts(self, header: HeaderDocument) -> list[Mapping[str, Any]]:
        try:
            return list(self.store.contracts(header))
        except SnapshotIncomplete:
            return []


def _of_evening(snapshot: Snapshot, closes: datetime) -> Judgement:
    """Judge another content than the stored one: it is rewritten, unless its feed stood still."""
    stamp = snapshot.exchange_timestamp
    if stamp is None or stamp >= closes - _STAMPED_WITHIN:
        return Judgement(Verdict.REVISED)
    told = f"the body is older than the stored one: stamped {ist_text(stamp)}"
    return Judgement(Verdict.OUT_OF_ORDER, told)


def _is_surely_later(snapshot: Snapshot, last: HeaderDocument) -> bool:
    """Tell whether times alone say that a body shows a later moment than what is stored.

    What has no stamp was true when it came, or up to two minutes before.
    """
    latest = stamp_of(last)
    if snapshot.exchange_timestamp:
        return snapshot.exchange_timestamp > latest
    return snapshot.fetched_at - latest > LONGEST_LEAD
