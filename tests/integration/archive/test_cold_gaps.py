"""The gaps of days at the edge of the database, and of days that nobody knows any more."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chain_archive.sealing import seal
from optionchain.mongo.indexes import DUTIES, SETTLEMENTS, SNAPSHOTS, TICKS
from optionchain.mongo.settlement_register import Settlement, SettlementRegister
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import CHAIN, client, commit, problem
from tests.support.archived_week import at
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import snapshot
from tests.support.watched_store import WatchedStore

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
RETENTION = timedelta(days=Settings().retention_days)
# Monday is the first day of which nothing is deleted.
LATER = at(MONDAY, "08:00:00") - timedelta(days=1) + RETENTION


@pytest.fixture
def store(tmp_path: Path) -> WatchedStore:
    return WatchedStore(tmp_path)


@pytest.fixture
def recorded(database: AnyDatabase, store: WatchedStore) -> AnyDatabase:
    """A shift on Friday that is sealed, and one that begins late on Monday."""
    ledger, shifts = TickLedger(database), ShiftRegister(database)
    for day, since in ((FRIDAY, "09:15:00"), (MONDAY, "09:20:00")):
        tick = at(day, since)
        shifts.begin(("NIFTY",), "shift", Duty(tick, tick + timedelta(minutes=2), 5))
        commit(database, snapshot(tick=tick, stamp=tick))
        ledger.record("NIFTY", tick, {"outcome": "stored", "source": "nse"})
    assert seal(database, store, "NIFTY", FRIDAY)
    return database


def forget(database: AnyDatabase, until: datetime) -> None:
    """Delete what was recorded before an instant."""
    for name, field in ((SNAPSHOTS, "fetched_at"), (TICKS, "tick"), (DUTIES, "since")):
        database[name].delete_many({field: {"$lt": until}})


def gaps(database: AnyDatabase, store: WatchedStore, day: date) -> dict[str, Any]:
    """Return the answer about a day, without what the record of other days tells."""
    answer = client(database, LATER, archive=store).get(f"{CHAIN}/gaps", params={"date": str(day)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return {name: value for name, value in found.items() if name != "recorded_since"}


def test_shift_before_the_first_day_of_the_database_is_known(
    recorded: AnyDatabase, store: WatchedStore
) -> None:
    """It tells that nobody was on duty on Monday before the shift of that day began."""
    begins = at(FRIDAY, "09:15:00")
    TickLedger(recorded).claim("NIFTY", begins - timedelta(days=3), "shift", begins)
    before = gaps(recorded, store, MONDAY)
    assert before["gaps"][0]["outcome"] == "off_duty"
    recorded[DUTIES].delete_many({"since": {"$lt": at(MONDAY, "00:00:00")}})
    assert gaps(recorded, store, MONDAY) == before


def test_judgement_after_the_seal_is_told(recorded: AnyDatabase, store: WatchedStore) -> None:
    judged = Settlement("NIFTY", EXPIRY, FRIDAY, at(MONDAY, "09:20:00"), "matched", legs=4)
    SettlementRegister(recorded).judge(judged)
    before = gaps(recorded, store, FRIDAY)
    assert before["settlement"]["status"] == "matched"
    forget(recorded, at(MONDAY, "00:00:00"))
    assert gaps(recorded, store, FRIDAY) == before
    # What is sealed again has it.
    recorded[SETTLEMENTS].delete_many({})
    assert gaps(recorded, store, FRIDAY)["settlement"] is None


def test_day_without_a_seal_is_refused_in_words(recorded: AnyDatabase, store: WatchedStore) -> None:
    api = client(recorded, LATER, archive=store)
    answer = api.get(f"{CHAIN}/gaps", params={"date": "2026-06-18"})
    told = problem(answer, 422, "invalid-request")["detail"]
    assert told.endswith("ticks are kept for 30 days, and those of sealed days in the archive")
