"""A sealed day that the archive does not show is refused, and never left out of an answer."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.archive.layout import manifest_key
from tests.support.api import CHAIN, problem, read
from tests.support.archived_week import DAYS, OF_MONDAY, SYMBOLS, evict
from tests.support.sealed_week import NOW, SealedWeek, sealed_week

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, _ = DAYS
# The retention falls into Thursday.
RETENTION = 2
WEEK = {"from": "2026-06-15", "to": "2026-06-19"}
# They need Tuesday.
OF_TUESDAY: list[tuple[str, dict[str, str]]] = [
    ("", {"as_of": "2026-06-16T15:00"}),
    ("", {"as_of": "2026-06-16T15:00", "expiry": "all"}),
    ("/strikes", {"as_of": "2026-06-16T15:00"}),
    ("/snapshots", {**WEEK, "expiry": "all"}),
    ("/analytics/history", {**WEEK, "expiry": "23-Jun-2026"}),
    ("/history", {**WEEK, "strikes_around_atm": "1", "expiry": "23-Jun-2026"}),
    ("/history", {**WEEK, "strikes_around_atm": "1", "expiry": "23-Jun-2026", "format": "csv"}),
    ("/changes", {"from": "previous_close", "to": "2026-06-17T09:30"}),
    ("/gaps", {"date": "2026-06-16"}),
    ("/disagreements", WEEK),
]


@pytest.fixture(scope="module")
def week(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedWeek]:
    """The week, of which the database has let go what its retention says."""
    with sealed_week(mongod, tmp_path_factory.mktemp("archive")) as found:
        evict(found.database, NOW - timedelta(days=RETENTION))
        yield found


@pytest.fixture(scope="module")
def without_tuesday(week: SealedWeek, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive in which one manifest was deleted."""
    folder = tmp_path_factory.mktemp("copy") / "archive"
    copytree(week.folder, folder)
    (folder / manifest_key("NIFTY", TUESDAY)).unlink()
    return folder


def refused(api: TestClient, path: str, parameters: dict[str, str]) -> str:
    """Check that a request is refused, for now; return why."""
    answer = api.get(CHAIN + path, params=parameters)
    detail: str = problem(answer, 503, "archive-damaged")["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    return detail


@pytest.mark.parametrize(("path", "parameters"), OF_TUESDAY)
def test_answer_that_needs_a_deleted_manifest_is_refused(
    week: SealedWeek, without_tuesday: Path, path: str, parameters: dict[str, str]
) -> None:
    assert week.api(RETENTION).get(CHAIN + path, params=parameters).status_code == 200
    told = refused(week.api(RETENTION, without_tuesday), path, parameters)
    assert "NIFTY 2026-06-16 was sealed, and the archive does not show it" in told
    assert "manifests/NIFTY/2026-06-16.json is missing" in told


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("", {}),
        ("", {"as_of": "2026-06-15T15:00"}),
        ("", {"as_of": "2026-06-18T15:00", "expiry": "23-Jun-2026"}),
        ("/snapshots", {"from": "2026-06-17", "to": "2026-06-19", "expiry": "23-Jun-2026"}),
        ("/gaps", {"date": "2026-06-17"}),
    ],
)
def test_answer_that_needs_other_days_stays_as_it_was(
    week: SealedWeek, without_tuesday: Path, path: str, parameters: dict[str, str]
) -> None:
    expected = week.api(RETENTION).get(CHAIN + path, params=parameters)
    found = week.api(RETENTION, without_tuesday).get(CHAIN + path, params=parameters)
    assert found.status_code == 200
    assert found.content == expected.content


def test_page_before_the_missing_day_is_served_and_the_next_is_refused(
    week: SealedWeek, without_tuesday: Path
) -> None:
    api = week.api(RETENTION, without_tuesday)
    asked: str | None = "snapshots?from=2026-06-15&to=2026-06-19&expiry=23-Jun-2026&limit=1"
    pages: list[dict[str, Any]] = []
    while (answer := api.get(f"{CHAIN}/{asked}")).status_code == 200:
        pages.append(answer.json())
        asked = pages[-1]["next"]
        assert asked
    problem(answer, 503, "archive-damaged")
    days = {row["timestamp"][:10] for page in pages for row in page["records"]}
    assert days == {"2026-06-15"}


def test_misspelt_archive_refuses_each_cold_day(week: SealedWeek, tmp_path: Path) -> None:
    api = week.api(RETENTION, tmp_path / "misspelt")
    for path, parameters in OF_TUESDAY:
        refused(api, path, parameters)
    refused(api, "", {"as_of": "2026-06-18T10:00"})
    assert api.get(CHAIN, params={"as_of": "2026-06-19T11:00"}).status_code == 200


def test_list_of_the_archive_names_the_days_that_it_does_not_show(
    week: SealedWeek, without_tuesday: Path, tmp_path: Path
) -> None:
    assert read(week.api(RETENTION), "/archive")["missing"] == []
    lost = read(week.api(RETENTION, without_tuesday), "/archive")
    assert lost["missing"] == [{"symbol": "NIFTY", "day": "2026-06-16"}]
    assert len(lost["records"]) == 2 * len(DAYS)
    nothing = week.api(RETENTION, tmp_path / "misspelt")
    cold = [(symbol, day) for symbol in sorted(SYMBOLS) for day in DAYS[:4]]
    expected = sorted([*cold, (OF_MONDAY, MONDAY)])
    found = read(nothing, "/archive")
    assert found["records"] == []
    assert [(each["symbol"], each["day"]) for each in found["missing"]] == [
        (symbol, day.isoformat()) for symbol, day in expected
    ]
    some = read(nothing, "/archive", symbol="NIFTY", from_=WEDNESDAY)
    assert [each["day"] for each in some["missing"]] == ["2026-06-17", "2026-06-18"]


def test_day_that_the_database_still_has_is_read_there(mongod: Mongod, tmp_path: Path) -> None:
    """Retention may wait for another day, so that a cold one is still there as a whole."""
    with sealed_week(mongod, tmp_path / "archive") as whole:
        expected = whole.api(RETENTION)
        folder = tmp_path / "misspelt"
        for path, parameters in OF_TUESDAY[:-2]:
            found = whole.api(RETENTION, folder).get(CHAIN + path, params=parameters)
            assert found.content == expected.get(CHAIN + path, params=parameters).content
        assert read(whole.api(RETENTION, folder), "/archive")["missing"] == []
