"""Two sources are compared every five minutes, in simulated time, and never at a tick's cost."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest

from chain_fetch.recording.source_choice.cross_check import CrossCheck, Peer
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.source_choice.source_reader import SymbolRead
from chain_fetch.refused import Refused
from chain_fetch.source import LotSizes, Source
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadEmpty
from optionchain.market import Market
from optionchain.mongo.disagreement_register import (
    CheckOutcomes,
    Checks,
    CrossComparison,
    DisagreementRegister,
)
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Snapshot
from tests.support.bodies import EXPIRY
from tests.support.fakes import FakeStateStore, ShakyDatabase, SimulatedClock
from tests.support.histories import ist
from tests.support.mongomock_database import RETENTION_DAYS, memory_database, uses_mongomock
from tests.support.results import good
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

DAY = date(2026, 6, 19)
START = ist(DAY, "11:00")
TICK = timedelta(seconds=5)
LAG = timedelta(seconds=40)


@dataclass
class FakeSource:
    """Answers `error`, or a chain of now; NSE's shows the moment of its stamp, 40 seconds ago."""

    name: str
    clock: SimulatedClock
    stamped: bool
    interest: float = 1200.0
    error: Exception | None = None
    asked: list[datetime] = field(default_factory=list)

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:  # noqa: ARG002
        self.asked.append(self.clock.now())
        if self.error:
            raise self.error
        return b"a chain"

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:  # noqa: ARG002
        moment = self.clock.now() - LAG
        chain = snapshot(symbol=symbol, tick=fetched_at, open_interest=self.interest)
        stamp = moment if self.stamped else None
        return replace(chain, source=self.name, exchange_timestamp=stamp)


class Terms:
    """LotSizes of one answer."""

    def of(self, symbol: str, expiry: date, day: date) -> ContractTerms:  # noqa: ARG002
        return ContractTerms(tick_size=0.05)


@dataclass
class Scene:
    """A recorder that reads NIFTY from one source; `check` compares it with the other one."""

    recorded: str = "upstox"
    market: Market = field(default_factory=Market)
    reported: list[CrossComparison] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(START)
        self.database = ShakyDatabase(memory_database())
        Indexes(self.database, RETENTION_DAYS).ensure()
        self.sources = {
            "upstox": FakeSource("upstox", self.clock, stamped=False),
            "nse": FakeSource("nse", self.clock, stamped=True),
        }
        self.stores = {name: FakeStateStore() for name in self.sources}
        self.check = self.environment()

    def environment(self) -> CrossCheck:
        peers = [
            Peer(name, cast("Source", source), SourceBackoff(self.stores[name], self.clock.now))
            for name, source in self.sources.items()
        ]
        return CrossCheck(
            peers,
            SnapshotWriter(self.database),
            DisagreementRegister(self.database),
            cast("LotSizes", Terms()),
            self,
            lambda: self.market,
            self.clock.now,
        )

    def report_cross_check(self, comparison: CrossComparison) -> None:
        self.reported.append(comparison)

    def warn_of_cross_check(self, detail: str) -> None:
        self.warned.append(detail)

    @property
    def other(self) -> FakeSource:
        return self.sources["nse" if self.recorded == "upstox" else "upstox"]

    def run(self, minutes: float, *, seconds: float = 3.0, check: CrossCheck | None = None) -> None:
        """Read ticks for so long; each stores a snapshot, and has `seconds` left."""
        writer = SnapshotWriter(self.database)
        for _ in range(round(minutes * 12)):
            tick = self.clock.now()
            source = self.sources[self.recorded]
            chain = source.parse(b"", "NIFTY", tick)
            if not self.database.away:
                writer.commit(Commit(chain))
            read = SymbolRead(self.recorded, [good(snapshot=chain)])
            (check or self.check)(tick, {"NIFTY": read}, seconds)
            self.clock.sleep(TICK.total_seconds())

    def outcomes(self) -> CheckOutcomes:
        checks = Checks("NIFTY", START, self.clock.now())
        return DisagreementRegister(self.database).outcomes(checks)

    def differing(self) -> list[dict[str, int]]:
        return [{each.field: each.differing for each in one.fields} for one in self.reported]


AGREES = {"last_price": 0, "open_interest": 0, "implied_volatility": 0}


@pytest.mark.parametrize(("recorded", "checks"), [("upstox", 3), ("nse", 4)])
def test_two_sources_of_one_market_agree_every_five_minutes(recorded: str, checks: int) -> None:
    """What a vendor sent 40 seconds before the first tick is not known."""
    here = Scene(recorded)
    here.run(16)
    assert here.differing() == [AGREES] * checks
    assert [each - START < timedelta(minutes=16) for each in here.other.asked] == [True] * 4
    assert here.sources[recorded].asked == []
    assert {(one.recorded, one.other) for one in here.reported} == {(recorded, here.other.name)}
    for one in here.reported:
        assert one.before <= one.after
        assert all(each.compared == 4 for each in one.fields)


def test_a_difference_is_stored_with_its_contracts() -> None:
    here = Scene()
    here.run(4)
    here.other.interest = 1201.0
    here.run(12)
    assert here.differing()[-2:] == [AGREES | {"open_interest": 4}] * 2
    checks = Checks("NIFTY", START, here.clock.now())
    stored = DisagreementRegister(here.database).differing(checks, 10)
    assert stored == [one for one in here.reported if one.differs]
    largest = stored[0].fields[1].largest[0]
    assert (largest.recorded, largest.other) == (1200.0, 1201.0)


def test_a_number_that_moves_meanwhile_is_no_difference() -> None:
    here = Scene()
    here.run(1)
    for number in range(60):
        here.sources["upstox"].interest = here.other.interest = 1200.0 + number
        here.run(1 / 4)
    assert all(not one.differs for one in here.reported)
    assert any(each.moved for one in here.reported for each in one.fields)


def test_nothing_is_asked_without_time_or_outside_of_a_session() -> None:
    here = Scene()
    here.run(6, seconds=0.9)
    assert here.other.asked == []
    for text in ("15:45", "19:45", "21:00"):
        here.clock.sleep((ist(DAY, text) - here.clock.now()).total_seconds())
        here.run(1)
    assert here.other.asked == []


def test_a_check_is_made_by_one_environment() -> None:
    here = Scene()
    environments = [here.environment(), here.environment()]
    for minute in range(10):
        here.run(1, check=environments[minute % 2])
    assert len(here.other.asked) == 2


@pytest.mark.parametrize("error", [Refused("blocked", "HTTP 403"), PayloadEmpty("nothing", "body")])
def test_a_source_that_does_not_answer_is_named_and_a_block_is_respected(error: Exception) -> None:
    here = Scene()
    here.other.error = error
    here.run(11)
    blocked = isinstance(error, Refused)
    assert bool(here.stores["nse"].state.until) == blocked
    assert here.reported == []
    assert all(text.startswith("NIFTY: nse: ") for text in here.warned)
    assert 1 <= len(here.other.asked) <= 3
    reasons = {row.get("reason") for row in here.database["disagreements"].find()}
    assert reasons == ({"blocked", "source_waits"} if blocked else {"empty"})


def test_a_source_that_is_left_is_not_asked() -> None:
    here = Scene()
    left = replace(here.stores["nse"].state, left_until=START + timedelta(hours=1), times_left=1)
    here.stores["nse"].state = left
    here.run(6)
    assert here.other.asked == []
    assert here.outcomes().failed == {"source_waits": 2}


def test_a_record_that_never_comes_is_given_up() -> None:
    here = Scene("nse")
    here.run(1 / 2)
    here.recorded = "upstox"  # a switch: no snapshot of NSE follows
    here.run(8)
    rows: list[dict[str, Any]] = list(here.database["disagreements"].find())
    assert "not_recorded" in {row.get("reason") for row in rows}


def test_a_check_that_the_next_one_replaces_is_told() -> None:
    """Its body came so late that its record was still awaited when the next check began."""
    here = Scene("nse")
    here.run(4.5, seconds=0.9)
    here.run(1)
    here.recorded = "upstox"
    here.run(1)
    assert here.outcomes().failed == {"not_recorded": 1, "unfinished": 1}


def test_without_the_database_ticks_go_on() -> None:
    here = Scene()
    here.run(4)
    here.database.away = True
    here.run(2)
    here.database.away = False
    assert here.warned
    here.run(8)
    assert here.differing()[-1] == AGREES


def test_the_expiry_that_is_compared_is_the_nearest_that_came() -> None:
    here = Scene()
    here.run(6)
    assert {one.expiry for one in here.reported} == {EXPIRY}
