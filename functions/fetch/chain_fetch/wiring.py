"""Puts the recorder together, once in an execution environment."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from chain_fetch.backlog import Backlog
from chain_fetch.nse import NseClient
from chain_fetch.session import ExchangeSession
from chain_fetch.shift import Clock, ReadTick
from chain_fetch.telemetry import Telemetry
from chain_fetch.tick import TickReader
from optionchain.connection import open_database
from optionchain.exchange_time import exchange_date
from optionchain.indexes import Indexes
from optionchain.ledger import TickLedger
from optionchain.market import Market
from optionchain.settings import Settings
from optionchain.shifts import ShiftRegister
from optionchain.store import SnapshotStore

# As many requests as can be under way at once: each lasts a second at worst, on the whole.
_WORKERS = 8


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Deps:
    """What the handler works with."""

    settings: Settings
    market: Market
    register: ShiftRegister
    ledger: TickLedger
    indexes: Indexes
    backlog: Backlog
    read: ReadTick
    telemetry: Telemetry
    clock: Clock


@cache
def wire() -> Deps:
    """Return the real parts, from the environment's settings."""
    return connect(Settings.from_env())


def connect(settings: Settings) -> Deps:
    """Return the real parts for these settings; nothing is sent before the first tick."""
    database = open_database(settings)
    clock = WallClock()
    session = ExchangeSession(
        settings.nse_base_url, settings.nse_max_requests_per_second, workers=_WORKERS
    )
    reader = TickReader(
        source=NseClient(session, today=lambda: exchange_date(clock.now())),
        store=SnapshotStore(database),
        pool=ThreadPoolExecutor(_WORKERS, thread_name_prefix="read"),
        nearest=settings.nse_expiries,
        interval=settings.nse_fetch_interval,
        requests_per_second=settings.nse_max_requests_per_second,
        now=clock.now,
    )
    return Deps(
        settings=settings,
        market=Market(settings.market_hours),
        register=ShiftRegister(database),
        ledger=TickLedger(database),
        indexes=Indexes(database, settings.retention_days),
        backlog=Backlog(),
        read=reader.read,
        telemetry=Telemetry(settings.log_level),
        clock=clock,
    )
