"""What changed since the previous close, of contracts that may have had none. Pure.

The exchange sends a 0 for the change in open interest of a contract that had no close the day
before (decision 0063). No number that is derived may take it at its word.
"""

from dataclasses import replace
from datetime import date

from optionchain.exchange_time import exchange_date
from optionchain.snapshot import Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts


def oi_since_previous_close(
    change_in_oi: float | None,
    open_interest: float | None,
    *,
    newly_listed: bool | None,
    listed_today: bool,
) -> float | None:
    """Return the change in open interest since the previous close, in contracts.

    It is the one that the exchange sent. A contract that was listed today began with none, so it is
    all of its open interest. Of another one without a previous close it is not known.
    """
    if not newly_listed:
        return change_in_oi
    return open_interest if listed_today else None


def since_previous_close(snapshot: Snapshot, facts: SnapshotFacts) -> Snapshot:
    """Return a snapshot with what is true of the changes of new contracts.

    They have no change of price, because they have no previous close. The exchange reckons it from
    a price that nobody paid.
    """
    if not facts.new_legs:
        return snapshot
    today = exchange_date(snapshot.stamp)
    quotes = (_of_new_contract(quote, facts, today) for quote in snapshot.quotes)
    return replace(snapshot, quotes=tuple(quotes))


def _of_new_contract(quote: Quote, facts: SnapshotFacts, today: date) -> Quote:
    if quote.leg not in facts.new_legs:
        return quote
    interest = oi_since_previous_close(
        quote.change_in_oi,
        quote.open_interest,
        newly_listed=True,
        listed_today=facts.listed_on.get(quote.leg) == today,
    )
    return quote._replace(change_in_oi=interest, pchange_in_oi=None, change=None, pchange=None)
