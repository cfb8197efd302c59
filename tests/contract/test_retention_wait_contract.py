"""What is not archived is not let go: how long documents are kept, and what is said of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from pymongo.errors import OperationFailure

from optionchain.exchange_time import exchange_date
from optionchain.mongo.deletion_register import DeletionRegister
from optionchain.mongo.indexes import CONTRACTS, OF_DAYS, SNAPSHOTS, TICKS, Indexes
from optionchain.mongo.retention_wait import RetentionWait, expires_at, wait_days
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.unsealed_days import UnsealedDay, UnsealedDays
from optionchain.mongo.wait_register import WaitRegister
from tests.support.mongomock_database import AnyDatabase
from tests.support.seals import delete_until, india, record, seal

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MONDAY = date(2026, 6, 1)
OPENING = india(MONDAY)


@dataclass
class Told:
    """What a wait has reported."""

    waits: list[tuple[int, date | None]] = field(default_factory=list)
    lost: list[UnsealedDay] = field(default_factory=list)
    cut: list[UnsealedDay] = field(default_factory=list)

    def report_wait(self, extra_days: int, oldest: UnsealedDay | None) -> None:
        self.waits.append((extra_days, oldest.day if oldest else None))

    def report_lost(self, day: UnsealedDay) -> None:
        self.lost.append(day)

    def report_cut(self, day: UnsealedDay) -> None:
        self.cut.append(day)


@dataclass
class World:
    """A database, and what is known of it so many days after Monday's opening."""

    database: AnyDatabase
    told: Told = field(default_factory=Told)
    now: datetime = OPENING

    def wait(self, **options: Any) -> RetentionWait:  # noqa: ANN401
        given = {"has_archive": True} | options
        return RetentionWait(self.database, 30, report=self.told, now=lambda: self.now, **given)

    def extra_after(self, age: timedelta, **options: Any) -> int:  # noqa: ANN401
        self.now = OPENING + age
        return self.wait(**options).extra_days()


@pytest.fixture
def world(database: AnyDatabase) -> World:
    record(database, "NIFTY", MONDAY)
    return World(database)


@pytest.mark.parametrize(
    ("age", "extra"),
    [(1, 0), (27.9, 0), (28, 0), (28.1, 1), (30, 2), (35.5, 8), (42, 14), (43.9, 14)],
)
def test_an_unsealed_day_is_kept_for_two_days_more_than_its_age(
    age: float, extra: int, world: World
) -> None:
    assert world.extra_after(age * DAY) == extra


def test_days_of_many_ages_need_what_the_oldest_needs() -> None:
    now = OPENING + 31 * DAY
    days = [UnsealedDay("NIFTY", MONDAY + n * DAY, OPENING + n * DAY) for n in range(20)]
    assert wait_days(list(reversed(days)), 30, now) == 3
    assert wait_days([], 30, now) == wait_days(days[10:], 30, now) == 0
    assert expires_at(days[0], 30) == OPENING + 44 * DAY


def test_the_wait_ends_with_the_seal(world: World) -> None:
    assert world.extra_after(31 * DAY) == 3
    SealRegister(world.database).write(seal("NIFTY", MONDAY))
    assert world.extra_after(31 * DAY) == 0
    assert world.told.waits == [(3, MONDAY), (0, None)]
    assert world.told.lost == []


def test_a_day_of_another_symbol_is_waited_for_as_well(world: World) -> None:
    SealRegister(world.database).write(seal("NIFTY", MONDAY))
    record(world.database, "M&M", MONDAY + DAY)
    assert world.extra_after(31 * DAY) == 2


def test_one_environment_looks_once_an_hour(world: World) -> None:
    wait = world.wait()
    found = []
    for hours in (0, 0.5, 0.99, 1):
        world.now = OPENING + 31 * DAY + hours * HOUR
        found.append(wait.extra_days())
        SealRegister(world.database).write(seal("NIFTY", MONDAY))
    assert found == [3, 3, 3, 0]


@pytest.mark.parametrize(("silence", "extra"), [(0, 3), (47, 5), (49, 0)])
def test_a_recorder_without_an_archive_does_not_undo_what_another_one_keeps(
    silence: int, extra: int, world: World
) -> None:
    """Until the other one has not looked for two days: then the archive was given up."""
    assert world.extra_after(31 * DAY, has_archive=False) == 0
    world.extra_after(31 * DAY)
    assert world.extra_after(31 * DAY + silence * HOUR, has_archive=False) == extra


def test_what_another_archive_has_is_kept_until_this_one_has_it(world: World) -> None:
    """A recorder without an archive goes by the seals that count for the other one."""
    sealed = seal("NIFTY", MONDAY)._replace(archive="s3://before")
    SealRegister(world.database).write(sealed)
    assert world.extra_after(31 * DAY, archive="s3://now") == 3
    assert world.extra_after(31 * DAY, has_archive=False) == 3
    SealRegister(world.database).write(sealed._replace(archive="s3://now"))
    assert world.extra_after(31 * DAY, has_archive=False) == 0
    assert world.extra_after(31 * DAY, archive="s3://now") == 0


def test_a_day_that_is_lost_unsealed_is_said_once(world: World) -> None:
    """By the recorder that looks first, also where the days are deleted meanwhile."""
    world.extra_after(43 * DAY)
    assert world.told.lost == []
    for _ in range(2):
        world.extra_after(44 * DAY)
    world.database[SNAPSHOTS].delete_many({})
    world.extra_after(45 * DAY)
    assert world.told.lost == [UnsealedDay("NIFTY", MONDAY, OPENING)]
    assert WaitRegister(world.database).read().lost == tuple(world.told.lost)
    assert world.told.waits == [(14, MONDAY), (0, None)]


def test_the_part_of_a_day_that_expired_first_counts_as_its_loss(world: World) -> None:
    world.extra_after(43 * DAY)
    world.database[SNAPSHOTS].delete_many({})
    record(world.database, "NIFTY", MONDAY, clock="15:00")
    world.extra_after(44 * DAY + HOUR)
    assert world.told.lost == [UnsealedDay("NIFTY", MONDAY, OPENING)]


def test_a_day_that_was_cut_before_the_archive_was_there_is_not_waited_for(world: World) -> None:
    """Its rest stays in no archive: it would look like a whole day."""
    delete_until(world.database, OPENING)
    assert [world.extra_after(age * DAY) for age in (29, 31, 44, 45)] == [0, 0, 0, 0]
    cut = UnsealedDay("NIFTY", MONDAY, OPENING)
    assert (world.told.cut, world.told.lost, world.told.waits) == ([cut], [], [])
    assert WaitRegister(world.database).read().cut == (cut,)


def test_a_day_that_is_cut_although_it_was_waited_for_is_lost(world: World) -> None:
    """As where another recorder keeps documents for less."""
    world.extra_after(5 * DAY, all_days=True)
    delete_until(world.database, OPENING)
    world.extra_after(6 * DAY)
    world.extra_after(45 * DAY)
    assert (world.told.cut, len(world.told.lost)) == ([], 1)


def test_the_day_after_a_cut_one_is_whole(world: World) -> None:
    record(world.database, "NIFTY", MONDAY + DAY)
    delete_until(world.database, india(MONDAY, "23:58:59"))
    assert UnsealedDays(world.database).find(MONDAY, MONDAY + DAY)[0].day == MONDAY + DAY
    delete_until(world.database, india(MONDAY, "23:59:01"))  # a minute: clocks differ
    assert UnsealedDays(world.database).find(MONDAY, MONDAY + DAY) == []
    assert [each.day for each in UnsealedDays(world.database).find_cut(MONDAY, MONDAY + DAY)] == [
        MONDAY,
        MONDAY + DAY,
    ]
    assert UnsealedDays(world.database).find_cut(MONDAY + DAY, MONDAY) == []


def test_how_far_documents_were_deleted_is_noted_before_they_are_kept_longer(
    real_database: AnyDatabase,
) -> None:
    """The newest instant stays: what is gone does not come back when documents are kept longer."""
    register = DeletionRegister(real_database)
    assert register.note(OF_DAYS, OPENING) == date.min
    reached, begun = [], datetime.now(UTC)
    for days in (30, 60, 10, 90):
        Indexes(real_database, days).ensure()
        reached.append(register.whole_from())
    ended = datetime.now(UTC)
    assert reached[0] == date.min
    for each, days in zip(reached[1:], (30, 10, 10), strict=True):
        first, last = (exchange_date(at - (days - 1) * DAY) for at in (begun, ended + 2 * MINUTE))
        assert first <= each <= last


class Refusing:
    """A database whose user may not look for seals."""

    def __getitem__(self, name: str) -> "Refusing":
        return self

    def find_one(self, *_: object, **__: object) -> None:
        raise OperationFailure("not authorized", 13, {"errmsg": "not authorized"})


@pytest.mark.parametrize(("has_archive", "extra"), [(True, 14), (False, 0)])
def test_what_may_not_be_looked_up_may_be_unsealed(extra: int, *, has_archive: bool) -> None:
    world = World(cast("AnyDatabase", Refusing()))
    assert world.extra_after(31 * DAY, has_archive=has_archive) == extra


@pytest.mark.parametrize("all_days", [True, False])
def test_what_was_deleted_by_hand_before_it_was_sealed_is_lost(
    all_days: bool, world: World
) -> None:
    """Younger days are known where somebody has looked at all of them."""
    world.extra_after(5 * DAY, all_days=all_days)
    world.database[SNAPSHOTS].delete_many({})
    world.extra_after(6 * DAY, all_days=True)
    assert len(world.told.lost) == all_days


def test_a_quick_look_keeps_in_mind_what_a_thorough_one_has_found(world: World) -> None:
    world.extra_after(5 * DAY, all_days=True)
    world.extra_after(6 * DAY)
    assert WaitRegister(world.database).read().unsealed == (UnsealedDay("NIFTY", MONDAY, OPENING),)
    SealRegister(world.database).write(seal("NIFTY", MONDAY))
    world.extra_after(7 * DAY)
    assert WaitRegister(world.database).read().unsealed == ()


def lives(database: AnyDatabase, collection: str) -> int:
    found = database[collection].index_information().values()
    (seconds,) = [row["expireAfterSeconds"] for row in found if "expireAfterSeconds" in row]
    assert isinstance(seconds, int)
    return seconds


def days_kept(database: AnyDatabase) -> list[float]:
    """Return after how many days headers, ticks and contracts expire; contracts an hour later."""
    seconds = [lives(database, name) for name in (SNAPSHOTS, TICKS, CONTRACTS)]
    return [each / 86_400 for each in (*seconds[:2], seconds[2] - 3_600)]


@pytest.fixture
def aged(real_database: AnyDatabase) -> Callable[[float], World]:
    """A real database with one day of this age, by the wall clock, by which MongoDB deletes."""

    def make(days: float) -> World:
        first = datetime.now(UTC) - days * DAY
        real_database[SNAPSHOTS].insert_one({"symbol": "NIFTY", "fetched_at": first})
        return World(real_database, now=datetime.now(UTC))

    return make


@pytest.mark.parametrize(("age", "kept"), [(3, 30), (30.5, 33), (41.9, 44), (43.5, 44)])
def test_the_time_to_live_waits_for_the_seal_and_shrinks_after_it(
    age: float, kept: int, aged: Callable[[float], World]
) -> None:
    world = aged(age)
    Indexes(world.database, 30, extra_days=world.wait().extra_days).ensure()
    assert days_kept(world.database) == [kept] * 3
    day = world.now - age * DAY
    sealed = seal("NIFTY", day.astimezone(OPENING.tzinfo).date())._replace(sealed_at=world.now)
    for offset in (-1, 0, 1):  # the day in India is one of these
        each = sealed._replace(day=sealed.day + offset * DAY)
        SealRegister(world.database).write(each)
    world.database[SNAPSHOTS].delete_many({})  # as MongoDB does; contracts go after the headers
    Indexes(world.database, 30, extra_days=world.wait().extra_days).ensure()
    assert days_kept(world.database) == [30] * 3


def test_a_warm_environment_sets_the_retention_again_when_the_wait_changes(
    aged: Callable[[float], World],
) -> None:
    world, extra = aged(3), [0]
    indexes = Indexes(world.database, 30, extra_days=lambda: extra[0])
    kept = []
    for days in (0, 5, 5, 0):
        extra[0] = days
        indexes.ensure()
        kept.append(days_kept(world.database)[0])
    assert kept == [30, 35, 35, 30]


def ttl_passes(database: AnyDatabase) -> int:
    return int(database.client.admin.command("serverStatus")["metrics"]["ttl"]["passes"])


def test_the_real_database_deletes_no_unsealed_day(aged: Callable[[float], World]) -> None:
    """Its monitor runs each second in tests: what the plain retention deletes, this one keeps."""
    world = aged(31)
    Indexes(world.database, 30, extra_days=world.wait().extra_days).ensure()
    before = ttl_passes(world.database)
    while ttl_passes(world.database) < before + 2:
        time.sleep(0.1)
    assert world.database[SNAPSHOTS].count_documents({}) == 1
