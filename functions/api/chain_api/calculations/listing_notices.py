"""What an operator should know about the exchange's lists of expiries and underlyings. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from chain_api.json_types import Answer
from optionchain.exchange_time import exchange_date, expiry_text
from optionchain.market import Session
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.underlying_register import Underlyings

# So long after the opening every list of the day should have been read.
_READ_WITHIN = timedelta(minutes=10)


def listing_notices(
    symbols: Iterable[str],
    listings: Mapping[str, Listing],
    underlyings: Underlyings | None,
    session: Session | None,
    now: datetime,
) -> list[Answer]:
    """Return what is doubtful about the lists of these symbols; none if nothing is.

    `session` is the one that is open now.
    """
    today = exchange_date(now)
    is_due = session is not None and now - session.opens > _READ_WITHIN
    found: list[Answer] = []
    for symbol in symbols:
        if underlyings and underlyings.lacks(symbol):
            since = underlyings.by_symbol[symbol].listed_at
            detail = f"{symbol} is missing in the exchange's list of underlyings; it is asked for"
            found.append(_notice("symbol_unlisted", symbol, detail, since=since))
        if (listing := listings.get(symbol)) is None:
            continue
        if lacking := [expiry_text(day) for day in listing.unlisted if day >= today]:
            detail = f"the list of {symbol} lacks {', '.join(lacking)}, of which contracts are sent"
            found.append(_notice("expiries_unlisted", symbol, detail, expiry_dates=lacking))
        if listing.by_source and (differing := _differing(listing, today)):
            told = "; ".join(f"{name} lacks {', '.join(days)}" for name, days in differing.items())
            detail = f"the sources list other expiries of {symbol}: {told}"
            found.append(_notice("lists_differ", symbol, detail, lacking=differing))
        if is_due and exchange_date(listing.read_at) < today:
            detail = f"the list of {symbol}'s expiries was not read today"
            found.append(_notice("list_not_read", symbol, detail, since=listing.read_at))
    return found


def _differing(listing: Listing, today: date) -> dict[str, list[str]]:
    """Return which of the listed expiries each source does not list, if it lacks any."""
    lists = {
        name: {day for day in each.expiries if day not in each.unlisted}
        for name, each in listing.by_source.items()
    }
    listed = [day for day in listing.current(today) if any(day in each for each in lists.values())]
    lacking = {
        name: [expiry_text(day) for day in listed if day not in days]
        for name, days in lists.items()
    }
    return {name: days for name, days in lacking.items() if days}


def _notice(code: str, symbol: str, detail: str, **more: object) -> Answer:
    return {"code": code, "symbol": symbol, "detail": detail, **more}
