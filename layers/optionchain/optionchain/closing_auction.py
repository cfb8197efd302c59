"""The closing auction: when the price of the underlying stands still, and when a payoff is known.

Pure. Source: SEBI's circular of 16 January 2026 and the exchange's NSE/CMTR/74466 of 29 May 2026.
Trading in stocks that have options ends at 15:15 IST since 3 August 2026. The orders of the auction
are taken until a random instant between 15:28 and 15:30 and matched until 15:35. Its prices are the
official closing prices, on which options settle. Options trade on meanwhile, to 15:40.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import NamedTuple

from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Session, expiring_session, ordinary_hours


class ClosingAuction(NamedTuple):
    """The auction of one day: trading of the underlying ends, its closing price can come, is known.

    Before `earliest_price` no price of the underlying can be the auction's.
    """

    begins: datetime
    earliest_price: datetime
    ends: datetime


class _Rule(NamedTuple):
    since: date
    begins: time
    earliest_price: time
    ends: time


# A change of the rule is one more row, the newest first.
_RULES = (_Rule(date(2026, 8, 3), time(15, 15), time(15, 28), time(15, 35)),)


def closing_auction(session: Session) -> ClosingAuction | None:
    """Return the auction that closes a session in which options trade; None if none does.

    Only ordinary sessions have one that is published.
    """
    day = exchange_date(session.opens)
    if session != ordinary_hours(day):
        return None
    for rule in _RULES:
        if day >= rule.since:
            times = rule.begins, rule.earliest_price, rule.ends
            return ClosingAuction(*(datetime.combine(day, each, IST) for each in times))
    return None


@lru_cache(maxsize=256)  # each snapshot asks for it, and there are some dozens of expiries
def payoff_fixed_at(expiry: date) -> datetime:
    """Return when the payoff of an expiry's options is known at the latest, UTC.

    It is the end of the auction on that date, five minutes before trading in the options ends.
    Without an auction it is the end of their trading.
    """
    session = expiring_session(expiry)
    auction = closing_auction(session)
    return (auction.ends if auction else session.closes).astimezone(UTC)
