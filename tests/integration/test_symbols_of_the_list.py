"""NSE_SYMBOLS=ALL: the recorder follows the exchange's own list from day to day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest

from chain_fetch.handler import lambda_handler
from chain_fetch.nse import source as nse
from chain_fetch.source import SourceModule
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from local.nse_simulator.v3_format import Kind
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.symbol_list import SymbolList
from tests.integration.conftest import SceneAt
from tests.support.histories import ist
from tests.support.recorder import Context
from tests.support.scripted_nse import LockstepClock, Recorder, Scene
from tests.support.twin_source import TWIN, TwinModule

FRIDAY, MONDAY, TUESDAY = date(2026, 9, 18), date(2026, 9, 21), date(2026, 9, 22)
LIST = "/api/underlying-information"
EVERY = 20  # seconds
SYMBOLS = {"NIFTY", "BANKNIFTY", "IDEA", "M&M", "RELIANCE", "BAJAJ-AUTO"}


class ChangingMarket(SimulatedMarket):
    """A market of six symbols, of which the exchange has `delisted` some."""

    delisted: frozenset[str] = frozenset()

    def symbols(self) -> dict[str, Kind]:
        listed = SYMBOLS - self.delisted
        return {name: kind for name, kind in super().symbols().items() if name in listed}


@dataclass
class Days:
    """An exchange with real hours, a recorder of all its symbols, and its mornings."""

    scene: Scene
    market: ChangingMarket

    def morning(self, recorder: Recorder, day: date) -> list[str]:
        """Let the recorder begin before the opening, and record a tick of the session."""
        self.scene.clock.go_to(ist(day, "08:55"))
        lambda_handler({}, Context("early", 10), recorder.deps)
        self.scene.clock.go_to(ist(day, "09:20"))
        return [entry["symbol"] for entry in recorder.work() if entry["outcome"] == "stored"]

    @property
    def list(self) -> SymbolList:
        found = SymbolListRegister(self.scene.database).in_force(date.max)
        assert found
        return found


@pytest.fixture
def days(scene_at: SceneAt) -> Iterator[Days]:
    made: list[ChangingMarket] = []

    def market(clock: LockstepClock) -> SimulatedMarket:
        made.append(ChangingMarket(clock=clock.true, tick_seconds=1, hours="exchange"))
        return made[0]

    start: datetime = ist(FRIDAY, "08:54")
    with scene_at(
        start,
        market,
        nse_symbols=("ALL",),
        nse_fetch_interval=EVERY,
        nse_expiries=1,
        market_hours="exchange",
    ) as here:
        yield Days(here, made[0])


def test_a_listed_and_a_delisted_symbol_are_followed_the_next_day(days: Days) -> None:
    days.market.delisted = frozenset({"IDEA"})
    with days.scene.recorder() as recorder:
        friday = days.morning(recorder, FRIDAY)
        assert sorted(friday) == sorted(SYMBOLS - {"IDEA"})
        days.market.delisted = frozenset({"M&M"})
        monday = days.morning(recorder, MONDAY)
    assert sorted(monday) == sorted(SYMBOLS - {"M&M"})
    assert (days.list.added, days.list.removed) == (("IDEA",), ("M&M",))
    assert days.list.symbols["IDEA"].since == MONDAY
    assert days.list.symbols["NIFTY"].since == FRIDAY
    assert days.list.symbols["NIFTY"].kind == "index"
    assert days.list.symbols["NIFTY"].expiries == len(days.market.expiries("NIFTY"))


def test_a_list_that_is_cut_changes_nothing(days: Days) -> None:
    with days.scene.recorder() as recorder:
        days.morning(recorder, FRIDAY)
        days.market.delisted = frozenset({"M&M", "IDEA", "RELIANCE"})
        days.morning(recorder, MONDAY)
        assert set(recorder.deps.symbols.plan().symbols) == SYMBOLS
    rejected = SymbolListRegister(days.scene.database).rejected()
    assert rejected
    assert rejected.detail == "it lacks 3 of 6 symbols: IDEA, M&M, RELIANCE"
    assert days.list.day == FRIDAY


def test_a_restart_needs_no_list_and_two_environments_read_one(days: Days) -> None:
    with days.scene.recorder() as first, days.scene.recorder() as second:
        days.morning(first, FRIDAY)
        days.scene.clock.go_to(ist(MONDAY, "08:55"))
        for number, recorder in enumerate((first, second)):
            lambda_handler({}, Context(f"early-{number}", 10), recorder.deps)
        assert days.scene.asked(LIST) == 2
        assert days.list.day == MONDAY
    days.scene.exchange.faults.add("server_error", path=LIST)
    with days.scene.recorder() as restarted:
        assert len(days.morning(restarted, TUESDAY)) == len(SYMBOLS)
    assert days.list.day == MONDAY


def test_a_second_source_tells_the_symbols_where_the_first_refuses(days: Days) -> None:
    days.scene.exchange.faults.add("server_error", path=LIST)
    with Exchange(days.market) as second:
        modules: dict[str, SourceModule] = {"nse": nse, TWIN: TwinModule(second.url)}
        with days.scene.recorder(modules, source=("nse", TWIN)) as recorder:
            days.morning(recorder, FRIDAY)
    assert (days.list.source, set(days.list.symbols)) == (TWIN, SYMBOLS)
