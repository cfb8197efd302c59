"""What whole bodies show: settled numbers, new contracts, old prices. As lines to print."""

from local.evidence.captures import Captures, Chain
from local.evidence.contracts import new_contracts, units, untraded
from local.evidence.exchange_formula import reproduced
from local.evidence.settlement import Matches, bases, previous_closes, rewrite
from optionchain.exchange_time import IST

type Lines = list[str]

_AFTERNOON = "legacy/settled-2025-10-16/16-oct-1616-ist.json.gz"
_EVENING = "legacy/new-strikes-2025-10-17/day-before-20251016T134838Z.json.gz"
_NEXT_DAY = "legacy/new-strikes-2025-10-17/2025*.json.gz"
_V3 = "v3/nifty-23-jun-2026.captured-2026-06-19T1737.json.gz"
_RATES = (10.0, 6.5)
_EDGE = "legacy/edge/post-close-rewrite-{}.json.gz"
# Two bodies of one stamp: before the evening's rewrite and after it.
_REWRITES = ((_EDGE.format("before"), _EDGE.format("after")), (_AFTERNOON, _EVENING))


def settled(captures: Captures) -> Lines:
    """What the evening's rewrite changes under an unchanged stamp."""
    lines = []
    for before, after in _REWRITES:
        chain = captures.chain(before)
        found = rewrite(chain, captures.chain(after))
        open_interest = _share(found.open_interest, found.contracts)
        last_price = _share(found.last_price, found.contracts)
        lines += [
            f"{_stamp(chain)}, {found.contracts:,} contracts in both bodies",
            f"  open interest changed in {open_interest}, in sum by {found.percent:+.2f} %",
            f"  last price changed in {last_price}; {found.filled:,} had none, and no volume",
            f"  implied volatility changed in {_share(found.volatility, found.contracts)}",
            f"  volume changed in {found.volume:,}, bid or ask in {found.quotes:,}",
            f"  underlying {found.underlying_before:,.2f}, then {found.underlying_after:,.2f}",
        ]
    return lines


def base(captures: Captures) -> Lines:
    """Open interest less its change, against the open interest of the day before."""
    afternoon, evening = captures.chain(_AFTERNOON), captures.chain(_EVENING)
    lines = []
    for _, chain in captures.chains(_NEXT_DAY):
        lines += [
            f"{_stamp(chain)}",
            f"  the evening's: equal in {_matches(bases(evening, chain))} contracts with a change",
            f"  that of 16:16: equal in {_matches(bases(afternoon, chain))}",
        ]
    return lines


def formula(captures: Captures) -> Lines:
    """Sent volatilities that Black-Scholes on the spot gives back, with whole days to expiry."""
    snapshot = captures.snapshot(_V3, "NIFTY")
    stamp = f"{snapshot.stamp.astimezone(IST):%d %b %Y %H:%M:%S} IST"
    lines = []
    for rate in _RATES:
        found = reproduced(snapshot, rate)
        share = _share(found.equal, found.compared)
        lines.append(f"{stamp}, expiry {snapshot.expiry}, at {rate:g} % a year: {share}")
    return lines


def newly_listed(captures: Captures) -> Lines:
    """Contracts with open interest that the day before did not have."""
    evening = captures.chain(_EVENING)
    lines = []
    for _, chain in captures.chains(_NEXT_DAY):
        found = new_contracts(evening, chain)
        lines.append(
            f"{_stamp(chain)}: {found.building:,}; {found.said_unchanged:,} of them are sent with "
            f"a change of 0 and hold {found.open_interest:,.0f} contracts"
        )
    return lines


def no_trade(captures: Captures) -> Lines:
    """Contracts with a last price and no volume that day, by body."""
    lines, without, readings = [], 0, 0
    for name, chain in captures.chains("legacy/**/*.json.gz"):
        found = untraded(chain)
        if found.untraded:
            quotes = f"no two-sided quote in {found.without_two_quotes:,}"
            volatility = f"a volatility in {found.with_volatility:,}"
            lines += [
                f"{_share(found.untraded, found.contracts)} in {name.removeprefix('legacy/')}",
                f"  change 0 in {found.without_change:,}, {volatility}, {quotes}",
            ]
        else:
            without, readings = without + 1, readings + found.contracts
    return [*lines, f"none of {readings:,} contracts in the other {without:,} bodies"]


def previous_close(captures: Captures) -> Lines:
    """Last price less its change, against the last price of the day before."""
    evening = captures.chain(_EVENING)
    return [
        f"{_stamp(chain)}: equal in {_matches(previous_closes(evening, chain))} contracts that "
        "were traded on both days"
        for _, chain in captures.chains(_NEXT_DAY)
    ]


def quantities(captures: Captures) -> Lines:
    """Quantities are units of the underlying, open interest is contracts."""
    found = units(captures.chain(_EVENING))
    divided = _share(found.divided_open_interests, found.open_interests)
    return [
        f"all {found.quantities:,} quantities of bid and ask are multiples of {found.step:,}",
        (
            f"of the open interests {divided} are, and {found.fractional_open_interests:,} are no "
            "whole numbers"
        ),
    ]


def _stamp(chain: Chain) -> str:
    return f"{chain.stamp.astimezone(IST):%d %b %Y %H:%M:%S} IST"


def _share(count: int, whole: int) -> str:
    return f"{count:,} of {whole:,} ({100 * count / whole:.0f} %)"


def _matches(found: Matches) -> str:
    return f"{found.equal:,} of {found.compared:,}"
