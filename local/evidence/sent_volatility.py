"""How old the exchange's volatility is, and on what forward and clock it stands. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import log1p
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from local.evidence.captures import SIDES, Contract, Minute, Reading
from local.evidence.parity import at_the_money, sent_forwards, solved_volatilities
from optionchain.market import expires_at

# A number is refreshed in a minute if it changes in more than half of all contracts.
_REFRESHED = 0.5
# The refresh comes in the second minute of each ten, seen a minute earlier at times.
_GRID, _SLOTS = 10, (1, 2)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


class Refresh(NamedTuple):
    """In how many steps from minute to minute the prices and the volatilities were refreshed."""

    steps: int
    of_prices: int
    of_volatility: int
    on_the_grid: int
    longest_minutes: int  # from one refresh of the volatility to the next


class Lopsided(NamedTuple):
    """How far the exchange's volatility is above the solved one: medians, in points."""

    calls: float
    puts: float
    readings: int


class Days(NamedTuple):
    """Calendar days to an expiry: those left, and those that the exchange counts; medians.

    Of the minutes at whose nearest strike both options have a volatility, sent and solved.
    """

    left: float
    counted: float
    minutes: int


class Carry(NamedTuple):
    """How far forwards are above the underlying's price, in points: medians.

    `sent` is of the forward that the exchange's volatilities stand on, `percent` the same a year.
    """

    sent: float
    percent: float
    parity: float
    readings: int


def refresh(minutes: Sequence[Minute]) -> Refresh:
    """Count the steps in which more than half of the contracts have another number."""
    prices = _refreshed(minutes, attrgetter("last_price"))
    volatility = _refreshed(minutes, attrgetter("implied_volatility"))
    return Refresh(
        steps=len(minutes) - 1,
        of_prices=len(prices),
        of_volatility=len(volatility),
        on_the_grid=sum(at.minute % _GRID in _SLOTS for at in volatility),
        longest_minutes=max(
            ((after - before) // _MINUTE for before, after in pairwise(volatility)), default=0
        ),
    )


def lopsided(minutes: Sequence[Minute], expiry: date) -> Lopsided:
    """Compare the exchange's volatilities of an expiry with those of the same minute's prices."""
    above: dict[str, list[float]] = {"CE": [], "PE": []}
    for minute in minutes:
        for contract, solved in solved_volatilities(minute, expiry).items():
            sent = minute.readings[contract].implied_volatility
            if sent is not None:
                above[contract.side].append(sent - solved)
    return Lopsided(median(above["CE"]), median(above["PE"]), len(above["CE"] + above["PE"]))


def counted_days(minutes: Sequence[Minute], expiry: date) -> Days:
    """Find the time to an expiry with which the prices have the volatilities that were sent.

    Prices tell a volatility times the square root of a time: a volatility that is too low by half
    was solved with four times the time.
    """
    left, counted = [], []
    for minute in minutes:
        solved = solved_volatilities(minute, expiry)
        strike = at_the_money(minute, expiry).strike
        pair = [Contract(expiry, strike, side) for side in SIDES]
        sent = [minute.readings[contract].implied_volatility for contract in pair]
        if all(sent) and all(contract in solved for contract in pair):
            days = (expires_at(expiry) - minute.at) / _DAY
            ratio = sum(solved[contract] for contract in pair) / sum(filter(None, sent))
            left.append(days)
            counted.append(days * ratio**2)
    return Days(median(left), median(counted), len(left))


def sent_carry(minutes: Sequence[Minute], expiry: date) -> Carry:
    """Find the forward on which the sent volatilities give the prices, when they are fresh.

    The time to expiry is a number of whole days, as `counted_days` shows.
    """
    fresh = {*_refreshed(minutes, attrgetter("implied_volatility"))}
    sent, parity, yearly = [], [], []
    for minute in minutes:
        if minute.at in fresh:
            days = max((expiry - minute.at.date()).days, 1)
            found = [each - minute.underlying for each in sent_forwards(minute, expiry, days)]
            sent += found
            yearly += [36_500 * log1p(each / minute.underlying) / days for each in found]
            parity.append(at_the_money(minute, expiry).forward - minute.underlying)
    return Carry(median(sent), median(yearly), median(parity), len(sent))


def _refreshed(
    minutes: Sequence[Minute], number: Callable[[Reading], float | None]
) -> list[datetime]:
    """Return the minutes in which a number changed in more than half of the contracts."""
    found = []
    for before, after in pairwise(minutes):
        common = before.readings.keys() & after.readings.keys()
        changed = sum(
            number(before.readings[each]) != number(after.readings[each]) for each in common
        )
        if changed > _REFRESHED * len(common):
            found.append(after.at)
    return found
