"""Print what the exchange's numbers mean, counted on captured bodies.

See docs/what-the-numbers-mean.md. The captures are the exchange's and are no part of this project.
"""

import argparse
from pathlib import Path

from local.evidence.captures import Captures
from local.evidence.facts import FACTS, report

_CAPTURES = Path(__file__).parents[2].parent / "shared" / "market-data"


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and print the facts: those that are named, else all."""
    parser = argparse.ArgumentParser(prog="python -m local.evidence", description=__doc__)
    parser.add_argument("facts", nargs="*", metavar="FACT", help=", ".join(FACTS))
    parser.add_argument("--captures", type=Path, default=_CAPTURES, help="the folder of captures")
    given = parser.parse_args(arguments)
    if unknown := set(given.facts).difference(FACTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(FACTS)}")
    captures = Captures(given.captures)
    for name in given.facts or FACTS:
        print("\n".join(report(name, captures)))


if __name__ == "__main__":
    main()
