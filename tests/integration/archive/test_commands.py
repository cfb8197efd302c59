"""`make archive` and `make restore` on a real database: what they do, say and return."""

from argparse import ArgumentParser
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from re import fullmatch

import pytest

from local.archive.__main__ import Sealing
from local.archive.options import add_days, archive_of, days_of
from local.restore.__main__ import main as restore
from local.restore.__main__ import run as run_restore
from optionchain.errors import SettingInvalid
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS, Indexes
from optionchain.mongo.seal_register import SealRegister
from optionchain.settings import Settings
from tests.conftest import ROOT, empty
from tests.support.api import client, commit, read
from tests.support.mongomock_database import AnyDatabase
from tests.support.seals import india
from tests.support.snapshots import snapshot

THURSDAY, FRIDAY, MONDAY = date(2026, 6, 18), date(2026, 6, 19), date(2026, 6, 22)


class Desk:
    """A database with three days of NIFTY and one of M&M, and who seals them on Monday at noon."""

    def __init__(self, database: AnyDatabase, settings: Settings, folder: Path) -> None:
        self.database = database
        self.settings = replace(
            settings, archive_url=str(folder / "archive"), market_hours="exchange"
        )
        self.lines: list[str] = []
        for day in (THURSDAY, FRIDAY, MONDAY):
            commit(database, snapshot(tick=india(day, "10:00"), stamp=india(day, "09:59")))
        other = snapshot(symbol="M&M", tick=india(FRIDAY, "10:00"), stamp=india(FRIDAY, "09:59"))
        commit(database, other)

    def seal(
        self, *wanted: date, symbols: list[str] | None = None, at: datetime | None = None
    ) -> int:
        self.lines.clear()
        days = (wanted[0], wanted[-1]) if wanted else None
        now = at or india(MONDAY, "12:00")
        return Sealing(self.database, self.settings, self.lines.append, lambda: now).run(
            days, symbols
        )

    def sealed(self) -> list[tuple[str, date]]:
        found = SealRegister(self.database).of_days(THURSDAY, MONDAY)
        return [(each.symbol, each.day) for each in found]


@pytest.fixture
def desk(database: AnyDatabase, mongo_settings: Settings, tmp_path: Path) -> Desk:
    return Desk(database, mongo_settings, tmp_path)


PAST = [("M&M", FRIDAY), ("NIFTY", THURSDAY), ("NIFTY", FRIDAY)]


def test_without_a_day_everything_that_is_over_is_sealed(desk: Desk) -> None:
    assert desk.seal() == 0
    assert desk.sealed() == PAST
    assert fullmatch(
        r"NIFTY 2026-06-18 is sealed: 4 contracts of 1 snapshot in \d+\.\d KB, version 1",
        desk.lines[0],
    )
    assert desk.lines[-1].startswith("3 sealed, 0 unchanged, 0 failed: from the database ")
    assert desk.seal() == 0
    assert desk.lines[-1].startswith("0 sealed, 0 unchanged, 0 failed")
    assert desk.seal(at=india(MONDAY, "15:50")) == 0
    assert (("NIFTY", MONDAY) in desk.sealed(), len(desk.lines)) == (True, 2)


def test_stats_say_how_far_the_archive_is(desk: Desk) -> None:
    desk.seal(FRIDAY)
    settings = replace(desk.settings, retention_days=30)
    answer = read(client(desk.database, india(MONDAY, "12:00"), settings), "/stats")
    state = answer["archive"]
    assert (state["kind"], state["sealed_days"], state["newest_sealed_day"]) == (
        "folder",
        2,
        "2026-06-19",
    )
    assert (state["unsealed_days"], state["oldest_unsealed_day"]) == (1, "2026-06-18")


@pytest.mark.parametrize(
    ("days", "symbols", "status", "sealed"),
    [
        ((FRIDAY,), None, 0, [PAST[0], PAST[2]]),
        ((THURSDAY, FRIDAY), ["NIFTY"], 0, PAST[1:]),
        ((FRIDAY, MONDAY), ["M&M"], 0, PAST[:1]),
        ((FRIDAY, MONDAY), ["NIFTY"], 1, PAST[2:]),  # Monday is not over
        ((date(2026, 6, 20),), None, 1, []),
        ((FRIDAY,), ["IDEA"], 1, []),
    ],
)
def test_the_days_and_symbols_that_are_named_are_sealed(
    days: tuple[date, ...],
    symbols: list[str] | None,
    status: int,
    sealed: list[tuple[str, date]],
    desk: Desk,
) -> None:
    assert desk.seal(*days, symbols=symbols) == status
    assert desk.sealed() == sealed


def test_a_day_that_is_named_again_is_compared_and_unchanged(desk: Desk) -> None:
    desk.seal(FRIDAY)
    assert desk.seal(FRIDAY) == 0
    assert desk.lines == [desk.lines[-1]]
    assert desk.lines[-1].startswith("0 sealed, 2 unchanged, 0 failed")


def test_a_day_that_cannot_be_sealed_is_said_and_the_others_are_sealed(desk: Desk) -> None:
    desk.database[CONTRACTS].delete_one({"symbol": "M&M"})
    assert desk.seal() == 1
    assert desk.sealed() == PAST[1:]
    (told,) = [line for line in desk.lines if line.startswith("M&M")]
    assert told.startswith("M&M 2026-06-19 is not sealed: ")
    assert ", 1 failed: " in desk.lines[-1]


def test_what_was_sealed_is_restored_with_the_same_words_for_days(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.seal()
    before = {name: desk.database[name].count_documents({}) for name in (CONTRACTS, SNAPSHOTS)}
    empty(desk.database)
    assert run_restore(desk.database, desk.settings, (THURSDAY, FRIDAY), None) == 0
    assert desk.sealed() == PAST
    assert desk.database[CONTRACTS].count_documents({}) == before[CONTRACTS] - 4
    assert desk.database[SNAPSHOTS].count_documents({}) == before[SNAPSHOTS] - 1
    printed = capsys.readouterr().out.splitlines()
    assert "NIFTY 2026-06-18 is restored: 5 documents stored, 0 were there before" in printed
    assert printed[-1].startswith("3 of 3 restored into the database ")
    assert run_restore(desk.database, desk.settings, (MONDAY, MONDAY), None) == 1


def test_the_documented_line_restores_into_a_database_of_its_own(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the folder and the database of this test in the place of those of `make run`."""
    text = (ROOT / "docs/operations.md").read_text()
    (line,) = [each for each in text.splitlines() if "MONGODB_DATABASE=past make restore" in each]
    given = dict(each.split("=") for each in line.split() if "=" in each)
    own = f"{desk.database.name}_past"
    desk.settings = replace(desk.settings, archive_url=f"{tmp_path}/archive/{desk.database.name}")
    desk.seal()
    folder = given.pop("ARCHIVE_URL").replace(".local", str(tmp_path))
    monkeypatch.setenv("ARCHIVE_URL", folder.replace("option_chain", desk.database.name))
    assert desk.settings.mongodb_uri
    monkeypatch.setenv("MONGODB_URI", desk.settings.mongodb_uri.get_secret_value())
    monkeypatch.setenv("MONGODB_DATABASE", own)
    monkeypatch.setenv("RETENTION_DAYS", given["RETENTION_DAYS"])
    try:
        assert restore(["--from", given["FROM"], "--to", given["TO"]]) == 0
        restored = desk.database.client.get_database(own)
        assert restored[CONTRACTS].count_documents({}) == 4 * len(PAST)
    finally:
        desk.database.client.drop_database(own)


def test_to_restore_never_shortens_the_retention(desk: Desk) -> None:
    """The recorder of that database has RETENTION_DAYS=3650, and who restores has not set it."""
    desk.seal()
    plain = replace(desk.settings, retention_days=30)
    assert run_restore(desk.database, plain, (FRIDAY, FRIDAY), ["NIFTY"]) == 0
    found = desk.database[TICKS].index_information().values()
    assert {row.get("expireAfterSeconds", 0) for row in found} == {0, 3_650 * 86_400}


def test_a_new_database_gets_its_indexes_before_anything_is_restored(
    desk: Desk, mongo_settings: Settings
) -> None:
    desk.seal()
    new = desk.database.client.get_database(
        f"{desk.database.name}_new", desk.database.codec_options
    )
    try:
        assert run_restore(new, desk.settings, (FRIDAY, FRIDAY), None) == 0
        assert len(new[CONTRACTS].index_information()) == 4
        old = replace(desk.settings, retention_days=30)
        Indexes(new, 30).ensure()
        empty(new)
        assert run_restore(new, old, (FRIDAY, FRIDAY), None) == 1
        assert new[CONTRACTS].count_documents({}) == 0
    finally:
        desk.database.client.drop_database(new.name)
    assert mongo_settings.retention_days == 3_650


def named(*arguments: str) -> object:
    parser = ArgumentParser()
    add_days(parser)
    return days_of(parser.parse_args(arguments))


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        ((), None),
        (("--day", "2026-06-19"), (FRIDAY, FRIDAY)),
        (("--from", "2026-06-19"), (FRIDAY, FRIDAY)),
        (("--from", "2026-06-18", "--to", "2026-06-22"), (THURSDAY, MONDAY)),
    ],
)
def test_days_are_named_in_two_ways(arguments: tuple[str, ...], days: object) -> None:
    assert named(*arguments) == days


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (("--day", "2026-06-19", "--from", "2026-06-18"), "^DAY='2026-06-19': cannot be combined"),
        (("--to", "2026-06-19"), "^FROM='': must be the first day"),
        (("--from", "2026-06-19", "--to", "2026-06-18"), "^FROM='2026-06-19': must not be after"),
    ],
)
def test_days_that_make_no_sense_are_refused_by_name(
    arguments: tuple[str, ...], refusal: str
) -> None:
    with pytest.raises(SettingInvalid, match=refusal):
        named(*arguments)


def test_each_database_of_make_run_has_an_archive_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert archive_of(Settings()) == f"{tmp_path}/archive/option_chain"
    assert archive_of(Settings(archive_url="s3://bucket/prefix")) == "s3://bucket/prefix"
