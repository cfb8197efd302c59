"""`python -m tests.whole_market.measured poll` or `store`: what one build takes, as JSON.

It is run by the Python of each build that is compared, so it imports nothing that is new.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from pymongo.database import Database

from chain_fetch.dependencies import Dependencies, over
from chain_fetch.handler import lambda_handler
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.listing import Listing
from local.nse_simulator.market import SimulatedMarket
from local.run.simulated_time import InlineExecutor, SteppedClock
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.indexes import CONTRACTS, TICKS, Indexes
from optionchain.settings import SecretStr, Settings
from tests.whole_market.prepared_session import PreparedSession
from tests.whole_market.processor import cpu_seconds

_NOON = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
_NO_ARCHIVE = {"nse-files": "http://127.0.0.1:9"}
# What the handler keeps of an invocation for its end.
_CLOSING_SECONDS = 15
_REQUESTS_PER_SECOND = 1_000_000

type Figures = dict[str, float]


@dataclass
class _Context:
    """Lambda's context of an invocation with the time for so many seconds of ticks."""

    aws_request_id: str
    seconds: float

    def get_remaining_time_in_millis(self) -> int:
        return int((self.seconds + _CLOSING_SECONDS) * 1e3)


@dataclass
class Recorder:
    """A recorder of one build in simulated time, over bodies that are made before."""

    deps: Dependencies
    clock: SteppedClock
    database: Database[Document]

    def work(self, name: str, seconds: float) -> None:
        """Record for some seconds of simulated time."""
        begins = self.clock.now()
        lambda_handler({}, _Context(name, seconds), self.deps)
        self.clock.go_to(begins + timedelta(seconds=seconds))


def poll(uri: str, server: int) -> Figures:  # noqa: ARG001
    """Measure ticks without news: NIFTY with all its expiries, in processor time of the client."""
    ticks = 60
    with _recorder(uri, ["NIFTY"], 1, 18, lambda _: _NOON) as (recorder, session):
        session.prepare([_NOON], ["NIFTY"])
        recorder.work("first", 3)
        before = time.process_time()
        recorder.work("second", ticks)
        used = time.process_time() - before
        entries = list(recorder.database[TICKS].find(sort=[("tick", -1)], limit=ticks - 1))
    if {each["outcome"] for each in entries} != {"unchanged"}:
        raise RuntimeError(f"a tick had news: {entries}")
    return {"ms": used * 1e3 / ticks, "legs": entries[0]["legs"]}


def store(uri: str, server: int) -> Figures:
    """Measure ticks full of news: every symbol each minute, the client and the server together."""
    symbols, minutes = list(INSTRUMENTS), 4
    with _recorder(uri, symbols, 60, 2, _minute) as (recorder, session):
        session.prepare([_NOON + timedelta(minutes=n) for n in range(minutes + 2)], symbols)
        recorder.work("first", 120)
        count = recorder.database[CONTRACTS].estimated_document_count
        stored, client, used = count(), time.process_time(), cpu_seconds(server)
        for number in range(minutes // 2):
            recorder.work(f"measured-{number}", 120)
        client, used = time.process_time() - client, cpu_seconds(server) - used
        stored = count() - stored
        outcomes = recorder.database[TICKS].distinct("outcome")
    if outcomes != ["stored"]:
        raise RuntimeError(f"a tick had no news: {outcomes}")
    return {"client_us": client * 1e6 / stored, "server_us": used * 1e6 / stored, "stored": stored}


@contextmanager
def _recorder(
    uri: str,
    symbols: Sequence[str],
    interval: int,
    expiries: int,
    moment: Callable[[datetime], datetime],
) -> Iterator[tuple[Recorder, PreparedSession]]:
    settings = Settings(
        mongodb_uri=SecretStr(uri),
        mongodb_database=f"measured_{os.getpid()}",
        nse_symbols=tuple(symbols),
        nse_fetch_interval=interval,
        nse_expiries=expiries,
        nse_max_requests_per_second=_REQUESTS_PER_SECOND,
        source_urls=_NO_ARCHIVE,
        market_hours="always",
        log_level="ERROR",
    )
    clock = SteppedClock(_NOON)
    market = partial(_market, Listing(long_dated=True))
    session = PreparedSession(market, lambda: moment(clock.now()))
    database = open_database(settings)
    with closing(database.client):
        Indexes(database, settings.retention_days).ensure()
        deps = over(database, InlineExecutor(), settings, clock, session)
        yield Recorder(replace(deps, worker=InlineExecutor), clock, database), session
        database.client.drop_database(database.name)


def _market(listing: Listing, clock: Callable[[], datetime]) -> SimulatedMarket:
    return SimulatedMarket(clock=clock, listing=listing)


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


_MEASURES: dict[str, Callable[[str, int], Figures]] = {"poll": poll, "store": store}


def main() -> None:
    """Measure with the server of the command line; print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.whole_market.measured")
    parser.add_argument("measure", choices=sorted(_MEASURES))
    parser.add_argument("--uri", required=True)
    parser.add_argument("--server", type=int, required=True, help="the process of mongod")
    options = parser.parse_args()
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        figures = _MEASURES[options.measure](options.uri, options.server)
    print(json.dumps(figures), file=answers)


if __name__ == "__main__":
    main()
