"""When a chain that is read in the evening is the final one of its day. Pure.

The exchange rewrites a day hours after its close, under the stamp of the close: open interest of
half of the contracts, last prices, the underlying. Volatilities alone move before that as well.
"""

from datetime import datetime, timedelta

from optionchain.evening_rounds import EveningRound
from optionchain.mongo.documents import HeaderDocument, source_of, total_open_interest
from optionchain.snapshot import Snapshot

# The last body of a day is stamped with the close or shortly before it: stamps are a minute apart
# at most. Without a stamp, numbers that came so long before the close may still be the last ones:
# it takes trades to move them, or the closing price of the underlying.
_STAMPED_WITHIN = timedelta(minutes=5)
_MOVED_WITHIN = timedelta(minutes=25)


def is_final(
    snapshot: Snapshot, before: HeaderDocument | None, evening: EveningRound, closes: datetime
) -> bool:
    """Tell whether a chain read in an evening round is the final one of its day.

    `before` is the header of what was stored last, and `closes` is the last close of the day.
    """
    if _stood_still(snapshot, before, closes):
        return False
    return not evening.needs_rewrite or is_rewritten(snapshot, before, closes)


def _stood_still(snapshot: Snapshot, before: HeaderDocument | None, closes: datetime) -> bool:
    """Tell whether the feed stood still before the close."""
    if snapshot.exchange_timestamp:
        return snapshot.exchange_timestamp < closes - _STAMPED_WITHIN
    same = before is not None and before["content_hash"] == snapshot.content_hash
    return same and before is not None and before["fetched_at"] < closes - _MOVED_WITHIN


def is_rewritten(snapshot: Snapshot, before: HeaderDocument | None, closes: datetime) -> bool:
    """Tell whether the exchange has rewritten a chain since the close.

    Open interest moves by trades as well, so what was stored last shows a rewrite only if it was
    seen after the close, and comes from the same source. What is final was rewritten before.
    """
    if before is None or before["last_seen_at"] < closes:
        return False
    if before.get("settled"):
        return True
    if source_of(before) != snapshot.source:
        return False
    calls = total_open_interest(quote for quote in snapshot.quotes if quote.side == "CE")
    puts = total_open_interest(quote for quote in snapshot.quotes if quote.side == "PE")
    stored = before["call_open_interest"], before["put_open_interest"]
    return None not in (calls, puts, *stored) and (calls, puts) != stored
