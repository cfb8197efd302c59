"""Whether a snapshot is new, compared with the last one stored of the same expiry. Pure."""

from enum import Enum
from functools import partial

from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_writer import Commit
from optionchain.snapshot import Snapshot

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


def judge(snapshot: Snapshot, last: HeaderDocument | None) -> Verdict:
    """Compare the exchange's timestamps first, then the content.

    Two nodes of the exchange may disagree under one timestamp. A content that was replaced by
    another one under the same timestamp is therefore older, and is not stored again.
    """
    if last is None or snapshot.exchange_timestamp > last["exchange_timestamp"]:
        return Verdict.NEW
    if snapshot.exchange_timestamp < last["exchange_timestamp"]:
        return Verdict.OUT_OF_ORDER
    if snapshot.content_hash == last["content_hash"]:
        return Verdict.UNCHANGED
    if snapshot.content_hash in last["earlier_hashes"]:
        return Verdict.OUT_OF_ORDER
    return Verdict.REVISED


def commit_of(
    snapshot: Snapshot, verdict: Verdict, last: HeaderDocument | None, rate: float
) -> Commit:
    """Return what is to be stored of a new or revised snapshot.

    `rate` is the risk-free rate of its analytics, in percent a year.
    """
    # Imported here because outside of a session nothing is stored.
    from optionchain.analytics import analytics_of  # noqa: PLC0415

    derive = partial(analytics_of, rate=rate)
    if verdict is not Verdict.REVISED or last is None:
        return Commit(snapshot, derive=derive)
    earlier = [*last["earlier_hashes"], last["content_hash"]][-_MOST_HASHES:]
    return Commit(snapshot, revised=True, earlier_hashes=earlier, derive=derive)
