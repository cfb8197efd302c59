"""What changed since the previous close, of contracts that may have had none. Pure.

The exchange sends a 0 for the change in open interest of a contract that had no close the day
before (decision 0063). No number that is derived may take it at its word.
"""

from dataclasses import replace
from datetime import date

from optionchain.exchange_time import exchange_date
from optionchain.snapshot import Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts, may_be_new


def oi_since_previous_close(
    change_in_oi: float | None,
    open_interest: float | None,
    volume: float | None,
    *,
    newly_listed: bool | None,
    listed_today: bool,
) -> float | None:
    """Return the change in open interest since the previous close, in contracts.

    It is the one that the exchange sent. A contract that was listed today began with none, so it is
    all of its open interest. Of another one without a previous close it is not known, nor of one
    that may have none (`newly_listed` is None), unless it has no open interest: that 0 is true
    either way.
    """
    if newly_listed:
        return open_interest if listed_today else None
    if newly_listed is None and open_interest != 0:
        return None if may_be_new(change_in_oi, open_interest, volume) else change_in_oi
    return change_in_oi


def since_previous_close(snapshot: Snapshot, facts: SnapshotFacts) -> Snapshot:
    """Return a snapshot with what is true of the changes of contracts that are or may be new.

    Those that are new have no change of price, because they have no previous close. The exchange
    reckons it from a price that nobody paid.
    """
    if not facts.new_legs and not facts.doubted_legs:
        return snapshot
    today = exchange_date(snapshot.stamp)
    quotes = (_with_true_change(quote, facts, today) for quote in snapshot.quotes)
    return replace(snapshot, quotes=tuple(quotes))


def _with_true_change(quote: Quote, facts: SnapshotFacts, today: date) -> Quote:
    leg = quote.leg
    is_new = leg in facts.new_legs
    if not is_new and leg not in facts.doubted_legs:
        return quote
    interest = oi_since_previous_close(
        quote.change_in_oi,
        quote.open_interest,
        quote.total_traded_volume,
        newly_listed=is_new or None,
        listed_today=facts.listed_on.get(leg) == today,
    )
    if is_new:
        return quote._replace(change_in_oi=interest, pchange_in_oi=None, change=None, pchange=None)
    return quote._replace(change_in_oi=interest)


def reason_of_lost_change(sent: Snapshot, known: Snapshot, facts: SnapshotFacts) -> str | None:
    """Return why a change in open interest that was sent is not known; None if each one is."""
    lost = {
        quote.leg
        for quote, told in zip(sent.quotes, known.quotes, strict=True)
        if told.change_in_oi is None and quote.change_in_oi is not None
    }
    if lost & facts.new_legs:
        return "newly_listed"
    return "day_before_unknown" if lost else None
