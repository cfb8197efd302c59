"""An existing database is compacted: every document and index as before, whatever happens."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any
from uuid import uuid4

import pytest

from local.compact.__main__ import main
from local.compact.compaction import Compaction
from local.compact.disk_space import StoredBytes, check_space
from local.compact.quiet_hours import check_quiet
from local.compact.refused import CompactRefused
from local.mongod import Mongod
from optionchain.mongo.compressed_collections import compression_of
from optionchain.mongo.documents import contract_documents
from optionchain.mongo.indexes import CONTRACTS, RECORDED, SNAPSHOTS, TICKS
from optionchain.mongo.recorder_switch import NOBODY
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.conftest import ROOT
from tests.support.killed_compaction import SUNDAY
from tests.support.mongomock_database import AnyDatabase
from tests.support.plain_databases import STRIKES, TICKS_STORED, content, record_plainly
from tests.support.snapshots import INTERVAL, TICK, snapshot

STEPS = ["made", "copied", "indexed", "compared", "noted", "replaced", "done"]
SETTINGS = Settings(nse_symbols=("NIFTY", "M&M"))


@pytest.fixture
def database(shared_database: AnyDatabase) -> Iterator[AnyDatabase]:
    """A database that an older version has recorded."""
    name = f"compact{uuid4().hex[:8]}"
    own = shared_database.client.get_database(name, codec_options=shared_database.codec_options)
    record_plainly(own)
    yield own
    own.client.drop_database(name)


def compact(
    database: AnyDatabase,
    step: Callable[[str], None] = lambda done: None,  # noqa: ARG005
    now: datetime = SUNDAY,
) -> list[str]:
    """Compact; return the lines that a person sees."""
    lines: list[str] = []
    Compaction(database, SETTINGS, lambda: now, lines.append, step).run()
    return lines


def check_compacted(database: AnyDatabase, before: dict[str, Any]) -> None:
    after = content(database)
    for name in RECORDED:
        assert after[name] == before[name], name
        stored = compression_of(database, name)
        assert stored is not None
        assert stored.is_zstd
    assert [each for each in database.list_collection_names() if "compact" in each] == []
    assert database["control"].find_one({"_id": "compact"}) is None


def test_every_document_and_index_is_as_before(database: AnyDatabase) -> None:
    before = content(database)
    lines = compact(database)
    check_compacted(database, before)
    assert [line.partition(":")[0] for line in lines] == [*RECORDED]
    assert "2,882 documents" in lines[0]


def test_what_is_compacted_is_left_alone(database: AnyDatabase) -> None:
    compact(database)
    before, done = content(database), list[str]()
    assert compact(database, done.append) == [f"{name}: it is compressed" for name in RECORDED]
    assert content(database) == before
    assert done == []


def test_an_empty_database_has_nothing_to_compact(shared_database: AnyDatabase) -> None:
    nothing = shared_database.client.get_database("compact_nothing")
    assert compact(nothing) == [f"{name}: it does not exist" for name in RECORDED]


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_lost_when_it_is_killed(
    step: str, database: AnyDatabase, mongod: Mongod
) -> None:
    """By SIGKILL, after each step of each collection; a later run completes it."""
    before = content(database)
    command = [sys.executable, "-m", "tests.support.killed_compaction"]
    arguments = [mongod.uri, database.name, step]
    killed = subprocess.run([*command, *arguments], cwd=ROOT, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert {name: rows for name, (rows, _) in content(database).items()} == {
        name: rows for name, (rows, _) in before.items()
    }
    compact(database)
    check_compacted(database, before)


class Killed(BaseException):
    """A run ends here."""


def test_it_may_be_cut_off_again_and_again(database: AnyDatabase) -> None:
    before, runs = content(database), 0

    def die() -> Callable[[str], None]:
        """Cut a run off after its third step, and let it come one step further each time."""
        left = iter(range(3 + runs))

        def step(done: str) -> None:
            if next(left, None) is None:
                raise Killed(done)

        return step

    while True:
        try:
            compact(database, die())
        except Killed:
            runs += 1
            assert content(database)[SNAPSHOTS][0] == before[SNAPSHOTS][0]
        else:
            break
    assert runs > 3
    check_compacted(database, before)


def test_readers_see_every_snapshot_whole_at_every_step(database: AnyDatabase) -> None:
    reader, seen = SnapshotReader(database), []

    def read(done: str) -> None:
        for number in (0, TICKS_STORED - 1):
            header = reader.latest_header("NIFTY", as_of=TICK + number * INTERVAL)
            assert header is not None
            seen.append((done, len(reader.contracts(header))))

    compact(database, read)
    assert {legs for _, legs in seen} == {2 * len(STRIKES)}
    assert {done for done, _ in seen} == set(STEPS)


def test_what_is_written_before_the_replacement_is_in_the_copy(database: AnyDatabase) -> None:
    """A snapshot more, a document less, headers that have changed: it is compared again."""
    writes = iter([change_ticks, commit_another, change_headers])

    def write(done: str) -> None:
        if done == "compared":
            next(writes, lambda _: None)(database)

    lines = compact(database, write)
    check_changed(database)
    assert not any("came meanwhile" in line for line in lines)


@pytest.mark.parametrize("cut_off", [False, True])
def test_what_is_written_at_the_moment_of_the_replacement_is_kept(
    cut_off: bool, database: AnyDatabase
) -> None:
    """The clock is asked between the last look and the replacement: then somebody writes."""
    due: list[Callable[[AnyDatabase], None]] = []
    writes = iter([commit_contracts, change_headers, change_ticks])

    def step(done: str) -> None:
        if done == "noted":
            due.extend(islice(writes, 1))
        if done == "replaced" and cut_off:
            raise Killed(done)

    def now() -> datetime:
        while due:
            due.pop()(database)
        return SUNDAY

    lines: list[str] = []
    for _ in range(4):
        with suppress(Killed):
            Compaction(database, SETTINGS, now, lines.append, step).run()
    commit_another(database)
    check_changed(database)
    told = [line for line in lines if "came meanwhile" in line]
    assert told == [
        "option_chain: 120 writes came meanwhile and are kept",
        "snapshots: 3 writes came meanwhile and are kept",
        "ticks: 1 writes came meanwhile and are kept",
    ]


LATER = snapshot(STRIKES, tick=TICK + timedelta(hours=1), stamp=TICK + timedelta(hours=1))


def commit_contracts(database: AnyDatabase) -> None:
    documents: list[Any] = contract_documents(LATER)
    database[CONTRACTS].insert_many(documents)


def commit_another(database: AnyDatabase) -> None:
    SnapshotWriter(database).commit(Commit(LATER))


def change_ticks(database: AnyDatabase) -> None:
    database[TICKS].delete_one({"_id": 7})


def change_headers(database: AnyDatabase) -> None:
    store = SnapshotWriter(database)
    header = store.latest_header("M&M")
    assert header is not None
    store.confirm(header, SUNDAY)
    database[SNAPSHOTS].update_one({"symbol": "NIFTY"}, {"$unset": {"derived": ""}})
    shorter = [{"$set": {"earlier_hashes": {"$slice": ["$earlier_hashes", 1]}}}]
    database[SNAPSHOTS].update_one({"fetched_at": TICK, "symbol": "M&M"}, shorter)


def check_changed(database: AnyDatabase) -> None:
    reader = SnapshotReader(database)
    newest = reader.latest_header("NIFTY")
    assert newest is not None
    assert newest["fetched_at"] == LATER.fetched_at
    assert len(reader.contracts(newest)) == 2 * len(STRIKES)
    assert database[TICKS].find_one({"_id": 7}) is None
    headers = database[SNAPSHOTS]
    assert headers.count_documents({"last_seen_at": SUNDAY}) == 1
    assert headers.count_documents({"derived": {"$exists": False}}) == 1
    assert headers.count_documents({"earlier_hashes": ["a"]}) == 1


def test_a_later_confirmation_is_not_taken_back(database: AnyDatabase) -> None:
    """A run was cut off at the replacement, and the recorder has gone on since."""
    due = [change_headers]

    def die(done: str) -> None:
        if done == "replaced" and database[SNAPSHOTS].count_documents({"last_seen_at": SUNDAY}):
            raise Killed(done)

    def now() -> datetime:
        noted = database["control"].find_one({"_id": "compact"}) or {}
        if noted.get("name") == SNAPSHOTS and due:
            due.pop()(database)
        return SUNDAY

    with suppress(Killed):
        Compaction(database, SETTINGS, now, print, die).run()
    later = SUNDAY + INTERVAL
    database[SNAPSHOTS].update_many({"symbol": "M&M"}, {"$max": {"last_seen_at": later}})
    compact(database)
    assert database[SNAPSHOTS].count_documents({"last_seen_at": later}) == TICKS_STORED


def test_whoever_writes_on_is_named(database: AnyDatabase) -> None:
    names = map(str, count())

    def write(done: str) -> None:
        if done == "compared":
            database[CONTRACTS].insert_one({"identifier": next(names), "fetched_at": SUNDAY})

    with pytest.raises(CompactRefused, match="option_chain is being written; stop what writes it"):
        compact(database, write)
    assert database[CONTRACTS].count_documents({"fetched_at": SUNDAY}) == int(next(names))
    assert compression_of(database, CONTRACTS) == ("snappy", "none")


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-06-19T04:00", "ticks are due until 15:38 IST"),  # 09:30 IST, on a Friday
        ("2026-06-19T03:41", "ticks are due until 15:38 IST"),  # 4 minutes before the opening
        ("2026-06-19T10:05", "ticks are due until 15:38 IST"),  # the closing tick is at 15:35
        ("2026-06-19T14:14", "ticks are due until 20:02 IST"),
        ("2026-06-19T15:40", "ticks are due until 21:17 IST"),
        ("2026-06-19T11:00", None),
        ("2026-06-19T16:00", None),
        ("2026-06-20T05:00", None),  # a Saturday
    ],
)
def test_nothing_is_done_while_ticks_are_due(
    moment: str, told: str | None, database: AnyDatabase
) -> None:
    now = datetime.fromisoformat(f"{moment}+00:00")
    if told is None:
        check_quiet(database, SETTINGS, now)
        return
    with pytest.raises(CompactRefused, match=told):
        compact(database, now=now)
    assert compression_of(database, TICKS) == ("snappy", "none")


def test_nothing_is_done_while_a_shift_is_on_duty(database: AnyDatabase) -> None:
    """As in a market that is always open, where no hours tell."""
    register = ShiftRegister(database)
    register.begin(["NIFTY"], "somebody", Duty(SUNDAY, SUNDAY + timedelta(minutes=2), 5))
    settings = replace(SETTINGS, market_hours="always")
    with pytest.raises(CompactRefused, match=r"shift of NIFTY is on duty until 11:32:00 IST; stop"):
        check_quiet(database, settings, SUNDAY + timedelta(minutes=1))
    check_quiet(database, settings, SUNDAY + timedelta(minutes=2))
    register.take_over(["NIFTY"], NOBODY, SUNDAY)
    check_quiet(database, settings, SUNDAY + timedelta(minutes=1))


def test_ticks_that_are_due_again_stop_it_before_a_replacement(database: AnyDatabase) -> None:
    before, moments = content(database), iter([SUNDAY] * 3)
    monday = SUNDAY + timedelta(days=1)
    with pytest.raises(CompactRefused, match="ticks are due until"):
        Compaction(database, SETTINGS, lambda: next(moments, monday), print).run()
    assert content(database) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda copy: copy.drop(),
        lambda copy: copy.drop_index("fetched_at_1"),
    ],
)
def test_a_copy_that_somebody_else_has_changed_replaces_nothing(
    change: Callable[[Any], None], database: AnyDatabase
) -> None:
    """Two runs at once: the other one has replaced the collection already."""
    before, due = content(database), [change]

    def interfere(done: str) -> None:
        if done == "indexed":
            due.pop()(database["option_chain_compact"])

    with pytest.raises(CompactRefused, match="option_chain_compact was changed by somebody else"):
        compact(database, interfere)
    assert content(database) == before


def test_a_disk_without_room_is_refused(database: AnyDatabase) -> None:
    assert check_space(database, StoredBytes(1, 1_000, 1_000), "nothing") is None
    with pytest.raises(CompactRefused, match="MB of room, and a copy may take 1,000,000,000,002"):
        check_space(database, StoredBytes(1, 10**18, 2 * 10**6), "nothing")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda database: database.create_collection("option_chain_compact"), "drop it"),
        (
            lambda database: database.command("collMod", "option_chain", validator={"x": 1}),
            "has options of its own",
        ),
    ],
)
def test_what_a_copy_would_lose_is_refused(
    change: Callable[[AnyDatabase], object], told: str, database: AnyDatabase
) -> None:
    change(database)
    with pytest.raises(CompactRefused, match=told):
        compact(database)
    assert compression_of(database, CONTRACTS) == ("snappy", "none")


def test_bytes_that_the_server_does_not_tell_are_not_told(database: AnyDatabase) -> None:
    """It tells the size of its files, and may refuse to write them now."""
    point = {"configureFailPoint": "failCommand"}
    admin, refused = database.client.admin, {"failCommands": ["fsync"], "errorCode": 13}
    admin.command({**point, "mode": "alwaysOn", "data": refused})
    try:
        lines = compact(database)
    finally:
        admin.command({**point, "mode": "off"})
    assert all(line.endswith("before, what it takes now is known in a minute") for line in lines)


def test_the_command_compacts_the_database_of_its_settings(
    database: AnyDatabase,
    mongod: Mongod,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a market that is always open, because its hours are those of this very moment."""
    before = content(database)
    settings = {
        "MONGODB_URI": mongod.uri,
        "MONGODB_DATABASE": database.name,
        "MARKET_HOURS": "always",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with handlers_kept():
        assert main([]) == 0
    check_compacted(database, before)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"Compacting the database {database.name}"
    assert len(lines) == 3
    assert all(
        re.fullmatch(rf"\w+: [\d,]+ documents, {SIZE} before, {SIZE} now \(\d+%\)", line)
        for line in lines
    )


SIZE = r"[\d.]+ MB \+ [\d.]+ MB of indexes"


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Give the signals back to pytest."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    kept = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
