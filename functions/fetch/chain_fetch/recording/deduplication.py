"""Is a snapshot news? Decided against the last one stored of the same expiry. Pure."""

from enum import Enum
from functools import partial

from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_writer import Commit
from optionchain.snapshot import Snapshot

# Rewrites after the close come by the dozen at most; a header stays small.
_REMEMBERED = 50


class Verdict(Enum):
    """What a snapshot is, next to the last one stored."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    OUT_OF_ORDER = "out_of_order"
    EARLIER_SESSION = "earlier_session"


def judge(snapshot: Snapshot, last: HeaderDocument | None) -> Verdict:
    """Order by the exchange's timestamp, compare by content.

    A content that was stored before another one under the same timestamp is an older body: two
    nodes of the exchange disagree, and the older never follows the newer.
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
    """Return what is to be stored of a snapshot that is news; `rate` as for its analytics."""
    from optionchain.analytics import analytics_of  # noqa: PLC0415  (a closed market does without)

    derive = partial(analytics_of, rate=rate)
    if verdict is not Verdict.REVISED or last is None:
        return Commit(snapshot, derive=derive)
    earlier = [*last["earlier_hashes"], last["content_hash"]][-_REMEMBERED:]
    return Commit(snapshot, revised=True, earlier_hashes=earlier, derive=derive)
