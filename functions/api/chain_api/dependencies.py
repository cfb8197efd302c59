"""What the routes work with. Put together once in an execution environment of Lambda."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from aws_lambda_powertools import Logger
from pymongo.database import Database

from chain_api.archive.all_disagreements import AllDisagreements
from chain_api.archive.all_listings import AllListings
from chain_api.archive.all_recorded_days import AllRecordedDays
from chain_api.archive.all_series import AllSeries
from chain_api.archive.all_settlements import AllSettlements
from chain_api.archive.all_shifts import AllShifts
from chain_api.archive.all_snapshots import AllSnapshots
from chain_api.archive.all_stops import AllStops
from chain_api.archive.all_ticks import AllTicks
from chain_api.archive.cold_days import ColdDays
from chain_api.aws.schedule import Schedule
from chain_api.middleware.request_log import logger
from chain_api.store.analytics import AnalyticsReader
from chain_api.store.header_totals import HeaderTotals
from chain_api.store.known_doubts import KnownDoubts
from chain_api.store.known_listings import KnownListings
from chain_api.store.listing_history import ListingHistory
from chain_api.store.recorded_days import RecordedDayReader
from chain_api.store.symbol_days import SymbolDayReader
from chain_api.store.terms_of_today import TermsOfToday
from chain_api.store.tick_summary import TickSummary
from chain_api.store.ticks_today import TicksToday
from chain_api.store.time_series import TimeSeriesReader
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.object_store import ObjectStore
from optionchain.archive.object_stores import open_store, place_of
from optionchain.errors import StoreUnavailable
from optionchain.market_calendar import MarketCalendar
from optionchain.misspelt_settings import misspelt_settings, misspelt_text
from optionchain.mongo.client import Document
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.day_stops import DayStops
from optionchain.mongo.disagreement_register import DisagreementRegister
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.housekeeping_register import HousekeepingRegister
from optionchain.mongo.listing_register import ListingRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.request_counts import RequestCounts
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.settlement_register import SettlementRegister
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.source_register import SourceRegister, source_key
from optionchain.mongo.storage_reader import StorageReader
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.mongo.token_register import TokenRegister
from optionchain.mongo.unsealed_days import UnsealedDays
from optionchain.mongo.wait_register import WaitRegister
from optionchain.settings import Settings

# A bucket that says nothing is asked again while the request still has time.
_ARCHIVE_READ_SECONDS = 4.0


@dataclass(frozen=True)
class Dependencies:
    """The parts behind the routes.

    `now` returns the time in UTC. `schedule` is None outside AWS. `one_at_a_time` says that the
    environment has one request at a time, as in Lambda. `source_registers` are by source, in the
    order in which the recorder prefers them. `cold` and `without_archive` are None without an
    archive. `misspelt_settings` are variables that look like settings, with the nearest right name.
    """

    settings: Settings
    symbols: SymbolDirectory
    calendar: MarketCalendar
    cold: ColdDays | None
    snapshots: SnapshotReader
    header_totals: HeaderTotals
    time_series: TimeSeriesReader
    recorded_days: RecordedDayReader
    analytics: AnalyticsReader
    listings: ListingRegister
    known_listings: KnownListings
    listing_history: ListingHistory
    symbol_days: SymbolDayReader
    ledger: TickLedger
    tick_summary: TickSummary
    ticks_today: TicksToday
    settlements: SettlementRegister
    contract_lists: ContractRegister
    terms: TermsOfToday
    disagreements: DisagreementRegister
    doubts: KnownDoubts
    shifts: ShiftRegister
    recorder_switch: RecorderSwitch
    day_stops: DayStops
    housekeeping: HousekeepingRegister
    storage: StorageReader
    source_registers: Mapping[str, SourceRegister]
    tokens: TokenRegister
    request_counts: RequestCounts
    seals: SealRegister
    unsealed_days: UnsealedDays
    retention_waits: WaitRegister
    schedule: Schedule | None
    now: Callable[[], datetime]
    log: Logger
    one_at_a_time: bool
    without_archive: "Dependencies | None" = None
    misspelt_settings: Mapping[str, str | None] = field(default_factory=dict)

    def noting(self, variables: Iterable[str]) -> "Dependencies":
        """Return the same parts, which know the misspelt settings among these variables."""
        found = misspelt_settings(variables)
        for name, near in found.items():
            self.log.warning("setting_unknown", extra={"detail": misspelt_text(name, near)})
        recent = self.without_archive and replace(self.without_archive, misspelt_settings=found)
        return replace(self, misspelt_settings=found, without_archive=recent)

    @property
    def recent(self) -> "Dependencies":
        """Return the same parts, but those that read MongoDB alone: for what is about now."""
        return self.without_archive or self


def connect(
    settings: Settings, schedule: Schedule | None = None, *, one_at_a_time: bool = False
) -> Dependencies:
    """Return the real parts for these settings.

    The database is opened when a route first needs it, because some routes never do.
    """
    database = rotating_database(RotatingClient(settings))
    return over(database, settings, schedule=schedule, one_at_a_time=one_at_a_time)


def without_database(why: str) -> Dependencies:
    """Return parts without a database; each use of it raises StoreUnavailable with this reason."""

    def no_uri() -> str:
        raise StoreUnavailable(why)

    settings = Settings()
    return over(rotating_database(RotatingClient(settings, no_uri)), settings, one_at_a_time=True)


def over(
    database: Database[Document],
    settings: Settings,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    schedule: Schedule | None = None,
    *,
    one_at_a_time: bool = False,
    archive: ObjectStore | None = None,
) -> Dependencies:
    """Return the parts over an open database, and over an archive: by default the settings' one."""
    listings, snapshots = ListingRegister(database), SnapshotReader(database, naive=True)
    place = settings.archive_url and place_of(settings.archive_url)
    recent = Dependencies(
        settings=settings,
        symbols=SymbolDirectory(settings, SymbolListRegister(database), now),
        calendar=MarketCalendar(
            HolidayRegister(database),
            settings.market_hours,
            settings.market_special_sessions,
            now,
        ),
        cold=None,
        snapshots=snapshots,
        header_totals=HeaderTotals(database),
        time_series=TimeSeriesReader(database),
        recorded_days=RecordedDayReader(database),
        analytics=AnalyticsReader(snapshots, settings.risk_free_rate),
        listings=listings,
        known_listings=KnownListings(listings, now),
        listing_history=ListingHistory(listings, now),
        symbol_days=SymbolDayReader(database),
        ledger=TickLedger(database),
        tick_summary=TickSummary(database),
        ticks_today=TicksToday(database),
        settlements=SettlementRegister(database),
        contract_lists=ContractRegister(database),
        terms=TermsOfToday(ContractRegister(database), now),
        disagreements=DisagreementRegister(database),
        doubts=KnownDoubts(database, settings.nse_base_url, now),
        shifts=ShiftRegister(database),
        recorder_switch=RecorderSwitch(database),
        day_stops=DayStops(database),
        housekeeping=HousekeepingRegister(database),
        storage=StorageReader(database),
        source_registers={
            name: SourceRegister(database, source_key(name, settings)) for name in settings.source
        },
        tokens=TokenRegister(database),
        request_counts=RequestCounts(database),
        seals=SealRegister(database, place),
        unsealed_days=UnsealedDays(database, place),
        retention_waits=WaitRegister(database),
        schedule=schedule,
        now=now,
        log=logger(settings.log_level),
        one_at_a_time=one_at_a_time,
    )
    cold = _cold_days(database, settings, now, archive)
    return _with_archive(recent, database, cold) if cold else recent


def _with_archive(
    recent: Dependencies, database: Database[Document], cold: ColdDays
) -> Dependencies:
    """Return the parts that read cold days too."""
    snapshots = AllSnapshots(database, cold)
    return replace(
        recent,
        cold=cold,
        snapshots=snapshots,
        time_series=AllSeries(database, cold),
        recorded_days=AllRecordedDays(database, cold),
        analytics=AnalyticsReader(snapshots, recent.settings.risk_free_rate),
        listing_history=AllListings(recent.listings, recent.now, cold),
        ledger=AllTicks(database, cold),
        settlements=AllSettlements(database, cold),
        disagreements=AllDisagreements(database, cold),
        shifts=AllShifts(database, cold),
        day_stops=AllStops(database, cold),
        without_archive=recent,
    )


def _cold_days(
    database: Database[Document],
    settings: Settings,
    now: Callable[[], datetime],
    archive: ObjectStore | None,
) -> ColdDays | None:
    """Return the days of an archive, or of the one that the settings name; None without any."""
    if archive is None and settings.archive_url is not None:
        archive = open_store(settings.archive_url, read_seconds=_ARCHIVE_READ_SECONDS)
    if archive is None:
        return None
    return ColdDays(ArchiveReader(archive), database, settings.retention_days, now)
