"""Puts the recorder together, once in an execution environment."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from chain_fetch.nse.client import NseClient
from chain_fetch.nse.lazy_session import HttpSession, LazyHttpSession
from chain_fetch.recording.backlog import Backlog
from chain_fetch.recording.shift import Clock, ReadTick
from chain_fetch.recording.source_backoff import SourceWatch
from chain_fetch.recording.telemetry import Telemetry
from chain_fetch.recording.tick import TickReader
from chain_fetch.recording.warm_up import Preparation
from optionchain.exchange_time import exchange_date
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.rotating_database import rotating_database
from optionchain.mongo.rotation import RotatingClient
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.source_register import SourceRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings

# As many requests as can be under way at once: each lasts a second at worst, on the whole.
_WORKERS = 8


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Dependencies:
    """What the handler works with; `close` is for those who outlive it, as Lambda does not."""

    settings: Settings
    calendar: MarketCalendar
    prepare: Callable[[], None]
    enabled: Callable[[], bool]
    register: ShiftRegister
    ledger: TickLedger
    backlog: Backlog
    watch: SourceWatch
    read: ReadTick
    telemetry: Telemetry
    clock: Clock
    close: Callable[[], None] = lambda: None


@cache
def wire() -> Dependencies:
    """Return the real parts, from the environment's settings."""
    return connect(Settings.from_env())


def connect(settings: Settings, clock: Clock | None = None) -> Dependencies:
    """Return the real parts for these settings; nothing is sent before the first tick.

    Only a secret is read now: one that is missing or no URI stops the start, as SettingInvalid.
    Everything that asks for the time asks `clock`: the wall clock unless another one is given.
    """
    access = RotatingClient(settings)
    access.open()
    database = rotating_database(access)
    clock = clock or WallClock()
    session = LazyHttpSession(lambda: _session(settings))
    source = NseClient(session, today=lambda: exchange_date(clock.now()))
    calendar = MarketCalendar(
        HolidayRegister(database),
        settings.market_hours,
        settings.market_special_sessions,
        clock.now,
    )
    indexes = Indexes(database, settings.retention_days)
    watch = SourceWatch(SourceRegister(database, settings.nse_base_url), clock.now)
    telemetry = Telemetry(settings.log_level)
    prepare_database = Preparation(indexes, calendar, source, watch, telemetry)

    def prepare() -> None:
        session.open()  # while the first tick is waited for, not in it
        prepare_database()

    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="read")
    closing = ExitStack()
    for close in (access.close, session.close, pool.shutdown):
        closing.callback(close)
    reader = TickReader(
        source=source,
        store=SnapshotWriter(database),
        pool=pool,
        nearest=settings.nse_expiries,
        interval=settings.nse_fetch_interval,
        requests_per_second=settings.nse_max_requests_per_second,
        risk_free_rate=settings.risk_free_rate,
        market=calendar.market,
        now=clock.now,
    )
    return Dependencies(
        settings=settings,
        calendar=calendar,
        prepare=prepare,
        enabled=RecorderSwitch(database).enabled,
        register=ShiftRegister(database),
        ledger=TickLedger(database),
        backlog=Backlog(),
        watch=watch,
        read=reader.read,
        telemetry=telemetry,
        clock=clock,
        close=closing.close,
    )


def _session(settings: Settings) -> HttpSession:
    from chain_fetch.nse.http_session import NseHttpSession  # noqa: PLC0415  (see lazy_session)

    return NseHttpSession(
        settings.nse_base_url, settings.nse_max_requests_per_second, workers=_WORKERS
    )
