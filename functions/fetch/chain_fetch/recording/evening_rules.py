"""When a chain that is read in the evening is the final one of its day. Pure.

The exchange rewrites a day hours after its close, under the stamp of the close: open interest of
half of the contracts, last prices, the underlying. Volatilities alone move before that as well.
"""

from datetime import datetime, timedelta

from optionchain.evening_rounds import EveningRound
from optionchain.mongo.documents import HeaderDocument, total_open_interest
from optionchain.snapshot import Snapshot

# The last body of a day is stamped with the close or shortly before it: stamps are a minute apart
# at most.
_STAMPED_WITHIN = timedelta(minutes=5)


def is_final(
    snapshot: Snapshot, before: HeaderDocument | None, evening: EveningRound, closes: datetime
) -> bool:
    """Tell whether a chain read in an evening round is the final one of its day.

    `before` is the header of what was stored last, and `closes` is the last close of the day.
    """
    if snapshot.stamp < closes - _STAMPED_WITHIN:
        return False  # the feed stood still before the close
    return not evening.needs_rewrite or is_rewritten(snapshot, before, closes)


def is_rewritten(snapshot: Snapshot, before: HeaderDocument | None, closes: datetime) -> bool:
    """Tell whether the exchange has rewritten a chain since the close.

    Open interest moves by trades as well, so what was stored last shows a rewrite only if it was
    seen after the close. What is final was rewritten before.
    """
    if before is None or before["last_seen_at"] < closes:
        return False
    if before.get("settled"):
        return True
    calls = total_open_interest(quote for quote in snapshot.quotes if quote.side == "CE")
    puts = total_open_interest(quote for quote in snapshot.quotes if quote.side == "PE")
    stored = before["call_open_interest"], before["put_open_interest"]
    return None not in (calls, puts, *stored) and (calls, puts) != stored
