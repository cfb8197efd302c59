"""The newest headers of what was listed at a moment: what nearest, next and all mean."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from chain_api.dependencies import Dependencies
from chain_api.queries.periods import period_of
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument

# An expiry whose header was confirmed so lately is one that the recorder still asks for.
_ASKED_FOR_WITHIN = timedelta(seconds=60)


class Moment(NamedTuple):
    """The moment that a request is about. `headers` bounds the headers that count: None is now.

    `listing` is the moment whose listing counts, which the pages of a list share.
    """

    headers: datetime | None
    listing: datetime | None


def nearest_header(deps: Dependencies, symbol: str, moment: Moment) -> HeaderDocument | None:
    """Return the newest header of the nearest listed expiry that has one.

    If no listed expiry has one, or no listing of the moment is known, the recorded expiries decide.
    """
    today = exchange_date(moment.headers or deps.now())
    header = deps.snapshots.nearest_header(symbol, today, moment.headers)
    if header is None or (moment.headers is None and _is_surely_listed(deps, header)):
        return header
    listed = listed_expiries(deps, symbol, moment.listing, today)
    if not listed or header["expiry"].date() in listed:
        return header
    return deps.snapshots.nearest_of(symbol, listed, moment.headers) or header


def listed_headers(deps: Dependencies, symbol: str, moment: Moment) -> list[HeaderDocument]:
    """Return the newest header of each listed expiry that has one, by expiry date.

    If no listed expiry has one, or no listing of the moment is known, the recorded expiries decide.
    """
    today = exchange_date(moment.headers or deps.now())
    listed = listed_expiries(deps, symbol, moment.listing, today)
    return newest_headers(deps, symbol, listed, moment.headers)


def newest_headers(
    deps: Dependencies, symbol: str, listed: Sequence[date], at: datetime | None
) -> list[HeaderDocument]:
    """Return the newest header of each of these expiries; without one, of the recorded ones."""
    found = deps.snapshots.newest_of(symbol, listed, at) if listed else []
    return found or deps.snapshots.latest_headers(symbol, exchange_date(at or deps.now()), at)


def listed_expiries(
    deps: Dependencies, symbol: str, moment: datetime | None, today: date
) -> list[date]:
    """Return the expiries listed at a moment that have not passed; none if that is not known."""
    listing = deps.listing_history.at(symbol, moment)
    return listing.current(today) if listing else []


def _is_surely_listed(deps: Dependencies, header: HeaderDocument) -> bool:
    """Tell whether a newest header alone shows that its expiry is listed.

    The recorder marks the newest header of an expiry that is withdrawn, and asks for no other
    expiry than those listed. So a header without a mark that was confirmed within the last minute
    is of a listed one. This saves a read with almost every request.
    """
    if "unlisted_since" in header:
        return False
    session = deps.calendar.market().last_session(deps.now())
    if session is None:
        return False
    last = min(deps.now(), session.closes)
    lately = max(_ASKED_FOR_WITHIN, 2 * period_of(deps, header["symbol"]))
    return header["last_seen_at"] >= last - lately
