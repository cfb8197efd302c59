"""A sealed day carries its stops: whoever reads or restores it tells them, and no others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from chain_archive.restoring import RestoredDay, Restorer
from chain_archive.sealing import SealedDay, Sealer
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.layout import manifest_key
from optionchain.errors import DayNotSealed
from optionchain.mongo.client import open_database
from optionchain.mongo.database_identity import identity_of
from optionchain.mongo.indexes import DUTIES, SNAPSHOTS, TICKS, Indexes
from optionchain.mongo.recorder_switch import CONTROL, RecorderSwitch, SwitchState
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.conftest import empty
from tests.support.api import CHAIN, client, commit
from tests.support.archived_week import at
from tests.support.mongomock_database import AnyDatabase
from tests.support.settings import changed
from tests.support.snapshots import snapshot
from tests.support.watched_store import WatchedStore

SYMBOLS = ("NIFTY", "M&M")
THURSDAY, FRIDAY = date(2026, 6, 18), date(2026, 6, 19)
MONDAY = date(2026, 6, 22)
STOPPED_AT, STARTED_AT = at(FRIDAY, "11:00:00"), at(FRIDAY, "11:30:00")
EVENING, LATER = at(FRIDAY, "21:30:00"), at(MONDAY, "08:00:00")
KEPT = 3_650


@dataclass
class World:
    """The database of a recorder, its archive, and a database of somebody else."""

    recorder: AnyDatabase
    other: AnyDatabase
    store: WatchedStore

    def switch(self, at: datetime, *, enabled: bool, database: AnyDatabase | None = None) -> None:
        RecorderSwitch(self.recorder if database is None else database).switch(
            SYMBOLS, at, enabled=enabled
        )

    def stop(self) -> None:
        """Switch the recorder off for half an hour of Friday."""
        self.switch(STOPPED_AT, enabled=False)
        self.switch(STARTED_AT, enabled=True)

    def seal(self, symbol: str = "NIFTY", day: date = FRIDAY) -> SealedDay:
        return Sealer(self.recorder, self.store, lambda: EVENING).seal(symbol, day)

    def restore(self, database: AnyDatabase, symbol: str = "NIFTY") -> RestoredDay:
        return Restorer(database, ArchiveReader(self.store), lambda: LATER).restore(symbol, FRIDAY)

    def manifest(self, symbol: str = "NIFTY", day: date = FRIDAY) -> Any:  # noqa: ANN401
        return orjson.loads((Path(self.store.url) / manifest_key(symbol, day)).read_bytes())

    def age(self, *members: str) -> None:
        """Make the manifest of Friday that of an earlier release."""
        found = {name: value for name, value in self.manifest().items() if name not in members}
        (Path(self.store.url) / manifest_key("NIFTY", FRIDAY)).write_bytes(orjson.dumps(found))

    def forget(self) -> None:
        """Delete as the retention does: what was recorded, and nothing of the switch."""
        for name in (SNAPSHOTS, TICKS, DUTIES):
            self.recorder[name].delete_many({})


@pytest.fixture
def world(database: AnyDatabase, mongo_settings: Settings, tmp_path: Path) -> Iterator[World]:
    """Both symbols are recorded on Thursday and Friday, for a minute at 9:15, 10:59 and 11:30."""
    other = open_database(changed(mongo_settings, mongodb_database=f"t{uuid4().hex}"))
    for each in (database, other):
        Indexes(each, KEPT).ensure()
    for symbol in SYMBOLS:
        for day in (THURSDAY, FRIDAY):
            record(database, symbol, day)
    yield World(database, other, WatchedStore(tmp_path))
    other.client.drop_database(other.name)
    other.client.close()


def record(database: AnyDatabase, symbol: str, day: date) -> None:
    for text in ("09:15:00", "10:59:00", "11:30:00"):
        tick = at(day, text)
        duty = Duty(tick, tick + timedelta(minutes=2), 60)
        ShiftRegister(database).begin((symbol,), f"shift {text}", duty)
        commit(database, snapshot(symbol=symbol, tick=tick, stamp=tick))
        TickLedger(database).record(symbol, tick, {"outcome": "stored", "source": "nse"})


def gaps(
    database: AnyDatabase, store: WatchedStore | None, day: date = FRIDAY, symbol: str = "NIFTY"
) -> dict[str, Any]:
    """Return the answer about a day, without what the record of other days tells."""
    settings = Settings(retention_days=KEPT if store is None else 30, nse_symbols=SYMBOLS)
    api = client(database, LATER, settings, archive=store)
    path = CHAIN.replace("NIFTY", symbol.replace("&", "%26"))
    answer = api.get(f"{path}/gaps", params={"date": str(day)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return {name: value for name, value in found.items() if name != "recorded_since"}


def told(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return the stops of an answer, by the clock of UTC."""
    return [(each["stopped_at"], each["started_at"]) for each in found["stops"]]


def text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


HALF_AN_HOUR = [(text(STOPPED_AT), text(STARTED_AT))]


def test_another_database_tells_the_stops_of_a_sealed_day(world: World) -> None:
    """As where a cluster was lost, or an analyst reads the archive: the same answer."""
    world.stop()
    before = gaps(world.recorder, None)
    assert (told(before), before["ticks"]["stopped"]) == (HALF_AN_HOUR, 30)
    world.seal()
    assert gaps(world.other, world.store) == before
    world.forget()
    assert gaps(world.recorder, world.store) == before


def test_a_stop_of_another_database_is_no_stop_of_a_sealed_day(world: World) -> None:
    """Nobody records where an analyst reads: its switch is off, and says nothing of these days."""
    before = gaps(world.recorder, None)
    assert before["ticks"]["stopped"] == 0
    world.seal()
    world.switch(at(THURSDAY, "08:00:00"), enabled=False, database=world.other)
    assert gaps(world.other, world.store) == before
    world.restore(world.other)
    assert gaps(world.other, None) == before


def test_a_restored_day_brings_its_stops_and_leaves_the_switch_alone(world: World) -> None:
    """Sealed, deleted, read, restored: and the other days of that database have no stop."""
    world.stop()
    before = {symbol: gaps(world.recorder, None, symbol=symbol) for symbol in SYMBOLS}
    for symbol in SYMBOLS:
        world.seal(symbol)
    empty(world.recorder)
    for symbol in SYMBOLS:
        assert gaps(world.other, world.store, symbol=symbol) == before[symbol]
        world.restore(world.other, symbol)
        world.restore(world.other, symbol)
    switch = RecorderSwitch(world.other)
    assert (switch.read(), switch.history()) == (SwitchState(enabled=True, changed_at=None), [])
    for symbol in SYMBOLS:
        found = gaps(world.other, None, symbol=symbol)
        assert found["stops"] == before[symbol]["stops"]
        assert found["ticks"] == before[symbol]["ticks"]
    record(world.other, "NIFTY", THURSDAY)
    assert gaps(world.other, None, THURSDAY)["stops"] == []
    assert gaps(world.other, None, THURSDAY)["ticks"]["stopped"] == 0


def test_a_stop_that_went_on_does_not_reach_days_that_were_not_restored(world: World) -> None:
    """When the day was sealed the recorder was off; nobody there knows of the next days."""
    world.switch(STOPPED_AT, enabled=False)
    world.seal()
    world.restore(world.other)
    assert told(gaps(world.other, None)) == [(text(STOPPED_AT), None)]
    record(world.other, "NIFTY", MONDAY)
    assert RecorderSwitch(world.other).enabled()
    assert gaps(world.other, None, MONDAY)["stops"] == []


def test_the_start_after_a_sealed_stop_makes_another_version(world: World) -> None:
    """The stop of a day goes on until Monday: what was sealed before is completed either way."""
    world.switch(STOPPED_AT, enabled=False)
    assert world.seal().status == "sealed"
    assert world.seal().status == "unchanged"
    sealed = SealRegister(world.recorder).of_days(FRIDAY, FRIDAY)[0]
    monday = at(MONDAY, "07:30:00")
    world.switch(monday, enabled=True)
    complete = [(text(STOPPED_AT), text(monday))]
    assert told(gaps(world.recorder, world.store)) == complete
    again = world.seal()
    assert (again.status, again.manifest and again.manifest.version) == ("sealed", 2)
    assert SealRegister(world.recorder).of_days(FRIDAY, FRIDAY)[0].evidence != sealed.evidence
    assert told(gaps(world.other, world.store)) == complete
    world.forget()
    assert told(gaps(world.recorder, world.store)) == complete


def test_a_stop_that_the_switch_has_forgotten_is_told_and_sealed_again(world: World) -> None:
    """It remembers the last 500 times: two years of a desk that stops every night."""
    world.stop()
    before = gaps(world.recorder, None)
    world.seal()
    world.recorder[CONTROL].delete_one({"_id": "pipeline"})
    assert gaps(world.recorder, None)["stops"] == []
    assert world.seal().status == "unchanged"
    TickLedger(world.recorder).record("NIFTY", at(FRIDAY, "12:00:00"), {"outcome": "skipped"})
    assert world.seal().status == "sealed"
    assert len(world.manifest()["stops"]) == 1
    world.forget()
    assert gaps(world.recorder, world.store)["stops"] == before["stops"]


def test_each_day_has_the_stops_that_it_met(world: World) -> None:
    """One over night is of both days; that of Friday is not of Thursday."""
    world.switch(at(THURSDAY, "15:00:00"), enabled=False)
    world.switch(at(FRIDAY, "09:00:00"), enabled=True)
    world.stop()
    for day in (THURSDAY, FRIDAY):
        world.seal(day=day)
    assert [len(world.manifest(day=day)["stops"]) for day in (THURSDAY, FRIDAY)] == [1, 2]


def test_days_of_earlier_releases_are_read_and_get_their_stops(world: World) -> None:
    """They lack the member: then the switch of their own database tells, if it is that one."""
    world.stop()
    before = gaps(world.recorder, None)
    world.seal()
    world.age("stops")
    assert gaps(world.other, world.store)["stops"] == []
    assert gaps(world.recorder, world.store) == before
    world.restore(world.other)
    assert gaps(world.other, None)["stops"] == []
    assert world.seal().status == "sealed"
    world.restore(world.other)
    assert gaps(world.other, None)["stops"] == before["stops"]


def test_a_day_that_names_no_database_is_told_by_the_one_that_is_asked(world: World) -> None:
    """Still earlier releases did not keep which database it was."""
    world.stop()
    before = gaps(world.recorder, None)
    world.seal()
    world.age("stops", "database")
    world.forget()
    assert gaps(world.recorder, world.store) == before


def test_a_day_without_a_stop_stays_the_version_of_an_earlier_release(world: World) -> None:
    world.seal()
    world.age("stops")
    assert world.seal().status == "unchanged"
    assert "stops" not in world.manifest()


def test_stops_of_another_database_replace_no_sealed_day(world: World) -> None:
    """A restored day is equal to what is sealed, whatever the switch there says."""
    world.stop()
    world.seal()
    world.switch(at(THURSDAY, "08:00:00"), enabled=False, database=world.other)
    world.restore(world.other)
    assert identity_of(world.other) != identity_of(world.recorder)
    for members in ((), ("stops",)):
        world.age(*members)
        sealed = Sealer(world.other, world.store, lambda: LATER).seal("NIFTY", FRIDAY)
        assert (sealed.status, "stops" in world.manifest()) == ("unchanged", not members)
    TickLedger(world.other).record("NIFTY", at(FRIDAY, "12:00:00"), {"outcome": "skipped"})
    with pytest.raises(DayNotSealed, match="is sealed from another database"):
        Sealer(world.other, world.store, lambda: LATER).seal("NIFTY", FRIDAY)
