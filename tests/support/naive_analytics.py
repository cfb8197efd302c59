"""A second computation of a snapshot's analytics from their definitions: slow, by other libraries.

It shares no line with the first: sums over all pairs of strikes, numpy's interpolation, and pyvolr
for volatilities and Greeks. What it says of gamma starts from the volatilities derived by leg.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import exp

import numpy as np
from pyvolr import black76

from optionchain.analytics import LegGreeks
from optionchain.snapshot import Quote, Snapshot

type Known = float | None


def terms_again(chain: Snapshot, rate: float) -> tuple[float, Known]:
    """Return the days until the payoff is known in India, and the forward of parity."""
    minute = 5 if chain.expiry >= date(2026, 8, 3) else 0
    end = datetime(chain.expiry.year, chain.expiry.month, chain.expiry.day, 10, minute, tzinfo=UTC)
    days = (end - chain.stamp) / timedelta(days=1)
    quoted = []
    for strike in sorted({leg.strike_price for leg in chain.quotes}):
        call, put = leg_at(chain, "CE", strike), leg_at(chain, "PE", strike)
        quoted_call, quoted_put = quotes_of(call), quotes_of(put)
        if quoted_call and quoted_put:
            (bid, ask), (put_bid, put_ask) = quoted_call, quoted_put
            apart = (bid + ask) / 2 - (put_bid + put_ask) / 2
            near = abs(strike - chain.underlying_value) if chain.underlying_value else abs(apart)
            spread = ask - bid + put_ask - put_bid
            quoted.append((near, strike, spread, strike + exp(rate / 100 * days / 365) * apart))
    nearest = sorted(quoted)[:5]
    return days, min(nearest, key=lambda row: round(row[2], 2))[3] if nearest else None


def ratio(chain: Snapshot, name: str) -> Known:
    """Return puts by calls of a number that each leg has."""
    puts = sum(getattr(leg, name) for leg in chain.quotes if leg.side == "PE")
    calls = sum(getattr(leg, name) for leg in chain.quotes if leg.side == "CE")
    return puts / calls if calls else None


def payouts(chain: Snapshot) -> dict[float, float]:
    """Return what all options together would be worth at expiry, by where the price ends."""
    worth = {}
    for end in sorted({leg.strike_price for leg in chain.quotes}):
        worth[end] = 0.0
        for leg in chain.quotes:
            above = end - leg.strike_price if leg.side == "CE" else leg.strike_price - end
            worth[end] += max(above, 0.0) * (leg.open_interest or 0.0)
    return worth


def walls(chain: Snapshot, money: float) -> tuple[Known, Known]:
    """Return the strikes with most puts at or below the money and most calls at or above it."""

    def rank(leg: Quote) -> tuple[float, float, float]:
        return -(leg.open_interest or 0.0), abs(leg.strike_price - money), leg.strike_price

    held = [leg for leg in sorted(chain.quotes, key=rank) if leg.open_interest]
    puts = (leg.strike_price for leg in held if leg.side == "PE" and leg.strike_price <= money)
    calls = (leg.strike_price for leg in held if leg.side == "CE" and leg.strike_price >= money)
    return next(puts, None), next(calls, None)


def exposures(
    chain: Snapshot, derived: dict[Quote, LegGreeks], forward: float, days: float, rate: float
) -> tuple[Known, Known]:
    """Return gamma x open interest x forward² / 100 of calls and of puts; None without a gamma."""
    whole: dict[str, Known] = {"CE": None, "PE": None}
    for leg in chain.quotes:
        volatility = derived[leg].iv
        if volatility is None or derived[leg].gamma is None or leg.open_interest is None:
            continue
        gamma = black76.gamma(forward, leg.strike_price, days / 365, rate / 100, volatility / 100)
        exposure = float(gamma) * leg.open_interest * forward * forward / 100
        whole[leg.side] = (whole[leg.side] or 0.0) + exposure
    return whole["CE"], whole["PE"]


def skew(chain: Snapshot, at_the_money: float, forward: float, days: float, rate: float) -> Known:
    """Return the 25-delta put's volatility of its price less the call's, in points."""
    sides = {}
    for side, outwards in (("CE", 1), ("PE", -1)):
        legs = [leg for leg in chain.quotes if leg.side == side]
        legs = [leg for leg in legs if outwards * (leg.strike_price - at_the_money) >= 0]
        legs.sort(key=lambda leg: outwards * leg.strike_price)
        points = [smile_point(leg, forward, days, rate) for leg in legs]
        sides[side] = at_25_delta([point for point in points if point is not None])
    return None if None in sides.values() else sides["PE"] - sides["CE"]  # type: ignore[operator]


def smile_point(leg: Quote, forward: float, days: float, rate: float) -> tuple[float, float] | None:
    """Return a leg's delta without its sign and its volatility in percent, of its price."""
    price = price_of(leg)
    flag, years, yearly = "c" if leg.side == "CE" else "p", days / 365, rate / 100
    if not price:
        return None
    inside = forward - leg.strike_price if flag == "c" else leg.strike_price - forward
    if price - exp(-yearly * years) * max(inside, 0.0) < 0.01:
        return None
    domain = flag, forward, leg.strike_price, years, yearly
    volatility = float(black76.implied_vol(price, *domain, on_error="ignore"))
    if not 1e-4 <= volatility <= 4.99:
        return None
    return abs(float(black76.delta(*domain, volatility))), 100 * volatility


def at_25_delta(points: list[tuple[float, float]]) -> Known:
    """Interpolate between the first two neighbours that have 0.25 between them."""
    for (inner, inner_iv), (outer, outer_iv) in pairwise(points):
        if outer <= 0.25 <= inner and inner > outer:
            return float(np.interp(0.25, [outer, inner], [outer_iv, inner_iv]))
    return None


def price_of(leg: Quote) -> Known:
    """Return the middle of a leg's quotes, else its last price if it is of today."""
    if quoted := quotes_of(leg):
        return sum(quoted) / 2
    return leg.last_price if leg.total_traded_volume else None


def quotes_of(leg: Quote | None) -> tuple[float, float] | None:
    """Return a leg's bid and ask; None where one is missing or they are crossed."""
    if leg is None or not leg.bid_price or not leg.ask_price or leg.bid_price > leg.ask_price:
        return None
    return leg.bid_price, leg.ask_price


def leg_at(chain: Snapshot, side: str, strike: float) -> Quote | None:
    """Return the leg of a side and a strike."""
    wanted = (side, strike)
    return next((leg for leg in chain.quotes if (leg.side, leg.strike_price) == wanted), None)
