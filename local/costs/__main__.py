"""Print the table of costs: for one workload, or for 2, 20 and 213 symbols."""

import argparse
from collections.abc import Callable, Sequence

from local.costs.bill import SESSIONS_A_MONTH, costs, gb_seconds, stored_bytes, tier
from local.costs.prices import GB
from local.costs.workload import INTERVALS, REQUESTS_A_SECOND, UNIVERSE, Workload, least_interval

_SYMBOLS = (2, 20, UNIVERSE)
_USUAL = 5  # seconds
_MILLION = 1e6


def scenarios(symbols: Sequence[int], interval: int | None, nearest: int) -> list[Workload]:
    """Return workloads: at an interval, else at five seconds and as often as one address may."""
    found = []
    for number in symbols:
        fits_one = least_interval(number, nearest) or INTERVALS[-1]
        shown = [interval] if interval else sorted({_USUAL, max(_USUAL, fits_one)})
        found += [Workload(number, seconds, nearest) for seconds in shown]
    return found


def rows(loads: Sequence[Workload], retention_days: int) -> list[list[str]]:
    """Return the cells of the table: a name, a number for each workload, and the formula."""
    bills = [costs(load, retention_days) for load in loads]

    def row(name: str, cell: Callable[[Workload], str], formula: str) -> list[str]:
        return [name, *map(cell, loads), formula]

    def dollars(name: str, formula: str) -> list[str]:
        return [name, *(f"{getattr(bill, name):,.2f}" for bill in bills), formula]

    return [
        row("symbols", lambda load: f"{load.symbols}", ""),
        row("interval, s", lambda load: f"{load.interval}", "a divisor of 60"),
        row(
            "requests/s",
            lambda load: f"{load.requests_a_second:.1f}",
            "symbols x (nearest expiries + 1) / interval",
        ),
        row(
            "groups",
            lambda load: f"{load.groups}",
            f"requests/s / {REQUESTS_A_SECOND}, up: recorders, an address each",
        ),
        row(
            "least interval",
            lambda load: f"{least_interval(load.symbols, load.nearest) or '-'}",
            "that one address allows",
        ),
        row(
            "contracts/day",
            lambda load: _short(load.contracts_a_session),
            "changed snapshots x contracts",
        ),
        row(
            "stored, GB",
            lambda load: f"{stored_bytes(load, retention_days) / GB:.1f}",
            f"bytes/day x sessions in {retention_days} days",
        ),
        row(
            "GB-s/month",
            lambda load: _short(gb_seconds(load)),
            f"groups x session x 1.02 x {SESSIONS_A_MONTH:.1f} x memory",
        ),
        dollars("fetch", "GB-s and starts of the recorder"),
        dollars("api", "100,000 requests"),
        dollars("logs", "ticks x 1.2 KB, after 5 GB"),
        dollars("metrics", "(symbols + 1) x 12 x hours / 730, after 10"),
        dollars("alarms", "metrics of the alarms, after 10"),
        dollars("secret", "one"),
        dollars("key", "one, of the alarms' topic"),
        dollars("atlas", "the smallest tier that fits"),
        row("  tier", lambda load: tier(load, retention_days).name, "stored x 1.25"),
        dollars("total", "US dollars a month"),
    ]


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


def _short(number: float) -> str:
    return f"{number / _MILLION:.2f} M" if number >= _MILLION else f"{number / 1e3:,.0f} k"


if __name__ == "__main__":
    main()
