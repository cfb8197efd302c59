"""Whether a snapshot is new, compared with the last one stored of the same expiry. Pure.

The exchange's time stamps are evidence, and not the truth: one that lies ahead orders nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import NamedTuple

from chain_fetch.recording.bodies.known_bodies import KnownBody
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import LONGEST_LEAD, is_of_the_future, ist_text
from optionchain.mongo.documents import HeaderDocument, source_of, stamp_of
from optionchain.mongo.snapshot_writer import Commit
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts

OPENING_TIME = timedelta(minutes=5)
"""For so long after the opening a source may still serve the session before."""

# The most content hashes that a header keeps. After the close the exchange rewrites a chain some
# dozens of times at most, and a header must stay small.
_MOST_HASHES = 50


class Verdict(Enum):
    """How a snapshot compares with the last one stored."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    OUT_OF_ORDER = "out_of_order"
    EARLIER_SESSION = "earlier_session"
    SHRUNKEN = "shrunken"


class Judgement(NamedTuple):
    """What a body is.

    `old` says why it shows an earlier moment than what is known; then it confirms nothing.
    `same_moment` says that no stamp and no trade tells it from the moment of what is stored.
    """

    verdict: Verdict
    old: str | None = None
    same_moment: bool = False


def check_stamp(snapshot: Snapshot) -> None:
    """Raise PayloadInvalid if a snapshot is stamped further ahead of its tick than clocks differ.

    Once it were stored, every good body after it would count as older.
    """
    stamp, tick = snapshot.stamp, snapshot.fetched_at
    if is_of_the_future(stamp, tick):
        most = f"more than {LONGEST_LEAD.total_seconds():.0f} s"
        what = f"{ist_text(stamp)} is {most} after the tick {ist_text(tick)}"
        raise PayloadInvalid(what, "records.timestamp")


def judge(snapshot: Snapshot, last: HeaderDocument | None) -> Verdict:
    """Compare the timestamps of one source first, then the content.

    Two nodes of the exchange may disagree under one timestamp. A content that was replaced by
    another one under the same timestamp is therefore older, and is not stored again.
    """
    if last is None or snapshot.stamp > stamp_of(last):
        return Verdict.NEW
    if snapshot.stamp < stamp_of(last):
        return Verdict.OUT_OF_ORDER
    if snapshot.content_hash == last["content_hash"]:
        return Verdict.UNCHANGED
    if snapshot.content_hash in last["earlier_hashes"]:
        return Verdict.OUT_OF_ORDER
    return Verdict.REVISED


def is_old(snapshot: Snapshot, verdict: Verdict, last: HeaderDocument | None) -> bool:
    """Tell whether a snapshot is of an earlier moment than what is known, and confirms nothing.

    A content that was replaced under the newest stamp is not: two nodes disagree about the same
    moment, and both contents are stored.
    """
    if verdict is Verdict.OUT_OF_ORDER and last is not None:
        return snapshot.stamp < stamp_of(last)
    return verdict is Verdict.EARLIER_SESSION


def judge_by_stamp(snapshot: Snapshot, last: HeaderDocument) -> Judgement:
    """Return what a body is whose source stamped it as it stamped the last one."""
    verdict = judge(snapshot, last)
    if not is_old(snapshot, verdict, last):
        return Judgement(verdict)
    stamp, newest = ist_text(snapshot.stamp), ist_text(stamp_of(last))
    told = f"the body is older than the stored one: stamped {stamp}, not {newest}"
    return Judgement(verdict, told)


def is_stored_as(body: KnownBody, newest: HeaderDocument, tick: datetime) -> bool:
    """Tell whether a known body is what the newest header commits, with nothing to doubt in either.

    Both have one stamp, one source and the same numbers, the stamp lies ahead of neither tick, and
    the header is of an earlier one.
    """
    return (
        body.content_hash == newest["content_hash"]
        and body.exchange_timestamp == newest["exchange_timestamp"]
        and body.source == source_of(newest)
        and newest["fetched_at"] < tick
        and not is_of_the_future(body.exchange_timestamp, newest["fetched_at"])
    )


def commit_of(
    snapshot: Snapshot,
    judgement: Judgement,
    last: HeaderDocument | None,
    rate: float,
    legs_missing: int | None = None,
    facts: SnapshotFacts = NOTHING_KNOWN,
) -> Commit:
    """Return what is to be stored of a new or revised snapshot.

    `rate` is the risk-free rate of its analytics, in percent a year; `legs_missing` is for the
    header, and `facts` are what the record knows of the snapshot. The hashes of contents of the
    same moment are kept, so that none of them is stored again.
    """
    # Imported here because outside of a session nothing is stored.
    from optionchain.analytics import analytics_of  # noqa: PLC0415

    derive = partial(analytics_of, rate=rate)
    commit = Commit(snapshot, legs_missing=legs_missing, facts=facts, derive=derive)
    revised = judgement.verdict is Verdict.REVISED
    if last is None or not (revised or judgement.same_moment):
        return commit
    earlier = [*last["earlier_hashes"], last["content_hash"]][-_MOST_HASHES:]
    return replace(commit, revised=revised, earlier_hashes=earlier)
