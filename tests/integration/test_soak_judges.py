"""What a soak counts as broken: a record without fault, and one fault at a time in it."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pymongo.database import Database

from chain_fetch.payload.parser import parse
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.soak import documents, ticks
from tests.soak.crew import Crew
from tests.soak.duty import Invocation, TakeOver, overlap
from tests.soak.evidence import Evidence
from tests.soak.exchange import market
from tests.soak.mischief import Window
from tests.soak.reader import Reader
from tests.soak.world import Site

SEED = 3
START = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)
STEP = timedelta(seconds=5)
SECOND = timedelta(seconds=1)
GRID = [START + number * STEP for number in range(18)]
END = GRID[-1] + SECOND
OWNER = "one"


@pytest.fixture
def evidence(mongo_settings: Settings, database: Database[Document], tmp_path: Path) -> Evidence:
    """One symbol under one invocation for a minute and a half, all as it must be."""
    settings = mongo_settings.model_copy(update={"nse_symbols": ("NIFTY",)})
    crew = Crew(pytest.fail, random.Random(SEED), START, minute=60)
    crew.invocations[OWNER] = Invocation(OWNER, START - SECOND, END + STEP)
    log = tmp_path / "log"
    ledger, store = TickLedger(database), SnapshotWriter(database)
    exchange = market(SEED)
    (expiry, *_) = exchange.expiries("NIFTY", START)
    lines = []
    for tick in GRID:
        ledger.claim("NIFTY", tick, OWNER, tick)
        ledger.record("NIFTY", tick, {"outcome": "stored", "lateness_ms": 9.0})
        lines.append({"message": "tick", "symbol": "NIFTY", "tick": str(tick), "fetch_ms": 5.0})
    for tick in GRID[:3]:
        body = orjson.dumps(exchange.chain("NIFTY", expiry, tick))
        store.commit([Commit(snapshot) for snapshot in parse(body, "NIFTY", tick)])
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return Evidence(
        site=Site("judged", settings, crew, log),
        database=database,
        reader=Reader(settings),
        takeovers=[TakeOver(START - SECOND, OWNER)],
        windows=[],
        end=END,
        seed=SEED,
        lateness_limit=100,
    )


def broken(evidence: Evidence) -> set[str]:
    """Return the names of the broken promises."""
    rows = [*ticks.rows(evidence), *documents.rows(evidence)]
    return {row.name for row in rows if row.broken}


def value(evidence: Evidence, name: str) -> str:
    (found,) = [row.value for row in ticks.rows(evidence) if row.name == name]
    return found


def test_a_record_without_fault_breaks_no_promise(evidence: Evidence) -> None:
    assert broken(evidence) == set()
    assert value(evidence, "minutes with 12 of 12 ticks") == "1 of 1"
    assert value(evidence, "lateness p50, p99") == "9, 9 ms of 18"


def _lose_a_tick(evidence: Evidence) -> None:
    evidence.database[TICKS].delete_one({"tick": GRID[5]})


def _forget_an_outcome(evidence: Evidence) -> None:
    evidence.database[TICKS].update_one({"tick": GRID[5]}, {"$unset": {"outcome": True}})


def _read_a_tick_twice(evidence: Evidence) -> None:
    log = evidence.site.log
    text = log.read_text(encoding="utf-8")
    log.write_text(f"{text}\n{text.splitlines()[5]}\n", encoding="utf-8")


def _be_late(evidence: Evidence) -> None:
    evidence.database[TICKS].update_many({}, {"$set": {"lateness_ms": 101.0}})


def _be_late_at(evidence: Evidence, tick: datetime) -> None:
    evidence.database[TICKS].update_one({"tick": tick}, {"$set": {"lateness_ms": 1_000.0}})


def _raise(evidence: Evidence) -> None:
    evidence.site.crew.errors.append("it raised")


def _store_twice(evidence: Evidence) -> None:
    contracts = evidence.database[CONTRACTS]
    contracts.drop_indexes()
    contracts.insert_one({**(contracts.find_one(projection={"_id": False}) or {})})


def _change_a_number(evidence: Evidence) -> None:
    contracts = evidence.database[CONTRACTS]
    contracts.update_one({"open_interest": {"$gt": 0}}, {"$inc": {"open_interest": 1.0}})


def _change_a_number_without_header(evidence: Evidence) -> None:
    evidence.database[SNAPSHOTS].delete_many({})
    _change_a_number(evidence)


def _tear(evidence: Evidence) -> None:
    evidence.database[CONTRACTS].delete_one({"fetched_at": GRID[1]})


def _go_back(evidence: Evidence) -> None:
    earlier = {"$set": {"exchange_timestamp": GRID[0] - STEP}}
    evidence.database[SNAPSHOTS].update_one({"fetched_at": GRID[2]}, earlier)


def _read_a_torn_chain(evidence: Evidence) -> None:
    evidence.reader.torn.append("NIFTY")


def _answer_500(evidence: Evidence) -> None:
    evidence.reader.statuses[500] += 1


TORN, INVENTED = "stored snapshots not whole", "snapshots with values never sent"


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        (_lose_a_tick, {"missing though somebody was on duty", "minutes with 12 of 12 ticks"}),
        (_forget_an_outcome, {"claimed without outcome, no kill"}),
        (_read_a_tick_twice, {"ticks read twice"}),
        (_be_late, {"lateness p50, p99"}),
        (_raise, {"invocations that raised"}),
        (_store_twice, {"duplicate documents", TORN}),
        (_change_a_number, {TORN, INVENTED}),
        (_change_a_number_without_header, {INVENTED}),
        (_tear, {TORN, INVENTED}),
        (_go_back, {"older stored after newer"}),
        (_read_a_torn_chain, {"chains read torn"}),
        (_answer_500, {"other answers than 200, 404, 503"}),
    ],
)
def test_a_fault_breaks_its_promise(
    evidence: Evidence, fault: Callable[[Evidence], None], names: set[str]
) -> None:
    fault(evidence)
    assert broken(evidence) == names


def test_what_a_kill_takes_down_breaks_no_promise(evidence: Evidence) -> None:
    """The last tick it had begun, and those until there is somebody again."""
    crew, killed_at = evidence.site.crew, GRID[5] + timedelta(milliseconds=20)
    crew.invocations[OWNER] = Invocation(OWNER, START - SECOND, killed_at, killed=True)
    crew.invocations["two"] = Invocation("two", GRID[8] - SECOND)
    assert isinstance(evidence.takeovers, list)
    evidence.takeovers.append(TakeOver(GRID[8] - SECOND, "two"))
    evidence.database[TICKS].delete_many({"tick": {"$in": GRID[6:8]}})
    _forget_an_outcome(evidence)
    assert broken(evidence) == set()
    assert value(evidence, "missing after a kill, nobody on duty") == "2"
    assert value(evidence, "claimed without outcome, at a kill") == "1"


def test_lateness_is_not_judged_while_the_database_is_in_trouble(evidence: Evidence) -> None:
    _be_late(evidence)
    assert isinstance(evidence.windows, list)
    evidence.windows.append(Window("restart", GRID[0], GRID[-2]))
    assert broken(evidence) == set()


def test_the_first_tick_in_the_place_of_one_killed_may_be_late(evidence: Evidence) -> None:
    crew = evidence.site.crew
    crew.invocations[OWNER] = Invocation(OWNER, START - SECOND, GRID[5] - 3 * SECOND, killed=True)
    crew.invocations["two"] = Invocation("two", GRID[5] - SECOND)
    assert isinstance(evidence.takeovers, list)
    evidence.takeovers.append(TakeOver(GRID[5] - timedelta(milliseconds=300), "two"))
    _be_late_at(evidence, GRID[5])
    assert broken(evidence) == set()
    _be_late_at(evidence, GRID[6])
    assert broken(evidence) == {"lateness p50, p99"}


def test_paid_time_overlaps_while_more_than_one_invocation_runs() -> None:
    first = Invocation("first", START, START + timedelta(seconds=60))
    second = Invocation("second", START + timedelta(seconds=58), START + timedelta(seconds=98))
    assert overlap([first, second]) == pytest.approx(0.02)
