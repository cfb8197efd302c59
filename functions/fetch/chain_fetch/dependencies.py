"""Puts the recorder together, once in an execution environment."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from pymongo.database import Database

from chain_fetch.http.lazy_session import HttpSession
from chain_fetch.recording.evening.last_session import LastSession
from chain_fetch.recording.evening.source_agenda import AgendaOfSources
from chain_fetch.recording.lists.contract_master import ContractMaster
from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.source_switches import SourceSwitches
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.shifts.closed_quarters import CountingWarmUp
from chain_fetch.recording.shifts.shift import Agenda
from chain_fetch.recording.shifts.shift_memory import ShiftMemory
from chain_fetch.recording.shifts.warm_up import WarmUp
from chain_fetch.recording.source_choice.cross_check import CrossCheck
from chain_fetch.recording.source_choice.source_reader import Results, SourceOrder, SourceReader
from chain_fetch.recording.source_choice.token_watch import TokenWatch
from chain_fetch.recording.ticks.clock import Clock, WallClock
from chain_fetch.source import Source, SourceModule
from chain_fetch.source_settings import check_source_settings
from chain_fetch.source_wiring import STORING, WORKERS, SourceWiring
from chain_fetch.sources import source_modules
from chain_fetch.watch_wiring import (
    budget_report,
    calendar_watches,
    contract_watch,
    cross_check_of,
    indexes_of,
    last_session,
    seal_watch,
    settlement_proof,
    symbol_watch,
)
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar
from optionchain.misspelt_settings import misspelt_settings, misspelt_text
from optionchain.mongo.client import Document
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.header_counts import HeaderCounts
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings


def _one_thread() -> Executor:
    return ThreadPoolExecutor(1, thread_name_prefix="tick")


@dataclass(frozen=True)
class Dependencies:
    """What the handler works with. `close` is for callers who outlive it, as Lambda does not.

    `symbols` says which symbols are recorded, and when the ticks of each are due. `memory` keeps
    whose turn it is when not all have a place.
    `worker` makes what reads the ticks of one shift, one after another. `watch_tokens` looks once
    an invocation whether the tokens of the sources still hold, and `watch_symbols` whether the list
    of symbols of today is due. `watch_contracts` has the lists of
    contracts read that nobody has read today. `watch_seals` counts in the evening what the archive
    lacks. `last_session` reads the end of a session once while the market is closed. `serve` is
    told first which symbols an invocation records, and its group among several: they share the
    request budgets. `check_budget` raises SettingInvalid if a source cannot carry these symbols,
    and `publish_budget` says what it can.
    """

    settings: Settings
    symbols: SymbolDirectory
    calendar: MarketCalendar
    market: Callable[[Sequence[str]], Market]
    warm_up: Callable[[], None]
    enabled: Callable[[], bool]
    register: ShiftRegister
    ledger: TickLedger
    backlog: Backlog
    sources: SourceOrder
    agenda: Agenda
    telemetry: Telemetry
    clock: Clock
    memory: ShiftMemory | None = None
    worker: Callable[[], Executor] = _one_thread
    watch_tokens: Callable[[], None] = lambda: None
    watch_symbols: Callable[[], None] = lambda: None
    prove: Callable[[datetime, Results], None] = lambda tick, results: None  # noqa: ARG005
    cross_check: CrossCheck | None = None
    watch_contracts: Callable[[Sequence[str], Market], None] = lambda symbols, market: None  # noqa: ARG005
    watch_seals: Callable[[Market], None] = lambda market: None  # noqa: ARG005
    last_session: LastSession | None = None
    serve: Callable[[Sequence[str], int, int], None] = lambda symbols, group, groups: None  # noqa: ARG005
    check_budget: Callable[[Sequence[str]], None] = lambda symbols: None  # noqa: ARG005
    publish_budget: Callable[[Sequence[str]], None] = lambda symbols: None  # noqa: ARG005
    close: Callable[[], None] = lambda: None


@cache
def wire() -> Dependencies:
    """Return the real parts, with the settings of the environment."""
    deps = connect(Settings.from_env())
    for name, near in misspelt_settings(os.environ).items():
        deps.telemetry.warn_of_setting(misspelt_text(name, near))
    return deps


def connect(
    settings: Settings,
    clock: Clock | None = None,
    modules: Mapping[str, SourceModule] | None = None,
) -> Dependencies:
    """Return the real parts for these settings; nothing is sent before the first tick.

    Only a secret is read now: if it is missing or not a URI, SettingInvalid is raised.
    Every part reads the time from `clock`, which is the wall clock if none is given. `modules` take
    the place of the sources that the settings name.
    """
    clock = clock or WallClock()
    client = RotatingClient(settings)
    client.open()
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="read")
    storing = ThreadPoolExecutor(STORING, thread_name_prefix="store")
    deps = over(rotating_database(client), pool, settings, clock, modules=modules, storing=storing)
    closing = ExitStack()
    for close in (client.close, deps.close, storing.shutdown, pool.shutdown):
        closing.callback(close)
    return replace(deps, close=closing.close)


def over(
    database: Database[Document],
    pool: Executor,
    settings: Settings,
    clock: Clock,
    session: HttpSession | None = None,
    modules: Mapping[str, SourceModule] | None = None,
    storing: Executor | None = None,
) -> Dependencies:
    """Return the parts over a database; `pool` sends the requests of a tick.

    `storing` stores what they bring, else `pool` does that as well.

    `session` takes the place of HTTP where a market is simulated in memory, and `modules` that of
    the sources that the settings name.
    """
    check_source_settings(settings)
    calendar = MarketCalendar(
        HolidayRegister(database),
        settings.market_hours,
        settings.market_special_sessions,
        clock.now,
    )
    telemetry = Telemetry(settings.log_level)
    master = ContractMaster(ContractRegister(database), clock.now)
    directory = SymbolDirectory(settings, SymbolListRegister(database), clock.now)
    storing = storing or pool
    parts = SourceWiring(
        database, pool, storing, settings, clock, calendar, session, master, directory
    )
    modules = modules or source_modules(settings.source)
    sources = [parts.connect(name, module) for name, module in modules.items()]
    order = SourceOrder(
        [SourceReader(each.name, each.read, each.backoff) for each in sources],
        SourceSwitches(parts.ledger),
    )
    enabled = RecorderSwitch(database).enabled
    watch = calendar_watches(sources, calendar, telemetry, enabled, clock.now)
    warm_up = WarmUp(
        load=lambda: _load(each.source for each in sources),
        indexes=indexes_of(database, settings, telemetry),
        watch=watch,
    )
    budget = budget_report(sources, parts, telemetry)
    closing = ExitStack()
    for each in sources:
        closing.callback(each.source.close)
    return Dependencies(
        settings=settings,
        symbols=directory,
        calendar=calendar,
        market=watch.market,
        warm_up=CountingWarmUp(
            warm_up, HeaderCounts(database), SymbolDays(database), telemetry, clock.now
        ),
        enabled=enabled,
        register=ShiftRegister(database),
        ledger=parts.ledger,
        backlog=Backlog(),
        sources=order,
        memory=parts.memory([each.listed for each in sources]),
        agenda=AgendaOfSources(order, {each.name: each.agenda for each in sources}),
        telemetry=telemetry,
        clock=clock,
        watch_tokens=TokenWatch(
            [each.token for each in sources if each.token], telemetry, clock.now
        ),
        prove=settlement_proof(parts, telemetry),
        watch_contracts=contract_watch(sources, parts, master, telemetry, enabled).look,
        watch_symbols=symbol_watch(sources, parts, telemetry, enabled),
        last_session=last_session(sources, parts, enabled),
        watch_seals=seal_watch(database, settings, telemetry, clock.now),
        serve=parts.sharing.serve,
        check_budget=budget.check,
        publish_budget=budget.publish,
        cross_check=cross_check_of(sources, parts, telemetry),
        close=closing.close,
    )


def _load(sources: Iterable[Source]) -> None:
    """Load what ticks need, while the invocation before this one is still on duty."""
    import optionchain.analytics  # noqa: F401, PLC0415

    for source in sources:
        source.open()
