"""The real recorder in simulated time, over real HTTP and a real mongod.

Each execution environment is a `Recorder`. All share the clock, the exchange and the database.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast, get_args

import orjson

from chain_fetch.dependencies import Dependencies
from chain_fetch.handler import lambda_handler
from chain_fetch.source import SourceModule
from local.nse_simulator.listing import Listing
from local.nse_simulator.market import Market, SimulatedMarket
from local.nse_simulator.server import Exchange
from local.nse_simulator.v3_format import JsonObject, Kind
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.source_register import SOURCE
from optionchain.mongo.tick_ledger import Outcome, Reason
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase
from tests.support.patience import PATIENCE_SECONDS
from tests.support.recorder import Context, recorder
from tests.support.settings import changed

NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # a Wednesday, in India
INTERVAL = 5
STEP = timedelta(seconds=INTERVAL)
GOOD = ("stored", "unchanged")
OUTCOMES = get_args(Outcome.__value__)
REASONS = get_args(Reason.__value__)
# What the entry of every tick with a request contains.
MEASURES = ("fetch_ms", "parse_ms", "store_ms", "legs", "inserted", "duplicates", "expiries")
SYMBOLS = ("NIFTY", "BANKNIFTY", "RELIANCE", "M&M", "BAJAJ-AUTO", "IDEA")


class LockstepClock:
    """Time that passes only while the code sleeps, after every claimed tick has its outcome.

    `jump` moves the wall clock forward or back; `monotonic` never jumps.
    """

    def __init__(self, start: datetime, database: AnyDatabase) -> None:
        self._start = start
        self._ticks = database[TICKS]
        self._passed = 0.0
        self._ahead = timedelta()
        self._due: list[tuple[float, Callable[[], object]]] = []

    def now(self) -> datetime:
        return self.true() + self._ahead

    def true(self) -> datetime:
        """The time of a clock that never jumped."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._ticks.find_one({"outcome": {"$exists": False}}):
            assert time.monotonic() < deadline, "a claimed tick has no outcome"
            time.sleep(0.001)
        self._passed += seconds
        while self._due and self._due[0][0] <= self._passed:
            self._due.pop(0)[1]()

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Run an action after some seconds."""
        self._due.append((self._passed + seconds, action))
        self._due.sort(key=lambda due: due[0])

    def jump(self, by: timedelta) -> None:
        self._ahead += by

    def go_to(self, instant: datetime) -> None:
        """Let time pass until an instant."""
        self.sleep((instant - self.now()).total_seconds())


@dataclass
class ScriptedMarket:
    """Answers the bodies of `script` one after another, the last one for ever.

    They are of one expiry of one symbol, or bytes to be sent as they are.
    `listed` are the expiries of the contract info, by default that one.
    """

    script: list[JsonObject | bytes]
    clock: Callable[[], datetime]
    expiry: date
    listed: list[date] | None = None
    symbol: str = "NIFTY"
    kind: Kind = "Indices"
    label: str = "REPLAY"
    asked: int = 0

    def now(self) -> datetime:
        return self.clock()

    def symbols(self) -> dict[str, Kind]:
        return {self.symbol: self.kind}

    def expiries(self, symbol: str) -> list[date]:
        assert symbol == self.symbol
        return [self.expiry] if self.listed is None else self.listed

    def strikes(self, symbol: str) -> list[float]:
        assert symbol == self.symbol
        return []

    def chain(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:  # noqa: ARG002
        assert (symbol, expiry) == (self.symbol, self.expiry)
        body = self.script[min(self.asked, len(self.script) - 1)]
        self.asked += 1
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return cast("JsonObject", orjson.Fragment(raw))

    def previous(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:  # noqa: ARG002
        raise AssertionError("a script has no body before this one")


@dataclass(frozen=True)
class Recorder:
    """One execution environment: the real handler over real parts."""

    deps: Dependencies
    clock: LockstepClock
    database: AnyDatabase

    def work(self, ticks: int = 1, owner: str = "the-only-one") -> list[Document]:
        """Invoke the handler for so many ticks from now on; return what the ledger got of them.

        Time has then come to the tick after them.
        """
        known = set(self.database[TICKS].distinct("_id"))
        lambda_handler({}, Context(owner, (ticks - 0.5) * self._interval), self.deps)
        self.clock.sleep(self._interval)
        entries = self.database[TICKS].find(sort=[("tick", 1), ("symbol", 1)])
        return [entry for entry in entries if entry["_id"] not in known]

    def tick(self) -> Document:
        """Work for a single tick of a single symbol; return its entry."""
        (entry,) = self.work()
        return entry

    @property
    def _interval(self) -> int:
        return self.deps.settings.nse_fetch_interval


@dataclass
class Scene:
    """Where recorders work: one exchange, one database, one clock."""

    exchange: Exchange
    clock: LockstepClock
    database: AnyDatabase
    settings: Settings
    reads_last_session: bool = False

    @contextmanager
    def recorder(
        self, modules: Mapping[str, SourceModule] | None = None, /, **changes: object
    ) -> Iterator[Recorder]:
        """A new execution environment, with some settings changed, or over other sources."""
        settings = changed(self.settings, **changes)
        reads = self.reads_last_session
        with recorder(settings, self.clock, modules, reads_last_session=reads) as deps:
            yield Recorder(deps, self.clock, self.database)

    def source(self) -> Document:
        """What the database remembers of how the exchange takes requests."""
        return self.database[SOURCE].find_one({"_id": self.settings.nse_base_url}) or {}

    def asked(self, path: str = "/") -> int:
        """How many requests the exchange has got."""
        return len(self.exchange.requests.to(path))


@contextmanager
def scene(
    settings: Settings,
    database: AnyDatabase,
    start: datetime,
    market: Callable[[LockstepClock], Market] | None = None,
    **changes: object,
) -> Iterator[Scene]:
    """A scene that begins at `start`; its ledger is checked at the end.

    The market has six symbols, so that the files of vendors are short, and changes every second,
    unless another one is given.
    """
    clock = LockstepClock(start, database)
    if market:
        made = market(clock)
    else:
        made = SimulatedMarket(clock=clock.true, tick_seconds=1, listing=Listing(SYMBOLS))
    with Exchange(made) as exchange:
        adapted: dict[str, object] = {
            "nse_base_url": exchange.url,
            "nse_symbols": tuple(made.symbols()) if market else ("IDEA",),
            "nse_fetch_interval": INTERVAL,
            # More than a setting allows: real seconds are in the way of simulated ones.
            "nse_max_requests_per_second": 200,
            "market_hours": "always",
            "log_level": "ERROR",
        }
        given = changed(settings, **{**adapted, **changes})
        yield Scene(exchange, clock, database, given)
        check_ledger(list(database[TICKS].find()))


def check_ledger(entries: Sequence[Document]) -> None:
    """Each symbol and tick has one entry, with known words and all measurements."""
    keys = [(entry["symbol"], entry["tick"]) for entry in entries]
    assert len(set(keys)) == len(keys)
    for entry in entries:
        assert entry["outcome"] in OUTCOMES
        assert entry.get("reason") in (REASONS if entry["outcome"] not in GOOD else (None,))
        assert bool(entry.get("detail")) == (entry["outcome"] not in GOOD)
        assert entry["lateness_ms"] >= 0
        assert entry["completed_at"].tzinfo
        if entry["outcome"] != "skipped" and entry.get("reason") != "database":
            assert all(name in entry for name in MEASURES), entry
            assert all(entry[name] >= 0 for name in MEASURES[:-1])
