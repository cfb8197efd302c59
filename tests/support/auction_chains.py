"""Chains of a day with a closing auction, which the model prices around a forward."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from opengreeks import black76

from optionchain.closing_auction import payoff_fixed_at
from optionchain.snapshot import Quote, Side, Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.captured_minutes import EXPIRING, at
from tests.support.snapshots import quote, snapshot

RATE = 5.5
STANDS_AT = 24_160.0
STRIKES = tuple(float(strike) for strike in range(23_900, 24_451, 50))
SIDES: tuple[Side, ...] = ("CE", "PE")
FROZEN = SnapshotFacts(underlying_since=at("15:16"), frozen_since=at("15:16"))
AUCTION_PRICE_KNOWN = SnapshotFacts(underlying_since=at("15:30"), frozen_since=at("15:16"))


def auction_chain(
    forward: float, stamp: datetime, *, expiry: date = EXPIRING, spot: float | None = STANDS_AT
) -> Snapshot:
    """Return a chain that the model prices at 30 %, quoted around it."""
    years = max((payoff_fixed_at(expiry) - stamp).total_seconds(), 0) / 86_400 / 365
    quotes = tuple(_leg(side, strike, forward, years) for strike in STRIKES for side in SIDES)
    whole = snapshot(expiry=expiry, tick=stamp, stamp=stamp, underlying=spot)
    return replace(whole, quotes=quotes)


def _leg(side: Side, strike: float, forward: float, years: float) -> Quote:
    flag = "c" if side == "CE" else "p"
    worth = max(forward - strike if flag == "c" else strike - forward, 0.0)
    if years:
        worth = float(black76.black(flag, forward, strike, years, RATE / 100, 0.3))
    bid = max(worth - 0.05, 0.05)
    interest = 1e6 - abs(strike - forward) * 100  # the most at the forward
    numbers: dict[str, Any] = {"bid_price": bid, "ask_price": max(worth + 0.05, 0.1)}
    return quote(side, strike, last_price=worth, open_interest=interest, **numbers)
