"""`python -m local.run.simulated_day`: a whole day of the simulated exchange, recorded in seconds.

The real handler and the real database, in simulated time: from before the opening through the
evening to the next morning. Chains are asked for without HTTP, whose limits are in real seconds.
Public files come over HTTP, as they have none.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from chain_fetch.dependencies import over
from chain_fetch.handler import lambda_handler
from local.dhan_simulator.server import Dhan
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from local.run.market_session import MarketSession
from local.run.simulated_time import InlineExecutor, SteppedClock
from local.run.vendors import FILE_SERVER, VENDORS
from local.upstox_simulator.server import Upstox
from optionchain.exchange_time import IST
from optionchain.mongo.client import open_database
from optionchain.settings import Settings

# The recorder's longest interval, so that a day has few ticks. The exchange ticks twice as fast.
_INTERVAL_SECONDS = 60
# More than a setting allows: what paces requests counts real seconds.
_REQUESTS_PER_SECOND = 1_000
# Of the day, and of the evening: when the recorder may have something to do.
SPELLS = (
    (time(9, 10), time(15, 48)),
    (time(19, 44), time(20)),
    (time(20, 59), time(21, 15)),
)
_MORNING = time(9, 10)
# An invocation has the time for two ticks, and what the handler keeps for its end.
_INVOCATION = timedelta(minutes=2)
_INVOCATION_SECONDS = 135.0

type Spell = tuple[time, time]


@dataclass
class _Context:
    """Lambda's context of an invocation, which has the same time left at each look."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        return int(_INVOCATION_SECONDS * 1e3)


def record_day(
    settings: Settings, day: date, until: datetime, seed: int = 7, spells: Sequence[Spell] = SPELLS
) -> int:
    """Record a trading day, its evening and the time up to `until`; return the number of ticks.

    `spells` are those of the day, in India's time, in which the handler is invoked.
    """
    settings = replace(
        settings,
        nse_fetch_interval=_INTERVAL_SECONDS,
        nse_max_requests_per_second=_REQUESTS_PER_SECOND,
    )
    clock = SteppedClock(_instant(day, spells[0][0]))
    market = SimulatedMarket(seed, clock.now, hours="exchange")
    ticks = 0
    with ExitStack() as closing:
        settings = replace(settings, source_urls=_served_files(market, closing))
        database = open_database(settings)
        closing.callback(database.client.close)
        deps = replace(
            over(database, InlineExecutor(), settings, clock, MarketSession(market)),
            worker=InlineExecutor,
        )
        for number, begins in enumerate(invocations(day, until, spells)):
            clock.go_to(begins)
            ticks += lambda_handler({}, _Context(f"simulated-{day}-{number}"), deps)["ticks"]
    return ticks


def _served_files(market: SimulatedMarket, closing: ExitStack) -> dict[str, str]:
    """Serve the public files of the exchange and the vendors; return the address of each host."""
    servers = {"upstox": Upstox(market), "dhan": Dhan(market)}
    vendors = {name: closing.enter_context(server).url for name, server in servers.items()}
    hosts = {host: vendors[name] for name, vendor in VENDORS.items() for host in vendor.hosts}
    return hosts | {FILE_SERVER: closing.enter_context(Exchange(market)).url}


def invocations(day: date, until: datetime, spells: Sequence[Spell]) -> Iterator[datetime]:
    """Yield when an invocation begins: in the spells of a day and in the morning of `until`."""
    for first, last in spells:
        begins = _instant(day, first)
        while begins < min(_instant(day, last), until):
            yield begins
            begins += _INVOCATION
    begins = _instant(until.astimezone(IST).date(), _MORNING)
    while begins < until:
        yield begins
        begins += _INVOCATION


def _instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, IST).astimezone(UTC)


def main() -> None:
    """Record a day into the database of the environment."""
    parser = argparse.ArgumentParser(prog="python -m local.run.simulated_day", description=__doc__)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--until", type=datetime.fromisoformat, required=True)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    record_day(Settings.from_env(), options.day, options.until, options.seed)


if __name__ == "__main__":
    main()
