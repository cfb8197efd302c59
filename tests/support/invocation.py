"""The real handler at work in a thread, and what a test asks of it meanwhile."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chain_fetch.dependencies import Dependencies
from chain_fetch.handler import lambda_handler
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import TICKS
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase
from tests.support.patience import PATIENCE_SECONDS
from tests.support.recorder import Context

GOOD = ("stored", "unchanged")


def until[T](found: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
    """Return what is found as soon as there is something; fail where that takes too long."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return value


def every_second(settings: Settings, url: str, symbol: str) -> Settings:
    """Return settings for one symbol, each second, at any time of any day."""
    return replace(
        settings,
        nse_base_url=url,
        nse_symbols=(symbol,),
        nse_fetch_interval=1,
        nse_expiries=3,
        nse_max_requests_per_second=20,
        market_hours="always",
        log_level="ERROR",
    )


@dataclass(frozen=True)
class AtWork:
    """A handler at work; `database` is the test's own connection."""

    deps: Dependencies
    database: AnyDatabase

    def entries(self, after: datetime, **query: object) -> list[Document]:
        """Return the completed ticks from an instant on that match, by tick."""
        due = {"outcome": {"$exists": True}, "tick": {"$gte": after}, **query}
        return list(self.database[TICKS].find(due, sort=[("tick", 1)]))

    def good(self, after: datetime) -> list[Document]:
        """Return the good ticks from an instant on."""
        return self.entries(after, outcome={"$in": GOOD})

    def lost(self, after: datetime) -> list[Document]:
        """Return the ticks from an instant on that failed for the database's sake."""
        return self.entries(after, outcome="failed", reason="database")

    def relieve(self) -> None:
        """Have the invocation leave, as a newcomer would."""
        symbols = self.deps.settings.nse_symbols
        self.deps.register.take_over(symbols, "the next one", datetime.now(UTC))


@contextmanager
def at_work(deps: Dependencies, database: AnyDatabase) -> Iterator[AtWork]:
    """Run the handler until the end of the context; what it raised is raised then."""
    with ThreadPoolExecutor(1, thread_name_prefix="handler") as pool:
        future = pool.submit(lambda_handler, {}, Context(seconds=60), deps)
        work = AtWork(deps, database)
        try:
            until(lambda: work.good(datetime.min.replace(tzinfo=UTC)))
            yield work
        finally:
            work.relieve()
        future.result(PATIENCE_SECONDS)


def gaps(database: AnyDatabase, interval: timedelta = timedelta(seconds=1)) -> list[datetime]:
    """Return the ticks between the first and the last that have no outcome."""
    found = database[TICKS].find({"outcome": {"$exists": True}})
    ticks = {entry["tick"] for entry in found}
    first, due = min(ticks), (max(ticks) - min(ticks)) // interval
    return [tick for n in range(due) if (tick := first + n * interval) not in ticks]
