"""GET /archive lists the sealed days, with links for those who may have them."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from chain_api import schemas
from chain_api.app import create_app
from chain_api.dependencies import over
from optionchain.archive.folder_store import FolderStore
from optionchain.errors import StoreUnavailable
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.settings import Settings
from tests.support.api import NOW, Clock, all_records, client, problem, read
from tests.support.bucket import sealed_bucket
from tests.support.manifests import seal
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock

FRIDAY = date(2026, 6, 19)
DAYS = [FRIDAY - timedelta(days=number) for number in (3, 2, 1, 0)]
FLAT = "symbol,day,version,sealed_at,source,contracts,headers,ticks,bytes"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """An archive in which four days of two symbols are sealed."""
    store = FolderStore(tmp_path / "archive")
    for day in DAYS:
        for symbol in ("NIFTY", "M&M"):
            seal(store, symbol, day)
    return store


@pytest.fixture
def api(store: FolderStore) -> TestClient:
    """The API over this archive."""
    return client(memory_database(), settings=Settings(archive_url=store.url))


def days(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the symbol and the day of each record."""
    return [(row["symbol"], row["day"]) for row in records]


def expected(*symbols: str, of: list[date] = DAYS) -> list[tuple[str, str]]:
    """Return days of symbols as records name them."""
    return [(symbol, day.isoformat()) for symbol in symbols for day in of]


def test_row_says_what_the_manifest_says(api: TestClient) -> None:
    found = read(api, "/archive", symbol="m&m", from_=FRIDAY)
    schemas.Archive.model_validate(found)
    (row,) = found.pop("records")
    files = row.pop("files")
    assert found == {
        "symbol": "M&M",
        "from": "2026-06-19",
        "to": None,
        "links_reason": "not_asked",
        "links_expire_at": None,
        "missing": [],
        "next": None,
    }
    assert row == {
        "symbol": "M&M",
        "day": "2026-06-19",
        "version": 1,
        "sealed_at": "2026-06-19T10:45:00Z",
        "source": "nse",
        "contracts": 1_030,
        "headers": 5,
        "ticks": 6,
        "bytes": 4_000,
        "expiry_dates": ["19-Jun-2026"],
    }
    assert [each["kind"] for each in files] == ["contracts", "headers", "ticks", "records"]
    assert files[0]["key"].startswith("files/M_M/2026-06-19/contracts-")
    assert [(each["rows"], each["bytes"]) for each in files[:2]] == [(1_030, 1_000), (5, 1_000)]
    assert {each["link"] for each in files} == {None}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, expected("M&M", "NIFTY")),
        ({"symbol": "nifty"}, expected("NIFTY")),
        ({"from": "2026-06-18"}, expected("M&M", "NIFTY", of=DAYS[2:])),
        ({"from": "17-Jun-2026", "to": "2026-06-18"}, expected("M&M", "NIFTY", of=DAYS[1:3])),
        ({"symbol": "NIFTY", "to": "2026-06-15"}, []),
        ({"from": "2027-01-01"}, []),
    ],
)
def test_days_are_listed_by_symbol_and_day(
    api: TestClient, query: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert days(api.get("/archive", params=query).json()["records"]) == found


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 100])
def test_pages_follow_each_other(api: TestClient, limit: int) -> None:
    assert days(all_records(api, "/archive", limit=limit)) == expected("M&M", "NIFTY")
    of_one = all_records(api, "/archive", symbol="NIFTY", from_="2026-06-17", limit=limit)
    assert days(of_one) == expected("NIFTY", of=DAYS[1:])


def test_cursor_carries_its_parameters_and_no_others(api: TestClient) -> None:
    link = read(api, "/archive", symbol="NIFTY", limit=1)["next"]
    response = api.get("/archive", params={"symbol": "NIFTY", "limit": 1})
    assert response.headers["Link"] == f'<{link}>; rel="next"'
    assert days(api.get(f"/{link}&limit=2").json()["records"]) == expected("NIFTY", of=DAYS[1:3])
    assert problem(api.get(f"/{link}&symbol=M%26M"), 422, "invalid-request")["field"] == "symbol"
    foreign = problem(api.get("/archive?cursor=AAAA"), 422, "invalid-request")
    assert foreign["field"] == "cursor"
    other = api.get("/option-chain/NIFTY/snapshots", params={"cursor": link.partition("=")[2]})
    assert problem(other, 422, "invalid-request")["field"] == "cursor"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("symbol=N?", "symbol"),
        ("from=yesterday", "from"),
        ("from=2026-06-19&to=2026-06-18", "from"),
        ("to=2026-06-31", "to"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("links=yes", "links"),
        ("links=true&format=csv", "links"),
        ("format=xml", "format"),
        ("day=2026-06-19", "day"),
        ("symbol=NIFTY&symbol=NIFTY", "symbol"),
    ],
)
def test_wrong_value_is_named(api: TestClient, query: str, field: str) -> None:
    assert problem(api.get(f"/archive?{query}"), 422, "invalid-request")["field"] == field


def test_symbol_without_a_sealed_day_is_not_known(api: TestClient) -> None:
    body = problem(api.get("/archive?symbol=SENSEX"), 404, "unknown-symbol")
    assert (body["field"], body["known_symbols"]) == ("symbol", ["M&M", "NIFTY"])


def test_without_an_archive_there_is_none() -> None:
    body = problem(client(memory_database()).get("/archive"), 404, "no-archive")
    assert "ARCHIVE_URL" in body["detail"]


def test_empty_archive_has_no_days(tmp_path: Path) -> None:
    api = client(memory_database(), settings=Settings(archive_url=str(tmp_path / "new")))
    assert read(api, "/archive")["records"] == []


def test_list_is_also_csv_and_ndjson(api: TestClient) -> None:
    lines = api.get("/archive?symbol=NIFTY&limit=2&format=csv").text.splitlines()
    assert lines[0] == FLAT
    assert lines[1] == "NIFTY,2026-06-16,1,2026-06-16T10:45:00Z,nse,1030,5,6,4000"
    response = api.get("/archive?symbol=NIFTY", headers={"accept": "application/x-ndjson"})
    rows = list(map(json.loads, response.text.splitlines()))
    assert days(rows) == expected("NIFTY")
    assert len(rows[0]["files"]) == 4


def test_list_has_a_tag_that_changes_with_a_new_version(store: FolderStore) -> None:
    """The list is known for a minute; a 304 reads no manifest."""
    clock = Clock()
    deps = over(memory_database(), Settings(archive_url=store.url), clock)
    api = TestClient(create_app(deps))
    first = api.get("/archive")
    assert first.headers["Cache-Control"] == "private, max-age=60"
    tag = {"if-none-match": first.headers["etag"]}
    again = api.get("/archive", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert api.head("/archive").headers["etag"] == first.headers["etag"]
    seal(store, "NIFTY", FRIDAY, version=2)
    renewed = TestClient(
        create_app(over(memory_database(), Settings(archive_url=store.url), clock))
    )
    second = renewed.get("/archive", headers=tag)
    assert second.status_code == 200
    assert second.json()["records"][-1]["version"] == 2


def test_list_is_shown_while_the_database_is_away(store: FolderStore) -> None:
    """Which days are missing is what the database knows."""
    settings = Settings(archive_url=store.url)
    deps = over(rotating_database(RotatingClient(settings, no_address)), settings)
    found = read(TestClient(create_app(deps)), "/archive", symbol="NIFTY")
    assert days(found["records"]) == expected("NIFTY")
    assert found["missing"] is None


def no_address() -> str:
    """Know no address of a database."""
    raise StoreUnavailable("nobody answers")


def test_archive_that_is_away_is_a_503(store: FolderStore, api: TestClient) -> None:
    Path(store.url).rename(Path(store.url).with_name("unmounted"))
    response = api.get("/archive")
    problem(response, 503, "archive-unavailable")
    assert response.headers["Retry-After"] == "5"


def test_damaged_manifest_is_a_503_that_names_it(store: FolderStore, api: TestClient) -> None:
    path = Path(store.url) / "manifests" / "M_M" / "2026-06-17.json"
    path.write_bytes(path.read_bytes()[:-100])
    body = problem(api.get("/archive"), 503, "archive-damaged")
    assert "manifests/M_M/2026-06-17.json" in body["detail"]


def test_folder_has_no_links(api: TestClient) -> None:
    found = read(api, "/archive", links="true")
    assert (found["links_reason"], found["links_expire_at"]) == ("folder", None)
    assert {each["link"] for row in found["records"] for each in row["files"]} == {None}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings for an archive in a bucket with one day."""
    with sealed_bucket(monkeypatch, FRIDAY) as settings:
        yield settings


def links(found: dict[str, Any]) -> list[str]:
    """Return the links of an answer."""
    return [each["link"] for row in found["records"] for each in row["files"] if each["link"]]


def test_bucket_has_links_that_end(bucket: Settings) -> None:
    response = client(memory_database(), settings=bucket).get("/archive?links=true")
    found = response.json()
    schemas.Archive.model_validate(found)
    assert found["links_reason"] is None
    assert datetime.fromisoformat(found["links_expire_at"]) == NOW + timedelta(minutes=15)
    # It is of this caller and of now.
    assert response.headers["Cache-Control"] == "no-store"
    assert "etag" not in response.headers
    assert len(links(found)) == 4
    for each, file in zip(links(found), found["records"][0]["files"], strict=True):
        url = urlsplit(each)
        assert url.path == f"/own/{file['key']}"
        assert parse_qs(url.query)["X-Amz-Expires"] == ["900"]
    plain = client(memory_database(), settings=bucket).get("/archive")
    assert (links(plain.json()), plain.json()["links_reason"]) == ([], "not_asked")
    assert plain.headers["etag"]


@pytest.mark.parametrize("host", ["203.0.113.7", "10.0.0.9"])
def test_links_are_for_callers_of_this_machine(bucket: Settings, host: str) -> None:
    away = client(memory_database(), settings=bucket, host=host)
    assert read(away, "/archive", links="true")["links_reason"] == "no_key"


def test_times_are_of_the_manifest(store: FolderStore, api: TestClient) -> None:
    sealed = seal(store, "NIFTY", FRIDAY, version=3)
    (row,) = read(api, "/archive", symbol="NIFTY", from_=FRIDAY)["records"]
    assert row["version"] == 3
    assert datetime.fromisoformat(row["sealed_at"]).astimezone(UTC) == sealed.sealed_at
