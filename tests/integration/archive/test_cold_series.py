"""Lists over a range of time: what is asked of the archive, and what if it does not answer."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from chain_archive.sealing import seal
from optionchain.exchange_time import exchange_date
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.settings import Settings
from tests.support.api import CHAIN, all_records, client, commit, problem
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK, snapshot
from tests.support.watched_store import WatchedStore

DAY = timedelta(days=1)
RETENTION = timedelta(days=Settings().retention_days)
CONTRACT = "NIFTY_CE_24000_23-Jun-2026"
# A Friday and the Monday after it, and between them a Saturday that is recorded and not sealed.
TICKS = (TICK, TICK + DAY, TICK + 3 * DAY)
# On the Tuesday a month later.
LATER = TICK + 4 * DAY + RETENTION
RANGE = {"from": "2026-06-19", "to": "2026-06-22"}
LISTS = ("/history", "/analytics/history", "/snapshots", "/disagreements", "/gaps")


@pytest.fixture
def store(tmp_path: Path) -> WatchedStore:
    return WatchedStore(tmp_path)


@pytest.fixture
def days(database: AnyDatabase, store: WatchedStore) -> AnyDatabase:
    """Seal two of three days, and delete them; return the database."""
    for tick in TICKS:
        for number in range(3):
            at = tick + number * timedelta(minutes=1)
            commit(database, snapshot(tick=at, stamp=tick, total_traded_volume=1.0))
    for tick in TICKS[::2]:
        assert seal(database, store, "NIFTY", exchange_date(tick))
        within = {"fetched_at": {"$gte": tick, "$lt": tick + timedelta(hours=1)}}
        for collection in (SNAPSHOTS, CONTRACTS):
            database[collection].delete_many(within)
    store.asked.clear()
    return database


def asked(api: TestClient, path: str, **more: str | int) -> list[str]:
    """Return when the records of a list are of, by all its pages."""
    rows = all_records(api, CHAIN + path, **RANGE, **more)
    return [row.get("fetched_at") or row["timestamp"] for row in rows]


@pytest.mark.parametrize("limit", [1, 2, 4, 1_000])
@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/history", {"identifier": CONTRACT}),
        ("/history", {"identifier": CONTRACT, "columns": "fetched_at"}),
        ("/analytics/history", {"metric": "pcr_volume"}),
        ("/snapshots", {}),
        ("/analytics/open-interest/history", {"interval": "5s"}),
    ],
)
def test_day_without_a_seal_is_read_from_the_database_between_sealed_ones(
    days: AnyDatabase, store: WatchedStore, path: str, named: dict[str, str], limit: int
) -> None:
    api = client(days, LATER, archive=store)
    expected = [tick + number * timedelta(minutes=1) for tick in TICKS for number in range(3)]
    found = asked(api, path, limit=limit, **named)
    assert found == [f"{tick:%Y-%m-%dT%H:%M:%SZ}" for tick in expected]
    whole = api.get(CHAIN + path, params={**named, **RANGE})
    assert whole.headers["X-Storage"] == "both"


@pytest.mark.parametrize("path", LISTS)
def test_ranges_of_the_database_ask_nothing_of_the_archive(
    days: AnyDatabase, store: WatchedStore, path: str
) -> None:
    recent = LATER - timedelta(hours=2)
    commit(days, snapshot(tick=recent, stamp=recent, expiry=EXPIRY + 60 * DAY))
    store.away = True
    api = client(days, LATER, archive=store)
    named = {"strike": "24000"} if path == "/history" else {}
    assert api.get(CHAIN + path, params=named).status_code == 200
    assert store.asked == []


def test_list_goes_on_where_it_was_when_the_archive_is_back(
    days: AnyDatabase, store: WatchedStore
) -> None:
    address: str | None = f"{CHAIN}/history?identifier={CONTRACT}&limit=2&{urlencode(RANGE)}"
    found, refused = [], 0
    while address:
        # Each page is asked of a new environment, which knows nothing of the archive yet.
        api, store.away = client(days, LATER, archive=store), True
        answer = api.get(address)
        if answer.status_code != 200:
            problem(answer, 503, "archive-unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            refused, store.away = refused + 1, False
            answer = api.get(address)
        page = answer.json()
        found += [row["fetched_at"] for row in page["records"]]
        address = page["next"] and f"{CHAIN}/{page['next']}"
    assert found == asked(client(days, LATER, archive=store), "/history", identifier=CONTRACT)
    assert len(found) == 9
    assert refused > 1


def test_contract_that_was_never_recorded_is_unknown(
    days: AnyDatabase, store: WatchedStore
) -> None:
    api = client(days, LATER, archive=store)
    named = {"strike": "1", "expiry": "23-Jun-2026", **RANGE}
    unknown = problem(api.get(f"{CHAIN}/history", params=named), 404, "unknown-contract")
    assert unknown["known_strikes"] == [24000, 24050]


def test_symbol_of_the_archive_alone_has_its_series(days: AnyDatabase, store: WatchedStore) -> None:
    for collection in (SNAPSHOTS, CONTRACTS):
        days[collection].delete_many({})
    api = client(days, LATER, archive=store)
    assert len(asked(api, "/history", identifier=CONTRACT)) == 6


@pytest.mark.parametrize("gone", [(0,), (0, 1), (0, 1, 2)])
def test_days_that_a_shorter_retention_took_are_read_from_the_archive(
    database: AnyDatabase, store: WatchedStore, gone: tuple[int, ...]
) -> None:
    """The setting was raised since: of the Friday a part is gone, or it is gone as a whole."""
    ticks = [TICK + number * timedelta(minutes=1) for number in range(3)]
    for tick in (*ticks, TICKS[2]):
        commit(database, snapshot(tick=tick, stamp=tick))
    assert seal(database, store, "NIFTY", exchange_date(TICK))
    for number in gone:
        for collection in (SNAPSHOTS, CONTRACTS):
            database[collection].delete_many({"fetched_at": ticks[number]})
    settings = Settings(retention_days=3 * RETENTION.days)
    api = client(database, LATER, settings, archive=store)
    for path, named in (("/history", {"identifier": CONTRACT}), ("/snapshots", {})):
        assert len(asked(api, path, **named)) == 4
