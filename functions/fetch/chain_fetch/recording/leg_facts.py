"""What the legs of a snapshot tell, seen beside those that were stored before. Pure.

The exchange sends 0 as the change in open interest of a contract that had no close the day before,
all day long and whatever its open interest does (decision 0063). So such a 0 tells nothing, and the
record has to know which contracts are new.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from optionchain.exchange_time import exchange_date, parse_expiry
from optionchain.snapshot import Leg, Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts


class KnownLeg(NamedTuple):
    """What is known of a contract as it was in one snapshot, whose stamp is of the date `day`."""

    day: date
    open_interest: float | None
    changed: bool
    implied_volatility: float | None
    iv_as_of: datetime | None
    listed_on: date | None
    newly_listed: bool


type KnownLegs = Mapping[Leg, KnownLeg]

_LEG = KnownLeg._make  # by position: half the time of keywords

KNOWN_FROM = (
    "type",
    "strike_price",
    "open_interest",
    "change_in_oi",
    "implied_volatility",
    "iv_as_of",
    "listed_on",
    "newly_listed",
)
"""The fields of a document that `known_in` needs."""


def known_in(documents: Iterable[Mapping[str, Any]], day: date) -> dict[Leg, KnownLeg]:
    """Return what the documents of a snapshot of a day tell; their datetimes are naive, in UTC."""
    return {
        (document["strike_price"], document["type"]): _LEG(
            (
                day,
                document["open_interest"],
                bool(document["change_in_oi"]),
                document["implied_volatility"],
                (since := document.get("iv_as_of")) and since.replace(tzinfo=UTC),
                (listed := document.get("listed_on")) and parse_expiry(listed),
                bool(document.get("newly_listed")),
            )
        )
        for document in documents
    }


def known_of(
    snapshot: Snapshot, before: KnownLegs, *, unknown_are_new: bool = False
) -> dict[Leg, KnownLeg]:
    """Return what is known of the legs of a snapshot.

    `before` are those of the snapshot stored before it, and of what else the record knows.
    `unknown_are_new` says that the record shows the day before: a leg that it lacks was not there.
    """
    stamp = snapshot.stamp
    day = exchange_date(stamp)
    found: dict[Leg, KnownLeg] = {}
    for quote in snapshot.quotes:
        leg = quote.leg
        known = before.get(leg)
        changed = bool(quote.change_in_oi)
        if known is None:
            new = unknown_are_new and is_plainly_new(quote)
            listed_on = day if new else None
        elif known.day != day:
            new, listed_on = False, known.listed_on
        else:
            # A change that is not 0 is counted from the day before, so there was one.
            new = not changed and (known.newly_listed or _contradicts(quote, known))
            listed_on = None if changed and known.listed_on == day else known.listed_on
        since = _iv_as_of(quote, known, stamp)
        found[leg] = _LEG(
            (day, quote.open_interest, changed, quote.implied_volatility, since, listed_on, new)
        )
    return found


def facts_of(known: KnownLegs) -> SnapshotFacts:
    """Return the part of a snapshot's facts that its legs tell."""
    return SnapshotFacts(
        iv_as_of={leg: each.iv_as_of for leg, each in known.items() if each.iv_as_of},
        listed_on={leg: each.listed_on for leg, each in known.items() if each.listed_on},
        new_legs=frozenset(leg for leg, each in known.items() if each.newly_listed),
    )


def is_plainly_new(quote: Quote) -> bool:
    """Tell whether nothing in a quote speaks against a listing today.

    The exchange does not send contracts that nobody quotes, and sends them again later. But open
    interest that is built in one day is not more than the day's volume.
    """
    open_interest, volume = quote.open_interest, quote.total_traded_volume
    return (
        quote.change_in_oi == 0
        and not quote.pchange_in_oi
        and open_interest is not None
        and volume is not None
        and open_interest <= volume
    )


def _contradicts(quote: Quote, known: KnownLeg) -> bool:
    """Tell whether open interest has moved today under a change that stays 0."""
    before, now = known.open_interest, quote.open_interest
    sent = quote.change_in_oi == 0 and not known.changed
    return sent and None not in (before, now) and before != now


def _iv_as_of(quote: Quote, known: KnownLeg | None, stamp: datetime) -> datetime | None:
    """Return since when the exchange sends this volatility; None if its change was not seen."""
    if not quote.implied_volatility or known is None:
        return None
    if known.implied_volatility == quote.implied_volatility:
        return known.iv_as_of
    return stamp
