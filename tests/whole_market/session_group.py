"""`python -m tests.whole_market.session_group`: one group of a session, in simulated time.

The real handler over a real MongoDB. The bodies come from the simulated market in memory, and no
time passes while they are read, so a session takes as long as its work.
"""

import argparse
import json
import sys
import time
from contextlib import closing, redirect_stdout
from dataclasses import dataclass, replace
from datetime import date, timedelta
from datetime import time as day_time

from chain_fetch.dependencies import over
from chain_fetch.handler import lambda_handler
from local.nse_simulator.market import SimulatedMarket
from local.run.market_session import MarketSession
from local.run.simulated_time import InlineExecutor, SteppedClock
from optionchain.mongo.client import open_database
from optionchain.settings import Settings
from tests.whole_market.scope import LISTING, Scope, starts

# More than a setting allows: what paces requests counts real seconds.
_REQUESTS_PER_SECOND = 1_000_000
# An invocation has the time for two minutes, and what the handler keeps for its end.
_INVOCATION = timedelta(minutes=2)
_INVOCATION_SECONDS = 135.0


@dataclass
class _Context:
    """Lambda's context of an invocation, which has the same time left at each look."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        return int(_INVOCATION_SECONDS * 1e3)


def record(settings: Settings, scope: Scope, group: int) -> int:
    """Record the spells of a day; return the number of ticks begun."""
    settings = replace(settings, nse_max_requests_per_second=_REQUESTS_PER_SECOND)
    begins = [start for spell in scope.covered() for start in starts(spell, _INVOCATION)]
    clock = SteppedClock(begins[0])
    market = SimulatedMarket(scope.seed, clock.now, hours="exchange", listing=LISTING)
    event = {"group": str(group), "groups": scope.groups}
    database, ticks = open_database(settings), 0
    with closing(database.client):
        deps = replace(
            over(database, InlineExecutor(), settings, clock, MarketSession(market)),
            worker=InlineExecutor,
        )
        for number, start in enumerate(begins):
            clock.go_to(start)
            ticks += lambda_handler(event, _Context(f"{group}-{number}"), deps)["ticks"]
    return ticks


def main() -> None:
    """Record with the settings of the environment; print the ticks and the processor time."""
    parser = argparse.ArgumentParser(prog="python -m tests.whole_market.session_group")
    parser.add_argument("--group", type=int, required=True)
    parser.add_argument("--groups", type=int, required=True)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--spell", action="append", required=True, help="09:10-15:48 in India")
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    spells = []
    for text in options.spell:
        first, _, last = text.partition("-")
        spells.append((day_time.fromisoformat(first), day_time.fromisoformat(last)))
    scope = Scope(options.day, spells, groups=options.groups, seed=options.seed)
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        ticks = record(Settings.from_env(), scope, options.group)
    print(json.dumps({"ticks": ticks, "seconds": time.process_time()}), file=answers)


if __name__ == "__main__":
    main()
