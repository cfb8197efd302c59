"""Print the table of costs: for one workload, or for 2, 20 and 213 symbols."""

import argparse
from collections.abc import Callable, Sequence

from local.costs.archive import archived_bytes
from local.costs.bill import SESSIONS_A_MONTH, costs, gb_seconds, stored_bytes, tier
from local.costs.prices import GB
from local.costs.workload import INTERVALS, REQUESTS_A_SECOND, UNIVERSE, Workload, least_interval

_SYMBOLS = (2, 20, UNIVERSE)
_USUAL = 5  # seconds
_MILLION = 1e6


def _short(number: float) -> str:
    return f"{number / _MILLION:.2f} M" if number >= _MILLION else f"{number / 1e3:,.0f} k"


# Name, cell and formula.
_WORKLOAD_ROWS: list[tuple[str, Callable[[Workload], str], str]] = [
    ("symbols", lambda workload: f"{workload.symbols}", ""),
    ("interval, s", lambda workload: f"{workload.interval}", "a divisor of 60"),
    (
        "requests/s",
        lambda workload: f"{workload.requests_a_second:.1f}",
        "symbols x (nearest expiries + 1) / interval",
    ),
    (
        "groups",
        lambda workload: f"{workload.groups}",
        f"requests/s / {REQUESTS_A_SECOND}, up: recorders, an address each",
    ),
    (
        "least interval",
        lambda workload: f"{least_interval(workload.symbols, workload.nearest) or '-'}",
        "that one address allows",
    ),
    (
        "contracts/day",
        lambda workload: _short(workload.contracts_a_session),
        "changed snapshots x contracts",
    ),
    (
        "GB-s/month",
        lambda workload: _short(gb_seconds(workload)),
        f"groups x (session x 1.02 + evening) x {SESSIONS_A_MONTH:.1f} x memory",
    ),
]
# The costs of a bill, with their formulas.
_COSTS = (
    ("fetch", "GB-s and starts of the recorder"),
    ("api", "100,000 requests"),
    ("logs", "ticks x 1.4 KB, after 5 GB"),
    ("metrics", "((symbols + 1) x 13 + groups x 5 + 6) x hours / 730, after 10"),
    ("alarms", "metrics of the alarms, after 10"),
    ("secret", "one"),
    ("key", "one, of the alarms' topic"),
    ("archive", "a year of files, their requests, and sealing twice a day"),
    ("atlas", "the smallest tier that fits"),
    ("total", "US dollars a month"),
)


def scenarios(symbols: Sequence[int], interval: int | None, nearest: int) -> list[Workload]:
    """Return workloads: at an interval, else at five seconds and as often as one address may."""
    found = []
    for number in symbols:
        fits_one = least_interval(number, nearest) or INTERVALS[-1]
        shown = [interval] if interval else sorted({_USUAL, max(_USUAL, fits_one)})
        found += [Workload(number, seconds, nearest) for seconds in shown]
    return found


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


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(prog="python -m local.costs", description=__doc__)
    parser.add_argument("--symbols", type=_count, help=f"how many, {UNIVERSE} at most")
    parser.add_argument("--interval", type=int, choices=INTERVALS, metavar="SECONDS")
    parser.add_argument("--expiries", type=_count, default=2, help="nearest, read at every tick")
    parser.add_argument("--retention-days", type=_count, default=30)
    given = parser.parse_args(arguments)
    symbols = [given.symbols] if given.symbols else _SYMBOLS
    loads = scenarios(symbols, given.interval, given.expiries)
    print(table(rows(loads, given.retention_days)))


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    main()
