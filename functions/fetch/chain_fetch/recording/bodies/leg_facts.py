"""What the legs of a snapshot tell, seen beside those that were stored before. Pure.

The exchange sends 0 as the change in open interest of a contract that had no close the day before,
all day long and whatever its open interest does (decision 0063). So such a 0 tells nothing, and the
record has to know which contracts are new. Where it cannot know yet, it says so (decision 0108). A
change that is the difference of two sent numbers is true also when it is 0.
"""

from datetime import datetime
from typing import Literal

from chain_fetch.recording.bodies.known_legs import CHANGE_IN_OI, LEG, KnownLeg, KnownLegs
from optionchain.exchange_time import exchange_date
from optionchain.snapshot import Leg, Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts, may_be_new


def known_of(
    snapshot: Snapshot, before: KnownLegs, *, unknown_are_new: bool = False
) -> dict[Leg, KnownLeg]:
    """Return what is known of the legs of a snapshot.

    `before` are those of the snapshot stored before it, and of what else the record knows.
    `unknown_are_new` says that the record shows the day before: a leg that it lacks was not there.
    """
    stamp, source = snapshot.stamp, snapshot.source
    day = exchange_date(stamp)
    derived = CHANGE_IN_OI in snapshot.derived
    found: dict[Leg, KnownLeg] = {}
    for quote in snapshot.quotes:
        leg = quote.leg
        known = before.get(leg)
        # A change that the exchange sent and that is not 0 is counted from the day before, so there
        # was one.
        changed = bool(quote.change_in_oi) and not derived
        if known is None:
            listed = unknown_are_new and is_plainly_new(quote, derived=derived)
            listed_on = day if listed else None
            new = (listed and not derived) or _by_itself(quote, derived=derived)
        elif known.day != day:
            new, listed_on = False, known.listed_on
        else:
            new = _is_new_beside(known, quote, derived=derived)
            listed_on = None if changed and known.listed_on == day else known.listed_on
        since = _iv_as_of(quote, known, source, stamp)
        found[leg] = LEG(
            (
                day,
                source,
                quote.open_interest,
                quote.change_in_oi,
                derived,
                quote.total_traded_volume,
                quote.implied_volatility,
                since,
                listed_on,
                new,
            )
        )
    return found


def facts_of(known: KnownLegs) -> SnapshotFacts:
    """Return the part of a snapshot's facts that its legs tell."""
    return SnapshotFacts(
        iv_as_of={leg: each.iv_as_of for leg, each in known.items() if each.iv_as_of},
        listed_on={leg: each.listed_on for leg, each in known.items() if each.listed_on},
        new_legs=frozenset(leg for leg, each in known.items() if each.newly_listed),
        doubted_legs=frozenset(leg for leg, each in known.items() if each.newly_listed is None),
    )


def is_plainly_new(quote: Quote, *, derived: bool = False) -> bool:
    """Tell whether nothing in a quote speaks against a listing today.

    The exchange does not send contracts that nobody quotes, and sends them again later. But open
    interest that is built in one day is not more than the day's volume. A `derived` change counts
    from the day before, so it is all of the open interest.
    """
    interest, change, volume = quote.open_interest, quote.change_in_oi, quote.total_traded_volume
    if interest is None or volume is None or interest > volume:
        return False
    return change == interest if derived else change == 0 and not quote.pchange_in_oi


def _is_new_beside(known: KnownLeg, quote: Quote, *, derived: bool) -> bool | None:
    """Tell whether a 0 as the change is no number, by what was known earlier on the same day."""
    if _is_counted(quote, derived=derived):
        return False
    if known.newly_listed or _contradicts(quote, known):
        return True
    return False if known.newly_listed is False else _by_itself(quote, derived=derived)


def _by_itself(quote: Quote, *, derived: bool) -> Literal[False] | None:
    """Return False if a quote shows that its contract had a day before, None if it does not."""
    if _is_counted(quote, derived=derived) or quote.pchange_in_oi:
        return False
    return None if may_be_new(0.0, quote.open_interest, quote.total_traded_volume) else False


def _is_counted(quote: Quote, *, derived: bool) -> bool:
    """Tell whether a change counts from the open interest of the day before."""
    return quote.change_in_oi is not None and (derived or quote.change_in_oi != 0)


def _contradicts(quote: Quote, known: KnownLeg) -> bool:
    """Tell whether open interest has moved today under a change that stays 0."""
    before = known.base if known.derived else known.open_interest
    now = quote.open_interest
    sent = quote.change_in_oi == 0 and (known.derived or not known.change_in_oi)
    return sent and None not in (before, now) and before != now


def _iv_as_of(
    quote: Quote, known: KnownLeg | None, source: str, stamp: datetime
) -> datetime | None:
    """Return since when the source sends this volatility; None if its change was not seen."""
    if not quote.implied_volatility or known is None or known.source != source:
        return None
    if known.implied_volatility == quote.implied_volatility:
        return known.iv_as_of
    return stamp
