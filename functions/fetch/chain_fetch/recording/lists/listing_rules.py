"""When a list of expiries is read again, and what is believed of it. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from optionchain.exchange_time import exchange_date
from optionchain.mongo.listing_register import Listing

# The list of one symbol is read at most this often, a little less than a minute: ticks jitter.
READ_AGAIN_AFTER = timedelta(seconds=55)
# A list that lacks an expiry which still trades is likely to be whole again soon.
_DOUBTED_FOR = timedelta(minutes=10)
_MILLISECOND = timedelta(milliseconds=1)


def is_old(listing: Listing, tick: datetime) -> bool:
    """Tell whether a list is to be read again: that of an earlier day, or one that lacked some."""
    if exchange_date(listing.read_at) < exchange_date(tick):
        return True
    return bool(listing.unlisted) and tick - listing.read_at >= _DOUBTED_FOR


def disagrees(listing: Listing, body: Sequence[date], today: date) -> bool:
    """Tell whether the list in a body is another one; a body without a list says nothing."""
    current = [day for day in body if day >= today]
    return bool(current) and current != listing.current(today)


def next_listing(
    known: Listing | None,
    symbol: str,
    sent: Sequence[date],
    unlisted: Sequence[date],
    tick: datetime,
) -> Listing:
    """Return what is listed after a list was read for a tick.

    `sent` are the expiries in the list, `unlisted` those that it lacks although they trade. The
    passing of an expiry is no change, so `since` stays.
    """
    expiries = tuple(sorted({*sent, *unlisted}))
    kept = tuple(sorted(unlisted))
    if known is None:
        return Listing(symbol, expiries, tick, tick, kept)
    read_at = max(tick, known.read_at)
    if known.current(exchange_date(tick)) == list(expiries):
        return known._replace(read_at=read_at, unlisted=kept)
    # Later than the listing before it, even if the clock was set back.
    since = max(tick, known.since + _MILLISECOND)
    return Listing(symbol, expiries, since, max(read_at, since), kept)


def without(known: Listing, gone: date, tick: datetime) -> Listing:
    """Return what is listed after an expiry has ended that the list last read did not have."""
    left = [day for day in known.current(exchange_date(tick)) if day != gone]
    unlisted = [day for day in known.unlisted if day in left]
    changed = next_listing(known, known.symbol, left, unlisted, tick)
    return changed._replace(read_at=known.read_at)
