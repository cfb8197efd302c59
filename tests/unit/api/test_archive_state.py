"""What a user sees of the archive: how far it is, what the retention waits for, what is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from optionchain.mongo.retention_wait import RetentionWait
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.unsealed_days import UnsealedDay
from optionchain.mongo.wait_register import WaitRegister
from optionchain.settings import Settings
from tests.support.api import NOW, client, database_with
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.seals import india, record, seal
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

DAY = timedelta(days=1)
TODAY = (NOW + timedelta(hours=5, minutes=30)).date()
YESTERDAY, BEFORE = TODAY - DAY, TODAY - 2 * DAY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(nse_symbols=("NIFTY",), archive_url=str(tmp_path))


@pytest.fixture
def database() -> AnyDatabase:
    """Today's first snapshot, two days before it, and the older one is sealed."""
    database = database_with(snapshot(stamp=NOW))
    record(database, "NIFTY", BEFORE, YESTERDAY)
    SealRegister(database).write(seal("NIFTY", BEFORE))
    return database


def health(database: AnyDatabase, settings: Settings, now: datetime = NOW) -> dict[str, Any]:
    answer: dict[str, Any] = client(database, now, settings).get("/health").json()
    return answer


def remarks(answer: dict[str, Any], kind: str = "notices") -> list[dict[str, Any]]:
    """Return what an answer says of the archive."""
    codes = "unsealed_days", "unsealed_days_expire", "days_lost", "days_cut"
    return [each for each in answer[kind] if each["code"] in codes]


@pytest.mark.parametrize("path", ["/health", "/pipeline/status"])
def test_answers_say_how_far_the_archive_is(
    path: str, database: AnyDatabase, settings: Settings
) -> None:
    assert client(database, NOW, settings).get(path).json()["archive"] == {
        "kind": "folder",
        "sealed_days": 1,
        "newest_sealed_day": BEFORE.isoformat(),
        "unsealed_days": 1,
        "oldest_unsealed_day": YESTERDAY.isoformat(),
        "retention_days": 30,
        "extra_days": 0,
        "lost_days": 0,
    }
    without = replace(settings, archive_url=None)
    assert client(database, NOW, without).get(path).json()["archive"] is None


def test_where_the_archive_lies_is_not_told(database: AnyDatabase, settings: Settings) -> None:
    api = client(database, NOW, replace(settings, archive_url="s3://a-bucket/a-prefix"))
    for path in ("/health", "/pipeline/status"):
        answer = api.get(path)
        assert answer.json()["archive"]["kind"] == "s3"
        assert "a-bucket" not in answer.text


def test_a_day_that_is_not_sealed_is_a_notice_until_it_is(
    database: AnyDatabase, settings: Settings
) -> None:
    (notice,) = remarks(health(database, settings))
    assert (notice["code"], notice["days"]) == ("unsealed_days", 1)
    assert notice["detail"] == (
        f"NIFTY {YESTERDAY} are not sealed in the archive; the database keeps them 0 days longer "
        "than its retention"
    )
    SealRegister(database).write(seal("NIFTY", YESTERDAY))
    assert remarks(health(database, settings)) == []
    assert remarks(health(database, replace(settings, archive_url=None))) == []


@pytest.mark.parametrize(("clock", "days"), [("00:30", 0), ("01:00", 1)])
def test_a_day_counts_an_hour_after_its_end(
    clock: str, days: int, database: AnyDatabase, settings: Settings
) -> None:
    """Where the market never closes, it is sealed in that hour."""
    found = remarks(health(database, settings, india(TODAY, clock)))
    assert [each["days"] for each in found] == [1] * days


def test_days_of_other_symbols_count_if_the_retention_waits_for_them(
    database: AnyDatabase, settings: Settings
) -> None:
    record(database, "IDEA", BEFORE)
    assert remarks(health(database, settings))[0]["days"] == 1
    RetentionWait(database, 30, has_archive=True, all_days=True, now=lambda: NOW).extra_days()
    (notice,) = remarks(health(database, settings))
    assert (notice["days"], notice["detail"][:16]) == (2, f"IDEA {BEFORE}, "[:16])


@pytest.mark.parametrize(("left", "soon"), [(49, False), (47, True), (1, True)])
def test_a_day_that_is_lost_within_two_days_makes_the_service_unhealthy(
    left: int, soon: bool, database: AnyDatabase, settings: Settings
) -> None:
    now = india(YESTERDAY) + 44 * DAY - timedelta(hours=left)
    answer = health(database, settings, now)
    reasons = remarks(answer, "reasons")
    assert [each["code"] for each in reasons] == ["unsealed_days_expire"] * soon
    if soon:
        assert answer["status"] == "unhealthy"
        assert reasons[0]["detail"].startswith(f"NIFTY {YESTERDAY}")
        assert datetime.fromisoformat(reasons[0]["until"]) == india(YESTERDAY) + 44 * DAY


@pytest.mark.parametrize(("days", "said"), [(44, True), (73, True), (75, False)])
@pytest.mark.parametrize(
    ("code", "note", "text"),
    [
        ("days_lost", WaitRegister.lose, "were deleted before they were sealed"),
        ("days_cut", WaitRegister.cut, "were deleted in part before the archive was there, so"),
    ],
)
def test_a_day_that_was_lost_or_cut_is_said_for_a_month(
    code: str,
    note: Callable[[WaitRegister, UnsealedDay], bool],
    text: str,
    days: int,
    said: bool,
    database: AnyDatabase,
    settings: Settings,
) -> None:
    register, day = WaitRegister(database), UnsealedDay("M&M", YESTERDAY, india(YESTERDAY))
    register.write(NOW, 14, [])
    assert (note(register, day), note(register, day)) == (True, False)
    found = remarks(health(database, settings, india(YESTERDAY) + days * DAY))
    told = [each["detail"] for each in found if each["code"] == code]
    assert [each.startswith(f"M&M {YESTERDAY} {text}") for each in told] == [True] * said


def test_health_without_a_database_has_no_archive_either(
    database: AnyDatabase, settings: Settings
) -> None:
    shaky = ShakyDatabase(database)
    shaky.away = True
    answer = health(shaky, settings)
    assert (answer["database_connected"], answer["archive"]) == (False, None)
