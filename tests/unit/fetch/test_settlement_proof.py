"""Each morning proves the settled chains of the day before, in simulated time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.evening.settlement_proof import SettlementProof
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.market import Market
from optionchain.mongo.settlement_register import Settlement, SettlementRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot
from tests.support.api import commit
from tests.support.bodies import EXPIRY
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.histories import ist
from tests.support.ingesting import take_in
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
JULY = date(2026, 7, 28)
MINUTE = timedelta(minutes=1)
SETTLED = 1166.0  # the base of a morning's 1,200 after a change of +34


@dataclass
class Morning:
    """A database with a settled Friday, and a recorder on Monday."""

    market: Market = field(default_factory=Market)
    database: ShakyDatabase = field(default_factory=lambda: ShakyDatabase(memory_database()))
    reported: list[Settlement] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    slow: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(ist(MONDAY, "09:15"))
        self.proof = self.environment()

    def environment(self) -> SettlementProof:
        """Return the proof of another execution environment."""
        register = SettlementRegister(self.database)
        longest = timedelta(seconds=0.5)
        reader = SnapshotReader(self.database)
        return SettlementProof(reader, register, self, lambda: self.market, self.clock.now, longest)

    def report_settlement(self, settlement: Settlement) -> None:
        self.clock.sleep(self.slow.total_seconds())
        self.reported.append(settlement)

    def warn_of_settlement(self, detail: str) -> None:
        self.warned.append(detail)

    def settle(self, open_interest: float = SETTLED, expiry: date = EXPIRY) -> None:
        """Store the evening's chain of Friday."""
        evening = ist(FRIDAY, "19:45")
        body = snapshot(expiry=expiry, tick=evening, stamp=evening, open_interest=open_interest)
        SnapshotWriter(self.database).commit(Commit(body, settled=True))

    def record(self, expiry: date = EXPIRY) -> None:
        """Store a chain of Friday that is not settled."""
        afternoon = ist(FRIDAY, "15:30")
        commit(self.database, snapshot(expiry=expiry, tick=afternoon, stamp=afternoon))

    def tick(
        self,
        at: str = "09:16:00",
        *,
        stamp: str | datetime | None = None,
        expiries: Sequence[date] = (EXPIRY,),
        proof: SettlementProof | None = None,
        change: float = 34.0,
    ) -> None:
        """Take in a body of 1,200 contracts of open interest a leg, and prove with it."""
        tick = ist(MONDAY, at)
        stamped = stamp if isinstance(stamp, datetime) else ist(MONDAY, stamp or at)
        store = SnapshotWriter(self.database)
        ingestion = Ingestion(store, TickLedger(self.database), 5.5, lambda: self.market)
        results = []
        for expiry in expiries:
            body = snapshot(
                expiry=expiry, tick=tick, stamp=stamped, open_interest=1200.0, change_in_oi=change
            )
            results.append(_taken_in(ingestion, body))
        (proof or self.proof)(tick, {"NIFTY": results})

    def statuses(self, day: date = FRIDAY) -> list[str]:
        return [each.status for each in SettlementRegister(self.database).of_day("NIFTY", day)]


def _taken_in(ingestion: Ingestion, body: Snapshot) -> RequestResult:
    result = RequestResult(PlannedRequest("NIFTY", body.expiry, required=True))
    take_in(ingestion, body, result)
    return result


@pytest.fixture
def morning() -> Morning:
    return Morning()


def test_the_first_good_body_proves_friday_on_monday(morning: Morning) -> None:
    morning.settle()
    morning.tick()
    (found,) = SettlementRegister(morning.database).of_day("NIFTY", FRIDAY)
    assert found == Settlement("NIFTY", EXPIRY, FRIDAY, ist(MONDAY, "09:16"), "matched", 4)
    assert morning.reported == [found]


@pytest.mark.parametrize(
    ("at", "stamp"),
    [
        ("09:15:05", ist(FRIDAY, "15:30")),  # Friday's chain once more
        ("09:15:05", ist(MONDAY, "09:07:10")),  # of before the opening
        ("15:35:00", ist(MONDAY, "15:30")),  # after the close
    ],
)
def test_what_is_not_of_the_session_proves_nothing(
    at: str, stamp: datetime, morning: Morning
) -> None:
    morning.settle()
    morning.tick(at, stamp=stamp)
    assert (morning.statuses(), morning.warned) == ([], [])


def test_an_older_body_proves_nothing(morning: Morning) -> None:
    morning.settle()
    commit(morning.database, snapshot(tick=ist(MONDAY, "09:18"), stamp=ist(MONDAY, "09:18")))
    morning.tick("09:18:05", stamp="09:17:00")
    assert morning.statuses() == []


def test_a_difference_is_said_after_a_second_body(morning: Morning) -> None:
    """At the opening a chain may be reset in part; the first body is doubted alone."""
    morning.settle(SETTLED - 16)
    for at in ("09:16:00", "09:16:05", "09:20:55"):
        morning.tick(at)
        assert (morning.statuses(), morning.reported) == ([], [])
    morning.tick("09:21:00")
    (found,) = morning.reported
    counts = found.legs, found.legs_differing, found.contracts_differing
    assert (found.status, counts) == ("differs", (4, 4, 64))
    assert found.differing[0].identifier == "NIFTY_CE_24000_23-Jun-2026"
    assert found.differing[0][1:] == (SETTLED - 16, SETTLED)
    assert SettlementRegister(morning.database).of_day("NIFTY", FRIDAY) == [found]


def test_a_body_does_not_confirm_itself(morning: Morning) -> None:
    """The feed may stand still: the second body is one with a later stamp of the exchange."""
    morning.settle(SETTLED - 16)
    for at in ("09:16:00", "09:21:00", "09:41:00"):
        morning.tick(at, stamp="09:16:00")
    assert morning.reported == []


def test_a_chain_that_was_reset_late_is_matched(morning: Morning) -> None:
    morning.settle()
    morning.tick("09:15:35", change=0.0)
    morning.tick("09:20:35")
    assert [each.status for each in morning.reported] == ["matched"]


def test_doubt_is_shared_by_all_execution_environments(morning: Morning) -> None:
    morning.settle(SETTLED - 16)
    morning.tick("09:16:00")
    morning.tick("09:17:00", proof=morning.environment())
    morning.tick("09:21:00", proof=morning.environment())
    assert [each.status for each in morning.reported] == ["differs"]


def test_a_chain_is_judged_once_over_all_execution_environments(morning: Morning) -> None:
    morning.settle()
    for at in ("09:16:00", "09:17:00"):
        morning.tick(at)
        morning.tick(at, proof=morning.environment())
    assert len(morning.reported) == 1


def test_what_is_judged_costs_the_later_ticks_nothing(morning: Morning) -> None:
    morning.settle()
    morning.tick()
    morning.database["settlements"].delete_many({})
    morning.tick("09:16:05")
    assert morning.statuses() == []


def test_a_day_without_a_settled_chain_is_missing(morning: Morning) -> None:
    morning.record()
    morning.tick()
    assert [(each.status, each.legs) for each in morning.reported] == [("missing", 0)]
    assert morning.statuses() == ["missing"]


def test_a_settled_chain_that_lost_contracts_is_missing(morning: Morning) -> None:
    morning.settle()
    morning.database["option_chain"].delete_one({})
    morning.tick()
    assert morning.statuses() == ["missing"]


@pytest.mark.parametrize("strikes", [(), (90_000.0,)])
def test_what_was_not_there_on_friday_is_not_judged(
    strikes: Sequence[float], morning: Morning
) -> None:
    """An expiry that is new, or one of which no contract is the same."""
    if strikes:
        evening = ist(FRIDAY, "19:45")
        other = Commit(snapshot(strikes, tick=evening, stamp=evening), settled=True)
        SnapshotWriter(morning.database).commit(other)
    morning.tick()
    assert (morning.statuses(), morning.reported, morning.warned) == ([], [], [])


def test_an_expiry_in_rotation_is_proved_when_it_comes(morning: Morning) -> None:
    for expiry in (EXPIRY, JULY):
        morning.settle(expiry=expiry)
    morning.tick("09:16:00")
    assert morning.statuses() == ["matched"]
    morning.tick("11:40:00", expiries=[EXPIRY, JULY])
    assert [each.expiry for each in morning.reported] == [EXPIRY, JULY]


def test_a_slow_database_delays_no_tick_by_all_expiries(morning: Morning) -> None:
    """What was not reached is proved with the next tick."""
    morning.slow = timedelta(seconds=0.6)
    for expiry in (EXPIRY, JULY):
        morning.settle(expiry=expiry)
    morning.tick("09:16:00", expiries=[EXPIRY, JULY])
    assert len(morning.reported) == 1
    morning.tick("09:16:05", expiries=[EXPIRY, JULY])
    assert [each.expiry for each in morning.reported] == [EXPIRY, JULY]


def test_a_database_that_is_away_is_asked_again_a_minute_later(morning: Morning) -> None:
    morning.settle()
    results: Any = {"NIFTY": [_taken_in(_ingestion(morning), _body("09:16:00"))]}
    for at, away, warnings in (
        ("09:16:00", True, 1),
        ("09:16:55", False, 1),
        ("09:17:00", False, 1),
    ):
        assert morning.statuses() == []
        morning.database.away = away
        morning.proof(ist(MONDAY, at), results)
        morning.database.away = False
        assert len(morning.warned) == warnings
    assert morning.statuses() == ["matched"]


def _ingestion(morning: Morning) -> Ingestion:
    return Ingestion(SnapshotWriter(morning.database), TickLedger(morning.database), 5.5)


def _body(at: str) -> Snapshot:
    tick = ist(MONDAY, at)
    return snapshot(tick=tick, stamp=tick, open_interest=1200.0, change_in_oi=34.0)


def test_a_recorder_without_hours_has_no_settled_days() -> None:
    morning = Morning(Market("always"))
    morning.settle()
    morning.tick()
    assert morning.statuses() == []


def test_the_evening_of_a_day_with_two_sessions_proves_the_day_before() -> None:
    """Both sessions count from the close of the trading day before."""
    morning = Morning(Market(special={MONDAY: ((time(18, 30), time(19, 30)),)}))
    morning.settle()
    morning.tick("18:35:00")
    assert morning.statuses(FRIDAY) == ["matched"]


def test_an_environment_that_lives_overnight_proves_the_next_day_too(morning: Morning) -> None:
    morning.settle()
    morning.tick()
    tuesday = MONDAY + timedelta(days=1)
    body = snapshot(tick=ist(tuesday, "09:16"), stamp=ist(tuesday, "09:16"))
    morning.proof(ist(tuesday, "09:16"), {"NIFTY": [_taken_in(_ingestion(morning), body)]})
    assert morning.statuses(MONDAY) == ["missing"]  # no evening of Monday was recorded
