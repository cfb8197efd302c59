"""Puts the recorder together, once in an execution environment."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from pymongo.database import Database

from chain_fetch.nse.client import NseClient
from chain_fetch.nse.lazy_session import HttpSession, LazyHttpSession
from chain_fetch.recording.backlog import Backlog
from chain_fetch.recording.calendar_watch import CalendarWatch
from chain_fetch.recording.clock import Clock, WallClock
from chain_fetch.recording.counting_warm_up import CountingWarmUp
from chain_fetch.recording.evening_agenda import EveningAgenda
from chain_fetch.recording.evening_read import EveningReader
from chain_fetch.recording.ingestion import Ingestion
from chain_fetch.recording.listed_expiries import ListedExpiries
from chain_fetch.recording.recorded_facts import RecordedFacts
from chain_fetch.recording.recorded_legs import RecordedLegs
from chain_fetch.recording.settlement_proof import SettlementProof
from chain_fetch.recording.shift import Agenda, ReadTick, Results
from chain_fetch.recording.source_backoff import SourceBackoff
from chain_fetch.recording.telemetry import Telemetry
from chain_fetch.recording.tick import TickReader
from chain_fetch.recording.trial_request import TrialRequest
from chain_fetch.recording.warm_up import WarmUp
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document
from optionchain.mongo.header_counts import HeaderCounts
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.listing_register import ListingRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.rotating_database import rotating_database
from optionchain.mongo.rotation import RotatingClient
from optionchain.mongo.settlement_register import SettlementRegister
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.source_register import SourceRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.mongo.underlying_register import UnderlyingRegister
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot

# So long at most a tick's proof of settled chains takes before it leaves the rest to the next tick,
# and at most a fifth of the interval: ticks come first.
_PROOF_SECONDS = 0.5
# How many requests may run at once. Each takes about a second at most.
_WORKERS = 8


def _one_thread() -> Executor:
    return ThreadPoolExecutor(1, thread_name_prefix="tick")


@dataclass(frozen=True)
class Dependencies:
    """What the handler works with. `close` is for callers who outlive it, as Lambda does not.

    `worker` makes what reads the ticks of one shift, one after another.
    """

    settings: Settings
    calendar: MarketCalendar
    market: Callable[[Sequence[str]], Market]
    warm_up: Callable[[], None]
    enabled: Callable[[], bool]
    register: ShiftRegister
    ledger: TickLedger
    backlog: Backlog
    backoff: SourceBackoff
    read: ReadTick
    agenda: Agenda
    telemetry: Telemetry
    clock: Clock
    worker: Callable[[], Executor] = _one_thread
    prove: Callable[[datetime, Results], None] = lambda tick, results: None  # noqa: ARG005
    close: Callable[[], None] = lambda: None


@cache
def wire() -> Dependencies:
    """Return the real parts, with the settings of the environment."""
    return connect(Settings.from_env())


def connect(settings: Settings, clock: Clock | None = None) -> Dependencies:
    """Return the real parts for these settings; nothing is sent before the first tick.

    Only a secret is read now: if it is missing or not a URI, SettingInvalid is raised.
    Every part reads the time from `clock`, which is the wall clock if none is given.
    """
    clock = clock or WallClock()
    client = RotatingClient(settings)
    client.open()
    session = LazyHttpSession(lambda: _nse_session(settings))
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="read")
    closing = ExitStack()
    for close in (client.close, session.close, pool.shutdown):
        closing.callback(close)
    deps = over(rotating_database(client), session, pool, settings, clock)
    return replace(deps, close=closing.close)


def over(
    database: Database[Document],
    session: LazyHttpSession,
    pool: Executor,
    settings: Settings,
    clock: Clock,
) -> Dependencies:
    """Return the parts over a database and an HTTP session; `pool` sends the requests of a tick."""
    source = NseClient(session, clock.now, UnderlyingRegister(database, settings.nse_base_url))
    calendar = MarketCalendar(
        HolidayRegister(database),
        settings.market_hours,
        settings.market_special_sessions,
        clock.now,
    )
    backoff = SourceBackoff(SourceRegister(database, settings.nse_base_url), clock.now)
    telemetry = Telemetry(settings.log_level)
    enabled = RecorderSwitch(database).enabled
    watch = CalendarWatch(calendar, source, _parse, backoff, telemetry, enabled, clock.now)
    ledger = TickLedger(database)
    snapshots = SnapshotWriter(database)
    listed = ListedExpiries(
        source,
        ListingRegister(database),
        TrialRequest(source, _parse, calendar.market),
        clock.now,
    )
    agenda = EveningAgenda(listed, snapshots, calendar.market)
    reader = TickReader(
        source=source,
        listed=listed,
        parse=_parse,
        ingestion=Ingestion(
            snapshots,
            ledger,
            settings.risk_free_rate,
            calendar.market,
            RecordedFacts(RecordedLegs(database)),
        ),
        pool=pool,
        nearest=settings.nse_expiries,
        interval=settings.nse_fetch_interval,
        requests_per_second=settings.nse_max_requests_per_second,
        now=clock.now,
    )
    warm_up = WarmUp(
        load=lambda: _load(session),
        indexes=Indexes(database, settings.retention_days, telemetry.warn_of_housekeeping),
        watch=watch,
    )
    return Dependencies(
        settings=settings,
        calendar=calendar,
        market=watch.market,
        warm_up=CountingWarmUp(warm_up, HeaderCounts(database), telemetry, clock.now),
        enabled=enabled,
        register=ShiftRegister(database),
        ledger=ledger,
        backlog=Backlog(),
        backoff=backoff,
        read=EveningReader(reader, agenda, evening_places(settings)).read,
        agenda=agenda,
        telemetry=telemetry,
        clock=clock,
        prove=SettlementProof(
            snapshots=snapshots,
            register=SettlementRegister(database),
            report=telemetry,
            market=calendar.market,
            now=clock.now,
            longest=timedelta(seconds=min(_PROOF_SECONDS, settings.nse_fetch_interval / 5)),
        ),
    )


# Ticks alone need pydantic, requests, the rate limiter and the option model, and loading them takes
# as long as loading all the rest. So functions import them, and a start outside of a session, when
# nothing is requested, does not pay for them.


def _load(session: LazyHttpSession) -> None:
    """Load what ticks need, while the invocation before this one is still on duty."""
    import chain_fetch.payload.parser  # noqa: F401, PLC0415
    import optionchain.analytics  # noqa: F401, PLC0415

    session.open()


def _nse_session(settings: Settings) -> HttpSession:
    from chain_fetch.nse.http_session import NseHttpSession  # noqa: PLC0415

    return NseHttpSession(
        settings.nse_base_url, settings.nse_max_requests_per_second, workers=_WORKERS
    )


def evening_places(settings: Settings) -> Callable[[float], bool]:
    """Return how the evening waits for a place: it sends a third of the requests, one at least."""

    @cache
    def take() -> Callable[[float], bool]:
        from chain_fetch.nse.request_budget import RequestBudget  # noqa: PLC0415

        return RequestBudget(max(settings.nse_max_requests_per_second // 3, 1)).take

    def take_place(deadline: float) -> bool:
        return take()(deadline)

    return take_place


def _parse(body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
    from chain_fetch.payload.parser import parse  # noqa: PLC0415

    return parse(body, symbol, fetched_at)
