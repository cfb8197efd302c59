"""A day of MongoDB is sealed: whole, exactly, and once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from chain_archive.day_evidence import evidence_of
from chain_archive.seal_days import FailedDay, OutOfTime, SymbolDay, seal_days
from chain_archive.sealing import Sealer, seal
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import FileKind, manifest_key
from optionchain.errors import ArchiveDamaged, DayNotSealed, SnapshotIncomplete
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.database_identity import identity_of
from optionchain.mongo.housekeeping_register import CONTROL
from optionchain.mongo.indexes import CONTRACTS, LISTINGS, SETTLEMENTS, SNAPSHOTS, TICKS
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.unsealed_days import UnsealedDays
from tests.support.mongomock_database import AnyDatabase
from tests.support.sealing import DAY, MINUTE, record_day, stored, visible_days
from tests.support.snapshots import TICK, snapshot

NOW = datetime(2026, 6, 19, 10, 45, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "archive")


def files_in(store: FolderStore) -> set[str]:
    return {each.key for each in store.keys("")}


def at_step(name: str, act: Callable[[], object]) -> Callable[[str], None]:
    """Return a hook that acts once, at the first step of this name."""
    done: list[str] = []

    def step(reached: str) -> None:
        if reached == name and not done:
            done.append(name)
            act()

    return step


def test_every_document_of_a_day_is_in_its_files_and_no_orphan(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    record_day(database, "M&M")
    manifest = seal(database, store, "NIFTY", DAY, lambda: NOW)
    assert manifest
    ((found, documents),) = visible_days(Path(store.url))
    assert documents == stored(database)
    assert len(documents["contracts"]) == 9 * 4
    assert (found["symbol"], found["day"], found["version"]) == ("NIFTY", "2026-06-19", 1)
    assert found["sources"] == ["nse"]
    assert found["expiries"] == ["2026-06-23", "2026-06-30"]


def test_the_database_is_told_of_a_seal(database: AnyDatabase, store: FolderStore) -> None:
    record_day(database)
    seal(database, store, "NIFTY", DAY, lambda: NOW)
    (found,) = SealRegister(database).of_days(DAY, DAY)
    assert found[:7] == ("NIFTY", DAY, 1, NOW, 9, 36, 6)
    assert found.evidence


def test_a_day_that_is_sealed_again_without_a_change_is_the_same_to_the_byte(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    first = seal(database, store, "NIFTY", DAY, lambda: NOW)
    before = {key: (Path(store.url) / key).stat().st_mtime_ns for key in files_in(store)}
    SealRegister(database)._seals.delete_many({})
    again = Sealer(database, store).seal("NIFTY", DAY)
    assert (again.status, again.manifest) == ("unchanged", first)
    assert {key: (Path(store.url) / key).stat().st_mtime_ns for key in files_in(store)} == before
    assert SealRegister(database).of_days(DAY, DAY)[0].version == 1


def settle(database: AnyDatabase) -> None:
    header: Any = database[SNAPSHOTS].find_one(sort=[("fetched_at", -1)])
    SnapshotWriter(database).confirm(header, header["fetched_at"] + MINUTE, settled=True)


CHANGES: dict[str, Callable[[AnyDatabase], object]] = {
    "the evening's chain": lambda database: SnapshotWriter(database).commit(
        Commit(snapshot(tick=TICK + timedelta(hours=5)), settled=True)
    ),
    "a late confirmation": settle,
    "a late outcome": lambda database: database[TICKS].update_one({}, {"$set": {"late": True}}),
    "a mark": lambda database: database[SNAPSHOTS].update_one(
        {}, {"$set": {"unlisted_since": TICK}}
    ),
    "the next morning's proof": lambda database: database[SETTLEMENTS].update_one(
        {"day": midnight_utc(DAY)}, {"$set": {"status": "matched"}}
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_day_that_was_changed_is_a_new_version(
    database: AnyDatabase, store: FolderStore, change: Callable[[AnyDatabase], object]
) -> None:
    record_day(database)
    seal(database, store, "NIFTY", DAY)
    change(database)
    manifest = seal(database, store, "NIFTY", DAY)
    assert manifest
    assert manifest.version == 2
    ((_, documents),) = visible_days(Path(store.url))
    assert documents == stored(database)
    assert SealRegister(database).of_days(DAY, DAY)[0].version == 2


@pytest.mark.parametrize("step", ["read contracts", "write headers", "store ticks"])
def test_a_change_while_a_day_is_sealed_is_in_the_version_that_becomes_visible(
    database: AnyDatabase, store: FolderStore, step: str
) -> None:
    record_day(database)
    later = snapshot(tick=TICK + timedelta(hours=5))
    change = at_step(step, lambda: SnapshotWriter(database).commit(Commit(later)))
    Sealer(database, store, step=change).seal("NIFTY", DAY)
    ((found, documents),) = visible_days(Path(store.url))
    assert (found["version"], documents) == (1, stored(database))


def test_a_day_that_never_stands_still_is_not_sealed(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)

    def change(step: str) -> None:
        if step == "write ticks":
            database[TICKS].update_many({}, {"$push": {"changes": 1}})

    with pytest.raises(DayNotSealed, match="NIFTY 2026-06-19 changed 4 times"):
        Sealer(database, store, step=change).seal("NIFTY", DAY)
    assert list(visible_days(Path(store.url))) == []


def test_of_two_sealers_at_once_both_are_content(database: AnyDatabase, store: FolderStore) -> None:
    record_day(database)
    other = Sealer(database, store)
    publish = at_step("publish", lambda: other.seal("NIFTY", DAY))
    sealed = Sealer(database, store, step=publish).seal("NIFTY", DAY)
    assert sealed.status == "unchanged"
    ((found, documents),) = visible_days(Path(store.url))
    assert (found["version"], documents) == (1, stored(database))


def test_older_data_never_replace_a_version_of_newer_data(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)

    def newer() -> None:
        settle(database)
        seal(database, store, "NIFTY", DAY)

    Sealer(database, store, step=at_step("publish", newer)).seal("NIFTY", DAY)
    ((found, documents),) = visible_days(Path(store.url))
    assert (found["version"], documents) == (1, stored(database))


def test_a_day_with_a_snapshot_that_is_not_whole_is_not_sealed(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    database[CONTRACTS].delete_one({"fetched_at": TICK})
    reason = r"NIFTY 2026-06-23 of 2026-06-19 15:02:25 IST has 3 of 4 contracts"
    with pytest.raises(SnapshotIncomplete, match=reason):
        seal(database, store, "NIFTY", DAY)
    assert files_in(store) == set()


def test_a_sealed_day_keeps_what_the_database_has_deleted(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    seal(database, store, "NIFTY", DAY)
    whole = stored(database)
    database[SNAPSHOTS].delete_one({"fetched_at": TICK})
    with pytest.raises(DayNotSealed, match=r"has 36 contracts .*, and MongoDB has only 32"):
        seal(database, store, "NIFTY", DAY)
    ((found, documents),) = visible_days(Path(store.url))
    assert (found["version"], documents) == (1, whole)


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["contracts", "ticks"])
@pytest.mark.parametrize("damage", [Path.unlink, flip_a_bit])
def test_files_that_are_gone_or_damaged_are_stored_again(
    database: AnyDatabase, store: FolderStore, damage: Callable[[Path], None], kind: FileKind
) -> None:
    record_day(database)
    manifest = seal(database, store, "NIFTY", DAY)
    assert manifest
    damage(Path(store.url) / manifest.files[kind].key)
    assert Sealer(database, store).seal("NIFTY", DAY).status == "unchanged"
    ((_, documents),) = visible_days(Path(store.url))
    assert documents == stored(database)


def test_a_torn_manifest_keeps_its_day_back_until_it_is_deleted(
    database: AnyDatabase, store: FolderStore
) -> None:
    """As operations.md says: the sealed version may be the only whole one, so it is not guessed."""
    record_day(database)
    seal(database, store, "NIFTY", DAY)
    path = Path(store.url) / manifest_key("NIFTY", DAY)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ArchiveDamaged, match=r"no manifest: .* delete it while MongoDB has the"):
        seal(database, store, "NIFTY", DAY)
    path.unlink()
    assert Sealer(database, store).seal("NIFTY", DAY).status == "sealed"
    ((found, documents),) = visible_days(Path(store.url))
    assert (found["version"], documents) == (1, stored(database))


def test_a_day_of_which_nothing_is_stored_is_empty(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    assert Sealer(database, store).seal("NIFTY", date(2026, 6, 18)).status == "empty"
    assert Sealer(database, store).seal("OTHER", DAY).status == "empty"
    assert files_in(store) == set()


def test_a_day_of_ticks_alone_is_sealed(database: AnyDatabase, store: FolderStore) -> None:
    database[TICKS].insert_one({"symbol": "NIFTY", "tick": TICK, "outcome": "failed"})
    manifest = seal(database, store, "NIFTY", DAY)
    assert manifest
    assert {kind: file.rows for kind, file in manifest.files.items()} == {
        "contracts": 0,
        "headers": 0,
        "ticks": 1,
        "records": 0,
    }


def test_a_list_that_is_read_again_later_is_no_change_of_the_day(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    seal(database, store, "NIFTY", DAY)
    (before,) = SealRegister(database).of_days(DAY, DAY)
    for days in (1, 2):
        reading: dict[str, Any] = {"$set": {"read_at": TICK + timedelta(days=days)}}
        database[LISTINGS].update_one({"since": TICK}, reading)
        assert Sealer(database, store).seal("NIFTY", DAY).status == "unchanged"
    (after,) = SealRegister(database).of_days(DAY, DAY)
    assert after._replace(compared_at=None) == before
    database[LISTINGS].update_one({"since": TICK}, {"$push": {"unlisted": midnight_utc(DAY)}})
    assert Sealer(database, store).seal("NIFTY", DAY).status == "sealed"
    ((found, documents),) = visible_days(Path(store.url))
    assert (found["version"], documents) == (2, stored(database))


def test_a_list_that_was_read_again_is_stored_where_the_sealed_one_is_damaged(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database)
    manifest = seal(database, store, "NIFTY", DAY)
    assert manifest
    database[LISTINGS].update_one({"since": TICK}, {"$set": {"read_at": TICK + MINUTE}})
    flip_a_bit(Path(store.url) / manifest.files["records"].key)
    assert Sealer(database, store).seal("NIFTY", DAY).status == "sealed"
    ((found, documents),) = visible_days(Path(store.url))
    assert (found["version"], documents) == (2, stored(database))


def test_a_day_of_another_database_is_not_replaced(
    database: AnyDatabase, store: FolderStore
) -> None:
    """A copy of it may seal the same content, and what takes its place has its id."""
    record_day(database)
    manifest = seal(database, store, "NIFTY", DAY)
    assert manifest
    assert manifest.database == identity_of(database) == identity_of(database)
    database[CONTROL].delete_one({"_id": "database"})
    assert identity_of(database) != manifest.database
    assert Sealer(database, store).seal("NIFTY", DAY).status == "unchanged"
    settle(database)
    with pytest.raises(DayNotSealed, match="is sealed from another database") as refused:
        seal(database, store, "NIFTY", DAY)
    assert f"{manifest.database} in the document `database`" in str(refused.value)
    database[CONTROL].update_one({"_id": "database"}, {"$set": {"id": manifest.database}})
    assert Sealer(database, store).seal("NIFTY", DAY).status == "sealed"


def test_a_version_that_names_no_database_may_be_replaced(
    database: AnyDatabase, store: FolderStore
) -> None:
    """It is of an earlier release."""
    record_day(database)
    seal(database, store, "NIFTY", DAY)
    path = Path(store.url) / manifest_key("NIFTY", DAY)
    old = orjson.loads(path.read_bytes())
    del old["database"]
    path.write_bytes(orjson.dumps(old))
    settle(database)
    assert Sealer(database, store).seal("NIFTY", DAY).status == "sealed"
    assert orjson.loads(path.read_bytes())["database"] == identity_of(database)


def test_a_day_that_is_found_equal_holds_until_then(
    database: AnyDatabase, store: FolderStore
) -> None:
    """As where the clock was behind when it was sealed: it is found sealed with the next run."""
    record_day(database)
    behind = TICK - timedelta(days=1)
    seal(database, store, "NIFTY", DAY, lambda: behind)
    days = UnsealedDays(database)
    assert [each.day for each in days.find(DAY, DAY)] == [DAY]
    assert Sealer(database, store, lambda: NOW).seal("NIFTY", DAY).status == "unchanged"
    assert days.find(DAY, DAY) == []
    (found,) = SealRegister(database).of_days(DAY, DAY)
    assert (found.sealed_at, found.compared_at, found.version) == (behind, NOW, 1)


@pytest.mark.parametrize("name", ["last_seen_at", "settled_at", "unlisted_since"])
def test_an_instant_of_a_header_that_moves_is_a_change(database: AnyDatabase, name: str) -> None:
    record_day(database)
    found = []
    for instant in (TICK, TICK + MINUTE):
        database[SNAPSHOTS].update_one({}, {"$set": {name: instant}})
        found.append(evidence_of(database, "NIFTY", DAY))
    assert found[0] != found[1]


def test_a_bad_day_keeps_no_other_day_back(database: AnyDatabase, store: FolderStore) -> None:
    for symbol in ("IDEA", "M&M", "NIFTY"):
        record_day(database, symbol)
    database[CONTRACTS].delete_one({"symbol": "M&M", "fetched_at": TICK})
    days = [SymbolDay(symbol, DAY) for symbol in ("IDEA", "M&M", "NIFTY")]
    idea, bad, nifty = seal_days(Sealer(database, store), days)
    assert isinstance(bad, FailedDay)
    assert isinstance(bad.error, SnapshotIncomplete)
    assert not isinstance(idea, FailedDay)
    assert not isinstance(nifty, FailedDay)
    assert {found["symbol"] for found, _ in visible_days(Path(store.url))} == {"IDEA", "NIFTY"}


def test_when_the_time_is_up_the_days_that_are_left_stay_as_they_are(
    database: AnyDatabase, store: FolderStore
) -> None:
    record_day(database, "IDEA")
    record_day(database, "NIFTY")

    published: list[str] = []

    def step(name: str) -> None:
        if name == "publish" and published:
            raise OutOfTime
        if name == "publish":
            published.append(name)

    sealer = Sealer(database, store, step=step)
    done = list(seal_days(sealer, [SymbolDay("IDEA", DAY), SymbolDay("NIFTY", DAY)]))
    assert [(each.symbol, each.day) for each in done] == [("IDEA", DAY)]
    assert [found["symbol"] for found, _ in visible_days(Path(store.url))] == ["IDEA"]
