"""Puts the archive function together, once in an execution environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from pymongo.database import Database

from chain_archive.due_days import DueDays
from chain_archive.patience import Patience
from chain_archive.telemetry import Telemetry
from optionchain.archive.object_store import ObjectStore
from optionchain.archive.object_stores import open_store, place_of
from optionchain.errors import SettingInvalid
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.retention_wait import RetentionWait
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.settings import Settings


@dataclass(frozen=True)
class Dependencies:
    """What the handler works with. `keep` sets how long MongoDB keeps what is not sealed."""

    database: Database[Document]
    store: ObjectStore
    due: DueDays
    keep: Callable[[], None]
    telemetry: Telemetry
    now: Callable[[], datetime]
    patience: Patience


@cache
def wire() -> Dependencies:
    """Return the real parts, with the settings of the environment; raise SettingInvalid."""
    return connect(Settings.from_env())


def connect(settings: Settings) -> Dependencies:
    """Return the real parts for these settings; only a secret is read now."""
    client = RotatingClient(settings)
    client.open()
    return over(rotating_database(client), settings, lambda: datetime.now(UTC))


def over(
    database: Database[Document],
    settings: Settings,
    now: Callable[[], datetime],
    store: ObjectStore | None = None,
    patience: Patience | None = None,
) -> Dependencies:
    """Return the parts over a database; `store` takes the place of the one of ARCHIVE_URL."""
    if settings.archive_url is None:
        raise SettingInvalid("ARCHIVE_URL", None, "must name a folder or a bucket to seal days in")
    store = store or open_store(settings.archive_url)
    archive = place_of(store.url)
    patience = patience or Patience()
    calendar = MarketCalendar(
        HolidayRegister(database), settings.market_hours, settings.market_special_sessions, now
    )
    telemetry = Telemetry(settings.log_level)
    wait = RetentionWait(
        database,
        settings.retention_days,
        has_archive=True,
        archive=archive,
        report=telemetry,
        all_days=True,
    )
    indexes = Indexes(
        database, settings.retention_days, telemetry.warn_of_housekeeping, wait.extra_days
    )
    return Dependencies(
        database=database,
        store=store,
        due=DueDays(database, calendar.market, now, patience, archive),
        keep=indexes.ensure,
        telemetry=telemetry,
        now=now,
        patience=patience,
    )
