"""Print the table of costs: for one workload, or for 2, 20 and 213 symbols.

Refuses, with exit code 1, what the request budget of the exchange's site cannot carry.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from chain_fetch.nse.source import terms
from chain_fetch.recording.budget.budget_demand import INTERVALS
from chain_fetch.recording.budget.budget_plan import BudgetPlan, plan_of
from chain_fetch.recording.budget.budget_words import refusal
from local.costs.archive import archived_bytes
from local.costs.bill import SESSIONS_A_MONTH, costs, gb_seconds, stored_bytes, tier
from local.costs.prices import GB
from local.costs.workload import (
    RECORDER_REQUESTS_A_SECOND,
    REQUESTS_A_SECOND,
    Workload,
    least_interval,
    most_expiries,
)
from local.market_size import UNIVERSE
from local.terminal import FAILED, print_error
from optionchain.settings import MOST_ADDRESSES, Settings
from optionchain.symbol_selection import tiers_of

_USUAL = 5  # seconds
_TIERS = tiers_of("INDICES=5,LIQUID50=15,STOCKS=60")
_MILLION = 1e6
_TERMS = terms(Settings())


class BudgetTooSmall(Exception):
    """The request budget of the exchange's site does not carry the workload."""


def _short(number: float) -> str:
    return f"{number / _MILLION:.2f} M" if number >= _MILLION else f"{number / 1e3:,.0f} k"


def _plan(load: Workload) -> BudgetPlan:
    return plan_of(_TERMS, load.demand)


def _intervals(load: Workload) -> str:
    return "/".join(f"{each.interval}" for each in load.demand.tiers) or f"{load.interval}"


# Name, cell and formula.
_WORKLOAD_ROWS: list[tuple[str, Callable[[Workload], str], str]] = [
    ("symbols", lambda load: f"{load.symbols}", ""),
    ("interval, s", _intervals, "a divisor of 60, or that of each tier"),
    ("expiries", lambda load: f"{load.nearest}", "nearest, read at every tick"),
    (
        "requests/s",
        lambda load: f"{load.requests_a_second:.1f}",
        "symbols x (nearest expiries + 1) / interval",
    ),
    (
        "addresses",
        lambda load: f"{load.addresses}",
        f"requests/s / {REQUESTS_A_SECOND}, up: each has a budget of its own",
    ),
    (
        "groups",
        lambda load: f"{load.groups}",
        f"recorders: one an address, and requests/s / {RECORDER_REQUESTS_A_SECOND}, up",
    ),
    ("slower by", lambda load: f"{float(_plan(load).stretch):.2f}", "1: no symbol waits its turn"),
    (
        "least interval",
        lambda load: f"{least_interval(load.symbols, load.nearest) or '-'}",
        "that one address allows",
    ),
    ("most expiries", lambda load: f"{most_expiries(load)}", "nearest, by these addresses"),
    (
        "contracts/day",
        lambda load: _short(load.contracts_a_session),
        "changed snapshots x contracts",
    ),
    (
        "GB-s/month",
        lambda load: _short(gb_seconds(load)),
        f"groups x (session x 1.02 + evening) x {SESSIONS_A_MONTH:.1f} x memory",
    ),
]
# The costs of a bill, with their formulas.
_COSTS = (
    ("fetch", "GB-s and starts of the recorder"),
    ("api", "100,000 requests"),
    ("logs", "ticks x 1.4 KB, after 5 GB"),
    ("metrics", "((symbols to 20) + 1) x 13 + tiers x 5 + groups x 6 + 6, x hours / 730, after 10"),
    ("alarms", "metrics of the alarms, after 10"),
    ("secret", "one"),
    ("key", "one, of the alarms' topic"),
    ("archive", "a year of files, their requests, and sealing twice a day"),
    ("atlas", "the smallest tier that fits"),
    ("total", "US dollars a month"),
)


def scenarios() -> list[Workload]:
    """Return the workloads of the table: 2 and 20 symbols, and all at a minute and in tiers."""
    return [
        Workload(2, _USUAL),
        Workload(20, _USUAL),
        Workload(20, 20),
        Workload(UNIVERSE, 60),
        Workload(UNIVERSE, _USUAL, tiers=_TIERS),
    ]


def rows(workloads: Sequence[Workload], retention_days: int) -> list[list[str]]:
    """Return the cells of the table: a name, a number for each workload, and the formula."""
    found = [[name, *map(cell, workloads), formula] for name, cell, formula in _WORKLOAD_ROWS]
    stored = [f"{stored_bytes(each, retention_days) / GB:.1f}" for each in workloads]
    found.insert(-1, ["stored, GB", *stored, f"bytes/day x sessions in {retention_days} days"])
    archived = [f"{archived_bytes(each) / GB:.1f}" for each in workloads]
    found.insert(-1, ["archived, GB", *archived, "of a year, in files"])
    bills = [costs(each, retention_days) for each in workloads]
    dollars = [
        [name, *(f"{getattr(bill, name):,.2f}" for bill in bills), formula]
        for name, formula in _COSTS
    ]
    tiers = [tier(each, retention_days).name for each in workloads]
    dollars.insert(-1, ["  tier", *tiers, "stored x 1.25"])
    return found + dollars


def table(cells: Sequence[Sequence[str]]) -> str:
    """Return the cells as aligned lines."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for name, *numbers, formula in cells:
        middle = "  ".join(
            number.rjust(width) for number, width in zip(numbers, widths[1:-1], strict=True)
        )
        lines.append(f"{name.ljust(widths[0])}  {middle}   {formula}".rstrip())
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and print; return the exit code."""
    given = _parser().parse_args(arguments)
    loads = [_workload(given)] if given.symbols else scenarios()
    for load in loads:
        plan = _plan(load)
        if not plan.works:
            print_error("make costs", BudgetTooSmall(refusal("nse", plan, _TERMS)))
            return FAILED
    print(table(rows(loads, given.retention_days)))
    return 0


def _workload(given: argparse.Namespace) -> Workload:
    interval = given.interval or _interval(given)
    return Workload(
        given.symbols, interval, given.expiries, given.tiers, given.groups, given.addresses
    )


def _interval(given: argparse.Namespace) -> int:
    """Return the shortest interval of the tiers; without any five seconds."""
    return min((each.interval for each in given.tiers), default=_USUAL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.costs", description=__doc__)
    parser.add_argument("--symbols", type=_up_to(UNIVERSE), help=f"how many, {UNIVERSE} at most")
    parser.add_argument("--interval", type=int, choices=INTERVALS, metavar="SECONDS")
    parser.add_argument("--tiers", type=tiers_of, default=(), help="as NSE_TIERS, with --symbols")
    parser.add_argument("--groups", type=_up_to(MOST_ADDRESSES), help="as many as needed")
    parser.add_argument("--addresses", type=_up_to(MOST_ADDRESSES), help="as many as needed")
    parser.add_argument(
        "--expiries", type=_up_to(18), default=2, help="nearest, read at every tick"
    )
    parser.add_argument("--retention-days", type=_up_to(3650), default=30)
    return parser


def _up_to(most: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        number = int(text)
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"from 1 to {most}")
        return number

    return count


if __name__ == "__main__":
    sys.exit(main())
