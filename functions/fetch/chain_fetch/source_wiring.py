"""Puts each source together with what reads it: its budget, its lists, its waits."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from pymongo.database import Database

from chain_fetch.http.keyed_budgets import KeyedBudgets
from chain_fetch.http.lazy_session import HttpSession
from chain_fetch.http.promised_places import PromisedPlaces
from chain_fetch.http.request_budget import LEAST_SECONDS, RequestBudget
from chain_fetch.http.shared_timetable import SharedTimetable, Turn
from chain_fetch.http.window import Window
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.known_bodies import KnownBodies
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.budget.budget_demand import Demand
from chain_fetch.recording.budget.budget_plan import plan_of
from chain_fetch.recording.budget.budget_share import Share
from chain_fetch.recording.budget.budget_sharing import BudgetSharing
from chain_fetch.recording.budget.known_symbols import KnownSymbols
from chain_fetch.recording.budget.tick_budget import TickBudget, grant_all
from chain_fetch.recording.budget.turns import Turns
from chain_fetch.recording.evening.evening_agenda import EveningAgenda
from chain_fetch.recording.evening.evening_read import EveningReader
from chain_fetch.recording.evening.last_session import as_of_session
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.reports.expiry_ages import ExpiryAges
from chain_fetch.recording.shifts.shift_memory import ShiftMemory
from chain_fetch.recording.shifts.tick import TickReader
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.source_choice.source_reader import ReadTick
from chain_fetch.recording.source_choice.token_watch import WatchedToken
from chain_fetch.recording.source_choice.trial_request import TrialRequest
from chain_fetch.recording.ticks.clock import Clock, WallClock
from chain_fetch.source import (
    LotSizes,
    Places,
    SendsWholeBodies,
    Source,
    SourceModule,
    SourceParts,
    SourceTerms,
)
from chain_fetch.tokens.source_credentials import SourceCredentials
from chain_fetch.tokens.token_record import TokenRecord
from chain_fetch.tokens.token_store import TokenStore, token_store
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document
from optionchain.mongo.listing_register import ListingRegister
from optionchain.mongo.request_counts import RequestCounts, address_key
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.source_listings import SourceListings
from optionchain.mongo.source_register import SourceRegister, source_key
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.mongo.token_register import TokenRegister
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot

# How many requests may run at once. Each takes about a second at most.
WORKERS = 8
# How many snapshots are stored at once.
STORING = 4


@dataclass(frozen=True)
class ConnectedSource:
    """A source and what reads it."""

    name: str
    source: Source
    terms: SourceTerms
    trial: TrialRequest
    backoff: SourceBackoff
    agenda: EveningAgenda
    listed: ListedExpiries
    read: ReadTick
    read_last_session: ReadTick
    token: WatchedToken | None = None


@dataclass(frozen=True)
class SourceWiring:
    """What all sources of a recorder share; `session` takes the place of HTTP in a simulation.

    `pool` sends requests, and `storing` stores what they bring.
    """

    database: Database[Document]
    pool: Executor
    storing: Executor
    settings: Settings
    clock: Clock
    calendar: MarketCalendar
    session: HttpSession | None
    lots: LotSizes
    directory: SymbolDirectory

    @cached_property
    def ledger(self) -> TickLedger:
        """Return the ledger."""
        return TickLedger(self.database)

    @cached_property
    def sharing(self) -> BudgetSharing:
        """Return who shares the budgets with the present group of symbols."""
        known = KnownSymbols(ShiftRegister(self.database), self.clock.now)
        return BudgetSharing(self.directory.at_hand, known, self.settings)

    def planned(self) -> Sequence[str]:
        """Return the symbols of the plan that was made last."""
        return self.directory.at_hand().symbols

    @cached_property
    def snapshots(self) -> SnapshotWriter:
        """Return the writer of snapshots."""
        return SnapshotWriter(self.database)

    @cached_property
    def turns(self) -> Turns:
        """Return whose turn it is, in the ticks of all sources."""
        return Turns()

    @cached_property
    def ages(self) -> ExpiryAges:
        """Return when each expiry was answered last, by any source."""
        return ExpiryAges()

    def memory(self, lists: Sequence[ListedExpiries]) -> ShiftMemory:
        """Return what the recorder remembers from tick to tick."""
        return ShiftMemory(self.turns, self.ages, self.ledger, self.snapshots, lists)

    def connect(self, name: str, module: SourceModule) -> ConnectedSource:
        """Put one source together with what reads it."""
        settings, now = self.settings, self.clock.now
        terms = module.terms(settings)
        credentials = self._credentials(name, terms)
        budget = self._budget(name, terms)
        source = module.open_source(self._source_parts(budget, credentials))
        trial = TrialRequest(source, source.parse, self.calendar.market)
        listings = SourceListings(ListingRegister(self.database), name, settings.source)
        listed = ListedExpiries(source, listings, trial, now)
        agenda = EveningAgenda(listed, self.snapshots, self.calendar.market)
        reader = TickReader(
            source=source,
            listed=listed,
            parse=source.parse,
            ingestion=Ingestion(
                self.snapshots,
                self.ledger,
                settings.risk_free_rate,
                self.calendar.market,
                RecordedFacts(RecordedLegs(self.database), self.lots),
            ),
            pool=self.pool,
            nearest=settings.nse_expiries,
            interval=settings.nse_fetch_interval,
            budget=self._tick_budget(terms, budget),
            turns=self.turns,
            ages=self.ages,
            now=now,
            bodies=KnownBodies() if isinstance(source, SendsWholeBodies) else None,
            storing=self.storing,
        )
        backoff = SourceBackoff(SourceRegister(self.database, source_key(name, settings)), now)
        return ConnectedSource(
            name,
            source,
            terms,
            trial,
            backoff,
            agenda,
            listed,
            EveningReader(reader, agenda, self._evening(terms)).read,
            self._late(reader).read,
            WatchedToken(name, credentials, backoff) if terms.warns_before else None,
        )

    def _late(self, reader: TickReader) -> TickReader:
        """Return a reader that stores what it reads as of the last session, and remembers none."""

        def parse(body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
            found = reader.parse(body, symbol, fetched_at)
            return as_of_session(found, self.calendar.market())

        return replace(reader, parse=parse, turns=Turns(), ages=ExpiryAges(), bodies=None)

    @cached_property
    def _tokens(self) -> TokenStore:
        return token_store(self.settings)

    def _credentials(self, name: str, terms: SourceTerms) -> SourceCredentials:
        record = TokenRecord(
            name, TokenRegister(self.database), terms.warns_before or timedelta(), self.clock.now
        )
        return SourceCredentials(record, self._tokens, self.clock.monotonic)

    def _evening(self, terms: SourceTerms) -> Callable[[float], bool]:
        """Return how the evening waits for a place; a simulation in memory sends no request."""
        if self.session is not None:
            return lambda deadline: True  # noqa: ARG005
        return evening_places(terms.windows, lambda: self._share(terms).of)

    def _budget(self, name: str, terms: SourceTerms) -> KeyedBudgets:
        """Return the budget of the account, or that of the address of the present group."""
        counts = RequestCounts(self.database)
        # An address is real, and so is its time, also where the recorder's clock is simulated.
        now = WallClock().now if terms.by_address else self.clock.now

        def turn() -> Turn:
            share = self._share(terms)
            return Turn(share.number, share.of)

        def make(key: str) -> RequestBudget:
            shared = SharedTimetable(key, terms.windows, counts, now, turn)
            # Of an address nothing is lost by a request that comes too late for its tick.
            least = 0.0 if terms.by_address else LEAST_SECONDS
            return RequestBudget(terms.windows, PromisedPlaces(shared), least_seconds=least)

        if terms.by_address:
            return KeyedBudgets(lambda: address_key(name, self.sharing.address()), make)
        return KeyedBudgets(lambda: name, make)

    def _share(self, terms: SourceTerms) -> Share:
        return self.sharing.of_address() if terms.by_address else self.sharing.of_account()

    def _tick_budget(self, terms: SourceTerms, budget: KeyedBudgets) -> TickBudget:
        """Return the budget as ticks see it; a simulation in memory has all it asks for."""
        settings = self.settings
        demand = Demand(1, settings.nse_fetch_interval, settings.nse_expiries)
        reserve = grant_all if self.session is not None else budget.reserve
        return TickBudget(plan_of(terms, demand), reserve, lambda: self._share(terms))

    def _source_parts(self, budget: Places, credentials: SourceCredentials) -> SourceParts:
        return SourceParts(
            settings=self.settings,
            symbols=self.planned,
            database=self.database,
            now=self.clock.now,
            lots=self.lots,
            credentials=credentials,
            places=lambda: budget,
            workers=WORKERS,
            session=self.session,
        )


def evening_places(
    windows: Sequence[Window], sharers: Callable[[], int] = lambda: 1
) -> Callable[[float], bool]:
    """Return how the evening waits for a place: it sends a third of the requests, one at least.

    As many recorders as share the budget take so much longer for them.
    """

    def make(key: str) -> RequestBudget:
        thirds = [Window(max(each.requests // 3, 1), each.seconds * int(key)) for each in windows]
        return RequestBudget(thirds)

    return KeyedBudgets(lambda: str(sharers()), make).take
