"""The recorded days of both places: each day once, from the place that it is read from."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chain_api import schemas
from optionchain.settings import Settings
from tests.support.api import client, commit, problem
from tests.support.archived_days import archive_day
from tests.support.manifests import seal
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import TICK, snapshot
from tests.support.watched_store import WatchedStore

pytestmark = uses_mongomock

DAY = timedelta(days=1)
FRIDAY = date(2026, 6, 19)
# The next day the database begins to let Friday go.
LATER = TICK + (Settings().retention_days - 1) * DAY
OLD = FRIDAY - 10 * DAY
PATH = "/option-chain/NIFTY/days"


@pytest.fixture
def store(tmp_path: Path) -> WatchedStore:
    return WatchedStore(tmp_path)


@pytest.fixture
def database(store: WatchedStore) -> AnyDatabase:
    """Friday in the database and sealed, of an older day the manifest alone."""
    database = memory_database()
    commit(database, snapshot())
    archive_day(database, store, "NIFTY", FRIDAY)
    seal(store, "NIFTY", OLD)
    return database


def days(database: AnyDatabase, store: WatchedStore, now: datetime, **query: str) -> dict[str, Any]:
    store.asked.clear()
    response = client(database, now, Settings(), archive=store).get(PATH, params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    schemas.Days.model_validate(body)
    return body


def test_day_is_told_by_the_place_that_has_it(database: AnyDatabase, store: WatchedStore) -> None:
    whole = {"from": "2026-06-01", "to": "2026-06-30"}
    old, friday = days(database, store, LATER, **whole)["days"]
    assert (old["day"], old["storage"]) == ("2026-06-09", "archive")
    assert (friday["day"], friday["storage"]) == ("2026-06-19", "database")
    later = days(database, store, LATER + 3 * DAY, **whole)["days"]
    assert [each["storage"] for each in later] == ["archive", "archive"]
    assert later[0] == old


def test_what_only_files_tell_is_null_with_its_reason(
    database: AnyDatabase, store: WatchedStore
) -> None:
    old, _ = days(database, store, LATER, **{"from": "2026-06-01"})["days"]
    told = ("first_timestamp", "last_timestamp", "settled")
    assert {old[name] for name in told} == {None}
    assert old["reasons"] == dict.fromkeys(told, "archived")
    assert old["source"] == "nse"
    assert old["snapshots"] > 0
    assert not [key for key in store.asked if "parquet" in str(key)]


def test_nearest_days_are_of_both_places(database: AnyDatabase, store: WatchedStore) -> None:
    between = days(database, store, LATER, **{"from": "2026-06-12", "to": "2026-06-14"})
    assert (between["before"], between["after"]) == ("2026-06-09", "2026-06-19")
    early = days(database, store, LATER, **{"from": "2026-05-01", "to": "2026-05-02"})
    assert (early["before"], early["after"]) == (None, "2026-06-09")


def test_days_of_the_database_ask_nothing_of_the_archive(
    database: AnyDatabase, store: WatchedStore
) -> None:
    commit(database, snapshot(tick=TICK + 3 * DAY))
    body = days(database, store, LATER, **{"from": "2026-06-20", "to": "2026-06-30"})
    assert (body["total_days"], body["before"], body["after"]) == (1, "2026-06-19", None)
    assert store.asked == []


def test_unknown_symbol_is_unknown_in_both_places(
    database: AnyDatabase, store: WatchedStore
) -> None:
    api = client(database, LATER, Settings(), archive=store)
    body = problem(api.get("/option-chain/NOPE/days"), 404, "unknown-symbol")
    assert body["known_symbols"] == ["NIFTY"]
