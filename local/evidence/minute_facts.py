"""What the minutes of an expiry day show: volatility, spot and time value. As lines to print."""

from datetime import date

from local.evidence.auction import standstill
from local.evidence.captures import Captures
from local.evidence.parity import at_the_money
from local.evidence.sent_volatility import counted_days, lopsided, refresh, sent_carry

type Lines = list[str]

_MINUTES = "minutes-2026-08-18/nifty-atm-two-expiries.csv.gz"
_EXPIRY, _NEXT_EXPIRY = date(2026, 8, 18), date(2026, 8, 25)
# From when on what is left of an expiry day is shown, and each how many minutes.
_SINCE, _STEP = "15:00", 5


def volatility(captures: Captures) -> Lines:
    """How old the exchange's volatility is, and how far from the prices."""
    minutes = captures.minutes(_MINUTES)
    found, above = refresh(minutes), lopsided(minutes, _NEXT_EXPIRY)
    lines = [
        f"of {found.steps:,} minutes, more than half of the contracts changed",
        f"  their last price in {found.of_prices:,}, their volatility in {found.of_volatility:,}",
        (
            f"  of these {found.of_volatility:,} the first or second after a full ten minutes are "
            f"{found.on_the_grid:,}; the longest pause is {found.longest_minutes:,} minutes"
        ),
        (
            f"sent less solved of the same minute's price, expiry {_NEXT_EXPIRY}: calls "
            f"{above.calls:+.2f}, puts {above.puts:+.2f} points (medians of {above.readings:,})"
        ),
    ]
    for expiry in (_NEXT_EXPIRY, _EXPIRY):
        days = counted_days(minutes, expiry)
        lines.append(
            f"expiry {expiry}: {days.left:.2f} days are left, and the sent volatility counts "
            f"{days.counted:.2f} (medians of {days.minutes:,} minutes)"
        )
    carry = sent_carry(minutes, _NEXT_EXPIRY)
    lines.append(
        f"expiry {_NEXT_EXPIRY}: it stands on a forward {carry.sent:.1f} points above the "
        f"underlying, {carry.percent:.1f} % a year (medians of {carry.readings:,}); parity shows "
        f"{carry.parity:.1f} points"
    )
    return lines


def closing_auction(captures: Captures) -> Lines:
    """The underlying's price stands still while the forward moves."""
    found = standstill(captures.minutes(_MINUTES), _EXPIRY)
    stood = f"{found.spot:,.2f} from {found.since:%H:%M} to {found.until:%H:%M} IST"
    moved = found.highest_forward - found.lowest_forward
    return [
        f"underlying {stood}, then {found.next_spot or 0:,.2f}",
        (
            f"parity forward of {_EXPIRY} until then between {found.lowest_forward:,.2f} and "
            f"{found.highest_forward:,.2f}: {moved:,.2f} points"
        ),
    ]


def payoff(captures: Captures) -> Lines:
    """How far the underlying may still move by the prices of the last half hour (one deviation)."""
    lines = []
    for minute in captures.minutes(_MINUTES):
        if f"{minute.at:%H:%M}" >= _SINCE and minute.at.minute % _STEP == 0:
            pair = at_the_money(minute, _EXPIRY)
            left = "none" if pair.deviation is None else f"{pair.deviation:,.1f} points"
            lines.append(
                f"{minute.at:%H:%M} IST  {left}; underlying {minute.underlying:,.2f}, forward "
                f"{pair.forward:,.2f}, {pair.strike:,.0f} call {pair.call:,.2f} put {pair.put:,.2f}"
            )
    return lines
