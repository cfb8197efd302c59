"""From the rows of a bhavcopy file to the end-of-day chains of its day. Pure.

The exchange gives open interest and its change in units of the underlying, and volume in contracts.
A contract that nobody traded on the day carries prices of an earlier day: its last price is stored
with a volume of 0, as that of a chain that is read in the evening is, and nothing is derived of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from chain_fetch.nse.bhavcopy_rows import OptionRow
from chain_fetch.payload.lots import in_contracts
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import IST
from optionchain.mongo.documents import BHAVCOPY
from optionchain.snapshot import Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts

DERIVED = ("pchange_in_oi", "change", "pchange")
# After the last tick of an evening. A file has a date and no time, so this instant is nominal.
_INSTANT = time(22, tzinfo=IST)


@dataclass(frozen=True)
class EndOfDayChain:
    """One expiry of one symbol at the end of a day, and what the file knows beside its quotes."""

    snapshot: Snapshot
    facts: SnapshotFacts


def instant_of(day: date) -> datetime:
    """Return the nominal instant of the chains of a day, in UTC."""
    return datetime.combine(day, _INSTANT).astimezone(UTC)


def chains_of(day: date, rows: Iterable[OptionRow]) -> list[EndOfDayChain]:
    """Return the chains of a day, by symbol and expiry.

    `rows` are of chains without a doubt: all rows of one agree about the lot and the underlying.
    Raises PayloadInvalid if open interest is no whole number of contracts.
    """
    by_chain = defaultdict[tuple[str, date], list[OptionRow]](list)
    for row in rows:
        by_chain[row.symbol, row.expiry].append(row)
    return [_chain(day, *key, by_chain[key]) for key in sorted(by_chain)]


def _chain(day: date, symbol: str, expiry: date, rows: Sequence[OptionRow]) -> EndOfDayChain:
    quotes = sorted((_quote(row) for row in rows), key=lambda each: (each.strike_price, each.side))
    snapshot = Snapshot(
        symbol=symbol,
        expiry=expiry,
        fetched_at=instant_of(day),
        exchange_timestamp=None,
        underlying_value=rows[0].underlying_value or None,
        quotes=tuple(quotes),
        source=BHAVCOPY,
        derived=DERIVED,
    )
    # On its expiry date a series has the final price of the underlying there, none of its own.
    settles = expiry != day
    prices = {
        (row.strike_price, row.side): row.settlement_price
        for row in rows
        if settles and row.settlement_price
    }
    return EndOfDayChain(
        snapshot,
        SnapshotFacts(terms=ContractTerms(lot_size=rows[0].lot_size), settlement_prices=prices),
    )


def _quote(row: OptionRow) -> Quote:
    where = f"{row.symbol} {row.expiry} {row.strike_price:g} {row.side}"
    open_interest, change_in_oi = in_contracts(
        (row.open_interest, row.change_in_oi), row.lot_size, lambda _: where
    )
    last, before = row.last_price or None, row.previous_close or None
    # Without a trade both prices are of earlier days: their difference is no change of this one.
    change = round(last - before, 2) if row.volume and last and before else None
    return Quote(
        side=row.side,
        strike_price=row.strike_price,
        open_interest=open_interest,
        change_in_oi=change_in_oi,
        pchange_in_oi=_percent(change_in_oi, open_interest),
        last_price=last,
        change=change or None,  # as of the exchange, where 0 is none
        pchange=100 * change / before if change and before else None,
        total_traded_volume=float(row.volume),
        implied_volatility=None,
        bid_qty=0,
        bid_price=None,
        ask_price=None,
        ask_qty=0,
        total_buy_qty=None,
        total_sell_qty=None,
    )


def _percent(change: float | None, now: float | None) -> float | None:
    """Return a change in percent of the open interest before it, None if there was none."""
    if change is None or now is None or now == change:
        return None
    return 100 * change / (now - change)
