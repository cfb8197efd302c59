"""The contract master: what any environment has read is known, also while the database is away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from chain_fetch.recording.lists.contract_master import ContractMaster
from optionchain.contract_terms import UNKNOWN_TERMS, ContractTerms
from optionchain.mongo.contract_register import ContractRegister
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.histories import ist
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock
DAY = date(2026, 2, 6)
BEFORE = DAY - timedelta(days=1)
EXPIRY, NEXT = date(2026, 2, 24), date(2026, 3, 31)
TERMS = {EXPIRY: ContractTerms(65, 0.05, 1755)}


class Scene:
    """Execution environments over one database, at nine in the morning of a trading day."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(ist(DAY, "09:00"))
        self.asked = 0
        self.database = ShakyDatabase(memory_database(), self._count)

    def _count(self) -> None:
        self.asked += 1

    def environment(self) -> ContractMaster:
        """Return the contract master of a new environment."""
        return ContractMaster(ContractRegister(self.database), self.clock.now)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_without_any_list_nothing_is_known(scene: Scene) -> None:
    assert scene.environment().of("NIFTY", EXPIRY, DAY) == UNKNOWN_TERMS


def test_what_one_environment_reads_the_others_know(scene: Scene) -> None:
    scene.environment().learn("upstox", "NIFTY", TERMS, DAY)
    other = scene.environment()
    assert other.of("NIFTY", EXPIRY, DAY) == TERMS[EXPIRY]
    assert other.of("NIFTY", NEXT, DAY).reasons["lot_size"] == "not_listed"
    assert other.of("M&M", EXPIRY, DAY).reasons["lot_size"] == "not_read"


def test_a_list_counts_from_its_day_on(scene: Scene) -> None:
    master = scene.environment()
    master.learn("upstox", "NIFTY", TERMS, DAY)
    assert master.of("NIFTY", EXPIRY, BEFORE).lot_size is None
    assert master.of("NIFTY", EXPIRY, DAY + timedelta(days=3)).lot_size == 65


def test_a_list_that_another_environment_reads_later_is_found_within_minutes(scene: Scene) -> None:
    """Also if it contradicts the one that was known."""
    master = scene.environment()
    master.learn("upstox", "NIFTY", TERMS, DAY)
    assert master.of("NIFTY", EXPIRY, DAY).lot_size == 65
    scene.environment().learn("dhan", "NIFTY", {EXPIRY: ContractTerms(75)}, DAY)
    master.refresh(["NIFTY"])
    assert master.of("NIFTY", EXPIRY, DAY).lot_size == 65
    scene.clock.sleep(301)
    master.refresh(["NIFTY"])
    assert master.of("NIFTY", EXPIRY, DAY).reasons["lot_size"] == "sources_differ"


def test_while_the_database_is_away_memory_answers(scene: Scene) -> None:
    master = scene.environment()
    master.learn("upstox", "NIFTY", TERMS, DAY)
    scene.database.away = True
    scene.clock.sleep(301)
    master.refresh(["NIFTY"])
    assert master.of("NIFTY", EXPIRY, DAY).lot_size == 65
    assert scene.environment().of("NIFTY", EXPIRY, DAY) == UNKNOWN_TERMS


def test_a_database_that_is_away_is_asked_twice_a_minute(scene: Scene) -> None:
    scene.database.away = True
    master = scene.environment()
    for _ in range(60):
        master.of("NIFTY", EXPIRY, DAY)
        master.refresh(["NIFTY"])
        scene.clock.sleep(1)
    assert scene.asked == 2


def test_what_was_learnt_without_a_database_is_stored_later(scene: Scene) -> None:
    master = scene.environment()
    scene.database.away = True
    master.learn("upstox", "NIFTY", TERMS, DAY)
    assert master.of("NIFTY", EXPIRY, DAY).lot_size == 65
    scene.database.away = False
    scene.clock.sleep(31)
    master.refresh(["NIFTY"])
    assert scene.environment().of("NIFTY", EXPIRY, DAY).lot_size == 65


def test_a_list_is_read_of_each_symbol_by_its_source_and_day(scene: Scene) -> None:
    master = scene.environment()
    master.learn("bhavcopy", "NIFTY", TERMS, BEFORE)
    master.learn("bhavcopy", "M&M", {}, BEFORE)
    assert master.has_read("bhavcopy", ["NIFTY", "M&M"], BEFORE)
    assert not master.has_read("bhavcopy", ["NIFTY", "TCS"], BEFORE)
    assert not master.has_read("bhavcopy", ["NIFTY"], DAY)
    assert not master.has_read("upstox", ["NIFTY"], BEFORE)


def test_a_list_that_says_the_same_is_stored_once(scene: Scene) -> None:
    master = scene.environment()
    for _ in range(3):
        master.learn("upstox", "NIFTY", TERMS, DAY)
        scene.clock.sleep(60)
    assert scene.database["contract_terms"].count_documents({}) == 1
    (stored,) = ContractRegister(scene.database).between(DAY, DAY)["NIFTY"]
    assert stored.read_at == ist(DAY, "09:00")


def test_what_decides_of_no_day_any_more_is_forgotten(scene: Scene) -> None:
    master = scene.environment()
    master.learn("bhavcopy", "NIFTY", TERMS, BEFORE)
    scene.clock.sleep(timedelta(days=8).total_seconds())
    master.refresh(["NIFTY"])
    assert not master.has_read("bhavcopy", ["NIFTY"], BEFORE)


def test_threads_may_ask_and_learn_at_once(scene: Scene) -> None:
    master = scene.environment()

    def work(number: int) -> int | None:
        master.learn("upstox", "NIFTY", TERMS, DAY)
        master.learn("bhavcopy", f"S{number}", TERMS, BEFORE)
        return master.of("NIFTY", EXPIRY, DAY).lot_size

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(64))) == {65}
    assert master.has_read("bhavcopy", [f"S{number}" for number in range(64)], BEFORE)
