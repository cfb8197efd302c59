"""Puts together what watches the sources and the calendar beside the ticks."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pymongo.database import Database

from chain_fetch.contract_wiring import list_readers
from chain_fetch.recording.budget.budget_report import BudgetReport
from chain_fetch.recording.evening.last_session import LastSession
from chain_fetch.recording.evening.seal_watch import SealWatch
from chain_fetch.recording.evening.settlement_proof import SettlementProof
from chain_fetch.recording.lists.calendar_sources import (
    CalendarWatches,
    HolidayList,
    ListsOfSources,
)
from chain_fetch.recording.lists.calendar_watch import CalendarWatch
from chain_fetch.recording.lists.contract_master import ContractMaster
from chain_fetch.recording.lists.contract_watch import ContractWatch
from chain_fetch.recording.lists.symbol_evidence import AskedSource
from chain_fetch.recording.lists.symbol_list_reader import SymbolListReader
from chain_fetch.recording.lists.symbol_watch import SymbolWatch
from chain_fetch.recording.lists.traded_value import TradedValue
from chain_fetch.recording.reports.source_switches import SourceSwitches
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.source_choice.cross_check import CrossCheck, Peer
from chain_fetch.recording.source_choice.source_reader import SourceOrder, SourceReader
from chain_fetch.source import ListsContracts, ListsSymbols
from chain_fetch.source_wiring import ConnectedSource, SourceWiring
from optionchain.archive.object_stores import place_of
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document
from optionchain.mongo.disagreement_register import DisagreementRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.request_counts import RequestCounts
from optionchain.mongo.retention_wait import RetentionWait
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.settlement_register import SettlementRegister
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.mongo.unsealed_days import UnsealedDays
from optionchain.mongo.wait_register import WaitRegister
from optionchain.settings import Settings

# So long at most a tick's proof of settled chains takes before it leaves the rest to the next tick,
# and at most a fifth of the interval: ticks come first.
_PROOF_SECONDS = 0.5


def cross_check_of(
    sources: Sequence[ConnectedSource], parts: SourceWiring, telemetry: Telemetry
) -> CrossCheck | None:
    """Return what compares two sources; None unless the settings ask for it."""
    if not parts.settings.cross_check:
        return None
    return CrossCheck(
        peers=[Peer(each.name, each.source, each.backoff) for each in sources],
        snapshots=parts.snapshots,
        register=DisagreementRegister(parts.database),
        lots=parts.lots,
        report=telemetry,
        market=parts.calendar.market,
        now=parts.clock.now,
    )


def calendar_watches(
    sources: Sequence[ConnectedSource],
    calendar: MarketCalendar,
    telemetry: Telemetry,
    enabled: Callable[[], bool],
    now: Callable[[], datetime],
) -> CalendarWatches:
    """Return what doubts the calendar by each of the sources."""
    lists = [
        HolidayList(each.source, each.backoff) for each in sources if each.terms.lists_holidays
    ]
    watches = [
        CalendarWatch(
            calendar,
            ListsOfSources(each.source, lists),
            each.source.parse,
            each.backoff,
            telemetry,
            enabled,
            now,
        )
        for each in sources
    ]
    return CalendarWatches(watches)


def settlement_proof(parts: SourceWiring, telemetry: Telemetry) -> SettlementProof:
    """Return what proves the settled chains of the day before."""
    interval = parts.settings.nse_fetch_interval
    return SettlementProof(
        snapshots=parts.snapshots,
        register=SettlementRegister(parts.database),
        report=telemetry,
        market=parts.calendar.market,
        now=parts.clock.now,
        longest=timedelta(seconds=min(_PROOF_SECONDS, interval / 5)),
    )


def indexes_of(database: Database[Document], settings: Settings, telemetry: Telemetry) -> Indexes:
    """Return the indexes of the database, whose documents wait for the archive if there is one."""
    wait = RetentionWait(
        database,
        settings.retention_days,
        has_archive=settings.archive_url is not None,
        archive=archive_of(settings),
        report=telemetry,
    )
    return Indexes(
        database, settings.retention_days, telemetry.warn_of_housekeeping, wait.extra_days
    )


def archive_of(settings: Settings) -> str | None:
    """Return the name of the archive, None without any; it is not opened."""
    return settings.archive_url and place_of(settings.archive_url)


def seal_watch(
    database: Database[Document],
    settings: Settings,
    telemetry: Telemetry,
    now: Callable[[], datetime],
) -> Callable[[Market], None]:
    """Return what counts in the evening which sessions are not sealed; nothing without archive."""
    if settings.archive_url is None:
        return lambda market: None  # noqa: ARG005
    return SealWatch(
        days=UnsealedDays(database, archive_of(settings)),
        seals=SealRegister(database, archive_of(settings)),
        register=WaitRegister(database),
        report=telemetry,
        now=now,
    )


def last_session(
    sources: Sequence[ConnectedSource], parts: SourceWiring, enabled: Callable[[], bool]
) -> LastSession:
    """Return what reads the last session once while the market is closed."""
    readers = [SourceReader(each.name, each.read_last_session, each.backoff) for each in sources]
    seals = SealRegister(parts.database, archive_of(parts.settings))

    def is_sealed(symbol: str, opened: datetime) -> bool:
        day = exchange_date(opened)
        return bool(parts.settings.archive_url and seals.of_days(day, day, [symbol]))

    return LastSession(
        sources=SourceOrder(readers, SourceSwitches(parts.ledger)),
        headers=parts.snapshots,
        days=SymbolDays(parts.database),
        register=ShiftRegister(parts.database),
        ledger=parts.ledger,
        clock=parts.clock,
        enabled=enabled,
        is_sealed=is_sealed,
        kept=timedelta(days=parts.settings.retention_days),
    )


def contract_watch(
    sources: Sequence[ConnectedSource],
    parts: SourceWiring,
    master: ContractMaster,
    telemetry: Telemetry,
    enabled: Callable[[], bool],
) -> ContractWatch:
    """Return what has the lists of contracts read; none of the real ones in a simulation."""
    by_name = {each.name: each.source for each in sources}
    return ContractWatch(
        readers=list_readers(parts.settings, by_name, simulated=parts.session is not None),
        master=master,
        telemetry=telemetry,
        enabled=enabled,
        now=parts.clock.now,
        pool=parts.pool,
    )


def symbol_watch(
    sources: Sequence[ConnectedSource],
    parts: SourceWiring,
    telemetry: Telemetry,
    enabled: Callable[[], bool],
) -> SymbolWatch:
    """Return what has the list of symbols read, by the first source that sends a good one."""
    asked = [
        AskedSource(
            each.name,
            each.source,
            each.trial,
            each.backoff,
            list_is_file=isinstance(each.source, ListsContracts),
        )
        for each in sources
        if isinstance(each.source, ListsSymbols)
    ]
    market, now, directory = parts.calendar.market, parts.clock.now, parts.directory
    facts = TradedValue(parts.database)
    reader = SymbolListReader(asked, directory.register, facts, market, telemetry, now)
    return SymbolWatch(directory, reader, market, telemetry, enabled, now, parts.pool)


def budget_report(
    sources: Sequence[ConnectedSource], parts: SourceWiring, telemetry: Telemetry
) -> BudgetReport:
    """Return what says which ticks the budgets of the sources carry."""
    return BudgetReport(
        terms={each.name: each.terms for each in sources},
        settings=parts.settings,
        counts=RequestCounts(parts.database),
        sharing=parts.sharing,
        log=telemetry.logger,
        now=parts.clock.now,
    )
