"""What the routes work with, and how it is put together once in an execution environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aws_lambda_powertools import Logger
from fastapi.routing import APIRoute
from pymongo.database import Database

from chain_api.aws.schedule import Schedule
from chain_api.middleware.request_log import logger
from chain_api.routes.inline_route import InlineRoute
from chain_api.store.analytics import AnalyticsReader
from chain_api.store.time_series import TimeSeriesReader
from optionchain.errors import StoreUnavailable
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.rotating_database import rotating_database
from optionchain.mongo.rotation import RotatingClient
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.source_register import SourceRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings


@dataclass(frozen=True)
class Dependencies:
    """The parts behind the routes; `now` is UTC, `schedule` is None outside AWS."""

    settings: Settings
    calendar: MarketCalendar
    snapshots: SnapshotReader
    time_series: TimeSeriesReader
    analytics: AnalyticsReader
    ledger: TickLedger
    register: ShiftRegister
    control: RecorderSwitch
    source: SourceRegister
    schedule: Schedule | None
    now: Callable[[], datetime]
    log: Logger
    one_at_a_time: bool

    @property
    def route_class(self) -> type[APIRoute]:
        """Return how routes run: in threads, or in place where nothing else waits."""
        return InlineRoute if self.one_at_a_time else APIRoute


def connect(
    settings: Settings, schedule: Schedule | None = None, *, one_at_a_time: bool = False
) -> Dependencies:
    """Return the real parts for these settings; `one_at_a_time` as in Lambda.

    The database is opened when a route first asks it: the others do without.
    """
    database = rotating_database(RotatingClient(settings))
    return over(database, settings, schedule=schedule, one_at_a_time=one_at_a_time)


def unconnected(why: str) -> Dependencies:
    """Return parts over no database, which say why there is none wherever it is asked."""

    def nowhere() -> str:
        raise StoreUnavailable(why)

    settings = Settings()
    return over(rotating_database(RotatingClient(settings, nowhere)), settings, one_at_a_time=True)


def over(
    database: Database[Document],
    settings: Settings,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    schedule: Schedule | None = None,
    *,
    one_at_a_time: bool = False,
) -> Dependencies:
    """Return the parts over an open database."""
    snapshots = SnapshotReader(database, naive=True)
    return Dependencies(
        settings=settings,
        calendar=MarketCalendar(
            HolidayRegister(database),
            settings.market_hours,
            settings.market_special_sessions,
            now,
        ),
        snapshots=snapshots,
        time_series=TimeSeriesReader(database),
        analytics=AnalyticsReader(snapshots, settings.risk_free_rate),
        ledger=TickLedger(database),
        register=ShiftRegister(database),
        control=RecorderSwitch(database),
        source=SourceRegister(database, settings.nse_base_url),
        schedule=schedule,
        now=now,
        log=logger(settings.log_level),
        one_at_a_time=one_at_a_time,
    )
