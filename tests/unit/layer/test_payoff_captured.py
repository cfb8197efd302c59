"""What variance the market saw in the last hours of a captured expiry day, in its own prices."""

from collections.abc import Callable
from statistics import NormalDist, median

from optionchain.closing_auction import payoff_fixed_at
from optionchain.market import expires_at
from optionchain.snapshot import Snapshot
from tests.support.captured_minutes import EXPIRING, MINUTES, at, minutes_of

NORMAL = NormalDist()


def variance_left(chain: Snapshot) -> float:
    """Return the variance of a normal distribution that prices the straddle, in points²."""
    prices = {(leg.strike_price, leg.side): leg.last_price or 0.0 for leg in chain.quotes}
    apart = {
        strike: prices[strike, "CE"] - prices[strike, "PE"]
        for strike, side in prices
        if side == "CE"
    }
    near = sorted(apart, key=lambda strike: abs(apart[strike]))[:3]
    forward, strike = median(strike + apart[strike] for strike in near), near[0]
    low, high = 0.01, 500.0
    for _ in range(50):
        deviation = (low + high) / 2
        distance = (forward - strike) / deviation
        worth = (forward - strike) * (2 * NORMAL.cdf(distance) - 1)
        worth += 2 * deviation * NORMAL.pdf(distance)
        if worth < prices[strike, "CE"] + prices[strike, "PE"]:
            low = deviation
        else:
            high = deviation
    return low * low


def test_the_payoff_is_not_known_at_15_30_and_the_auction_has_most_of_what_is_left(
    captured: Callable[[str], bytes],
) -> None:
    """The figures of decision 0065."""
    chains = minutes_of(captured(MINUTES), EXPIRING)
    left = {chain.exchange_timestamp: variance_left(chain) for chain in chains}
    table = {"11:00": 7190, "12:00": 6942, "13:00": 5137, "14:00": 3956, "15:00": 3081}
    table |= {"15:15": 2617, "15:20": 2346, "15:25": 1717, "15:28": 1513, "15:30": 1243}
    assert {time: round(left[at(time)]) for time in table} == table
    trading = (left[at("11:00")] - left[at("15:00")]) / 240
    auction = (left[at("15:15")] - left[at("15:30")]) / 15
    assert auction > 4 * trading
    assert payoff_fixed_at(EXPIRING) == at("15:35")
    assert expires_at(EXPIRING) == at("15:40")
