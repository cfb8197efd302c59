"""Whether the price of the underlying stands still while options trade. Pure.

In the closing auction the underlying does not trade, and its last price is sent again and again
(decision 0064). A feed that is cut off does the same at any time.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from optionchain.closing_auction import closing_auction
from optionchain.market import Market, Session
from optionchain.mongo.documents import HeaderDocument, stamp_of
from optionchain.snapshot import Snapshot

# On a captured day NIFTY never had one value in three minutes in a row outside of the auction.
_STANDS_IN_AUCTION = timedelta(minutes=1)
_INDEX_STANDS = timedelta(minutes=3)


class StandingPrice(NamedTuple):
    """Since which stamp the underlying has its value, and stands still; see `Snapshot.stamp`."""

    since: datetime | None
    frozen_since: datetime | None


def standing_price(
    snapshot: Snapshot, before: HeaderDocument | None, market: Market
) -> StandingPrice:
    """Return since when the underlying of a snapshot has had its value in this session.

    `before` is the header of the snapshot stored before it. After the close nothing is frozen: the
    value that is sent then is the official closing price.
    """
    stamp = snapshot.stamp
    session = market.last_session(stamp)
    if before and not _came_before_in(session, before, snapshot, market):
        before = None
    since = _value_since(snapshot, before, session)
    if session is None or not _trades_in(session, snapshot):
        return StandingPrice(since, None)
    return StandingPrice(since, _frozen_since(snapshot, before, since, session))


def _came_before_in(
    session: Session | None, before: HeaderDocument, snapshot: Snapshot, market: Market
) -> bool:
    stamp = stamp_of(before)
    # A stamp and a tick order nothing between them: the recorder stores what it knows to be later.
    of_one_kind = bool(before["exchange_timestamp"]) == bool(snapshot.exchange_timestamp)
    is_before = not of_one_kind or stamp <= snapshot.stamp
    return is_before and market.last_session(stamp) == session


def _trades_in(session: Session, snapshot: Snapshot) -> bool:
    return snapshot.stamp in session and snapshot.fetched_at in session


def _value_since(
    snapshot: Snapshot, before: HeaderDocument | None, session: Session | None
) -> datetime | None:
    stamp = snapshot.stamp
    if snapshot.underlying_value is None:
        return None
    if before is None:
        return stamp
    if before["underlying_value"] is None:
        # A frozen value that was left out for a moment is the same, unless it is the auction's.
        auction = closing_auction(session) if session else None
        may_be_new = auction is not None and stamp >= auction.earliest_price
        return stamp if may_be_new else before.get("frozen_since") or stamp
    if before["underlying_value"] != snapshot.underlying_value:
        return stamp
    return min(before.get("underlying_since") or stamp_of(before), stamp)


def _frozen_since(
    snapshot: Snapshot, before: HeaderDocument | None, since: datetime | None, session: Session
) -> datetime | None:
    stamp, auction = snapshot.stamp, closing_auction(session)
    known = before.get("frozen_since") if before else None
    if since is None:  # a value that is left out for a moment has not moved
        return known
    last = before["underlying_value"] if before else None
    moved = last is not None and last != snapshot.underlying_value
    if auction is None or stamp < auction.begins:
        if known and not moved:
            return known
        return since if _is_index_standing(snapshot, before, since) else None
    # A value that comes when the auction's price can be known is that price: nothing trades at it.
    if known and (not moved or stamp >= auction.earliest_price):
        return known
    stands_since = max(since, auction.begins)
    return stands_since if stamp - stands_since >= _STANDS_IN_AUCTION else None


def _is_index_standing(snapshot: Snapshot, before: HeaderDocument | None, since: datetime) -> bool:
    """Tell whether an index stands still: at least three snapshots have its value.

    The price of a stock may rightly stand for long, because nobody trades at another one. That of
    an index moves with its many stocks. Two snapshots far apart may agree by chance.
    """
    confirmed = before is not None and since < stamp_of(before)
    return snapshot.of_index and confirmed and snapshot.stamp - since >= _INDEX_STANDS
