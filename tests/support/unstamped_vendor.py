"""A vendor without time stamps in simulated time, read by the real parts of the recorder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from chain_fetch.http.window import Window
from chain_fetch.recording.evening.settlement_proof import SettlementProof
from chain_fetch.recording.lists.contract_master import ContractMaster
from chain_fetch.recording.reports.ledger_entry import LedgerEntry, completed_entry
from chain_fetch.refused import Refused
from chain_fetch.source import SourceParts, SourceTerms
from chain_fetch.source_wiring import ConnectedSource, SourceWiring
from local.run.simulated_time import InlineExecutor
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.settlement_register import Settlement, SettlementRegister
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from tests.support.bodies import EXPIRY
from tests.support.fakes import SimulatedClock
from tests.support.mongomock_database import AnyDatabase
from tests.support.settings import changed
from tests.support.two_sources import State

SYMBOL = "NIFTY"


@dataclass
class Vendor:
    """A source and its module at once: it answers the state that `shown` names at an instant."""

    now: Callable[[], datetime]
    shown: Callable[[datetime], State]
    show: Callable[[State, datetime], Snapshot]
    refuses: bool = False

    def terms(self, settings: Settings) -> SourceTerms:  # noqa: ARG002
        """Return what the vendor allows."""
        return SourceTerms(windows=(Window(50, 1),))

    def open_source(self, parts: SourceParts) -> "Vendor":  # noqa: ARG002
        """Return itself."""
        return self

    def open(self) -> None:
        """Do nothing."""

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return the one expiry that there is."""
        assert (symbol, deadline > 0) == (SYMBOL, True)
        return [EXPIRY]

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return nothing but that there is an answer: the state of now."""
        assert (symbol, expiry, deadline > 0) == (SYMBOL, EXPIRY, True)
        if self.refuses:
            raise Refused("blocked", "403")
        return b"now"

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        """Return the snapshot of now."""
        assert (body, symbol) == (b"now", SYMBOL)
        return self.show(self.shown(self.now()), fetched_at)

    def holidays(self, deadline: float) -> frozenset[date]:
        """Return none."""
        assert deadline > 0
        return frozenset()

    def close(self) -> None:
        """Do nothing."""


@dataclass
class VendorRecorder:
    """The real reader of each source, over one database; `entries` is what the ledger says."""

    database: AnyDatabase
    clock: SimulatedClock
    entries: list[LedgerEntry] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)

    def __post_init__(self) -> None:
        now, market = self.clock.now, Market()
        calendar = MarketCalendar(HolidayRegister(self.database), "exchange", {}, now)
        settings = changed(Settings(), nse_symbols=(SYMBOL,), nse_fetch_interval=60)
        self._wiring = SourceWiring(
            self.database,
            InlineExecutor(),
            InlineExecutor(),
            settings,
            self.clock,
            calendar,
            None,
            ContractMaster(ContractRegister(self.database), now),
            SymbolDirectory(settings, SymbolListRegister(self.database), now),
        )
        self._prove = SettlementProof(
            snapshots=self._wiring.snapshots,
            register=SettlementRegister(self.database),
            report=self,
            market=lambda: market,
            now=now,
            longest=timedelta(seconds=1),
        )

    def connect(self, sources: Mapping[str, Vendor]) -> dict[str, ConnectedSource]:
        """Return the readers of sources by name."""
        return {name: self._wiring.connect(name, source) for name, source in sources.items()}

    def read(self, source: ConnectedSource, ticks: Sequence[datetime]) -> None:
        """Read ticks by a source, one after another, as a shift does."""
        for tick in ticks:
            self.clock.sleep((tick - self.clock.now()).total_seconds())
            results = source.read([SYMBOL], tick)
            if not results[SYMBOL]:  # nothing of the evening is left to read
                continue
            entry = completed_entry(tick, self.clock.now(), results[SYMBOL])
            self._wiring.ledger.claim(SYMBOL, tick, source.name, tick)
            self._wiring.ledger.record(SYMBOL, tick, entry)
            self.entries.append(entry)
            self._prove(tick, results)

    def report_settlement(self, settlement: Settlement) -> None:
        """Keep what became of a settled chain."""
        self.settlements.append(settlement)

    def warn_of_settlement(self, detail: str) -> None:
        """Fail: the database is never away here."""
        raise AssertionError(detail)
