"""Pages: every record once and in order, whatever the limit and whatever is recorded meanwhile."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from local.mongod import Mongod
from tests.support.api import FILTER, Clock, client, problem
from tests.support.bodies import Json
from tests.support.commands import watched
from tests.support.minutes import FROM, LISTS, NIFTY, Recorder, fill, forever, page_of, whole
from tests.support.mongomock_database import AnyDatabase

FILTERS: list[Json] = [
    {"symbol": "NIFTY"},
    {"symbol": "nifty", "option_type": "CE", "strike_price_min": 24000},
    {"symbol": "NIFTY", "expiry_date": "23-Jun-2026", "columns": ["identifier", "last_price"]},
    {"symbol": "NIFTY", "as_of": "15:02:10"},
    {"symbol": "NIFTY", "as_of": "2026-06-19T15:02:10", "strikes_around_atm": 1},
    {"symbol": "NIFTY", "as_of": "2026-06-19"},
]

type Work = Callable[[], object]


@pytest.fixture(scope="module")
def filled(mongod: Mongod) -> Iterator[AnyDatabase]:
    """The minute, which a test must leave as it is."""
    with watched(mongod, "paging") as (database, _):
        fill(database)
        yield database


@pytest.fixture(scope="module")
def api(filled: AnyDatabase) -> TestClient:
    return client(filled)


@pytest.fixture
def moving(database: AnyDatabase) -> AnyDatabase:
    """The minute, to which a test may add."""
    fill(database)
    return database


def followed(
    api: TestClient, address: str, limits: Iterator[int], between: Work = lambda: None
) -> list[list[Any]]:
    """Return the records of each page, following `next`, each page with its own limit."""
    pages, url = [], f"{address}&limit={next(limits)}"
    while True:
        page = page_of(api, url)
        pages.append(page["records"])
        if page["next"] is None:
            return pages
        between()
        url = f"{urljoin(url, page['next'])}&limit={next(limits)}"
        assert len(pages) < 500, "pages without end"


def flat(pages: list[list[Any]]) -> list[Any]:
    return [record for page in pages for record in page]


@pytest.mark.parametrize("address", LISTS)
@settings(max_examples=5, deadline=None, derandomize=True)
@given(limits=st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_every_record_comes_once_in_order(address: str, api: TestClient, limits: list[int]) -> None:
    def cycle() -> Iterator[int]:
        yield from limits
        yield from forever(max(limits[-1], 5))

    pages = followed(api, address, cycle())
    assert flat(pages) == whole(api, address)
    for page, limit in zip(pages[:-1], cycle(), strict=False):
        assert len(page) == limit or ("interval" in address and len(page) < limit)


@pytest.mark.parametrize("address", LISTS)
def test_what_is_recorded_between_pages_is_on_no_page(address: str, moving: AnyDatabase) -> None:
    clock = Clock()
    api = client(moving, clock)
    expected = whole(api, address)
    recorder = Recorder(moving, clock)
    found = flat(followed(api, address, forever(3), recorder.work))
    for record in (*found, *expected):
        record.pop("last_seen_at", None)  # which a confirmation moves
    assert found == expected


@pytest.mark.parametrize("address", LISTS)
def test_the_pages_of_a_list_agree_on_what_they_are_of(address: str, moving: AnyDatabase) -> None:
    clock = Clock()
    api = client(moving, clock)
    url = f"{address}&limit=2"
    first = page_of(api, url)
    Recorder(moving, clock).work()
    second = page_of(api, urljoin(url, first["next"]))
    for name in ("symbol", "expiry_date", "timestamp", "exchange_timestamp"):
        assert second.get(name) == first.get(name)
    if "changes" in address:
        assert second["from"]["timestamp"] == first["from"]["timestamp"]
        assert second["to"]["timestamp"] == first["to"]["timestamp"]
    else:
        assert (second["from"], second["to"]) == (first["from"], first["to"])
    assert len(second["records"]) == 2, "the limit goes along"


def test_a_page_in_another_format_has_its_next_page_in_a_header(api: TestClient) -> None:
    url, lines = f"{NIFTY}/snapshots?{FROM}&limit=5&format=csv", []
    while url:
        response = api.get(url)
        assert response.headers["content-type"].startswith("text/csv")
        lines += response.text.splitlines()[1:]
        link = response.headers.get("link")
        url = urljoin(url, link.partition(">")[0][1:]) if link else ""
    assert len(lines) == len(whole(api, f"{NIFTY}/snapshots?{FROM}"))


@pytest.mark.parametrize("address", LISTS)
def test_a_link_holds_behind_a_stage_in_any_case_of_symbol(address: str, api: TestClient) -> None:
    url = f"https://host/prod{address.replace('NIFTY', 'nifty', 1)}&limit=2"
    parts = urlsplit(url)
    first = page_of(api, f"{parts.path.removeprefix('/prod')}?{parts.query}")
    absolute = urlsplit(urljoin(url, first["next"]))
    assert (absolute.netloc, absolute.path) == ("host", parts.path)
    again = page_of(api, f"{absolute.path.removeprefix('/prod')}?{absolute.query}")
    assert first["records"] + again["records"] == whole(api, address)[:4]


def test_a_link_is_no_longer_than_what_is_taken_back(api: TestClient) -> None:
    """However a parameter was written."""
    columns = ",".join(["fetched_at", "identifier"] * 400)
    query = f"{FROM}&columns={columns}&strike_min={'0' * 900}24000.{'0' * 900}&limit=2"
    first = page_of(api, f"{NIFTY}/history?{query}")
    assert page_of(api, urljoin(f"{NIFTY}/history", first["next"]))["records"]


def filtered(
    api: TestClient, wanted: Json, limit: int, between: Callable[[], object] = lambda: None
) -> list[Any]:
    url = "/prod/option-chain/filter"
    response = api.post(url.removeprefix("/prod"), json={**wanted, "limit": limit})
    found: list[Any] = []
    while True:
        assert response.status_code == 200, response.text
        page = response.json()
        assert len(page["records"]) == limit or page["next"] is None
        found += page["records"]
        assert page["total_records"] >= len(found)
        if page["next"] is None:
            return found
        assert response.headers["link"] == f'<{page["next"]}>; rel="next"'
        between()
        response = api.post(urljoin(url, page["next"]).removeprefix("/prod"))


@pytest.mark.parametrize("wanted", FILTERS)
@settings(max_examples=5, deadline=None, derandomize=True)
@given(limit=st.integers(1, 40))
def test_a_filter_gives_every_record_once(wanted: Json, api: TestClient, limit: int) -> None:
    expected = filtered(api, wanted, 5_000)
    assert len(expected) > 4
    assert filtered(api, wanted, limit) == expected


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_s_pages_are_of_the_same_snapshots(wanted: Json, moving: AnyDatabase) -> None:
    clock = Clock()
    api = client(moving, clock)
    expected = filtered(api, wanted, 5_000)
    assert filtered(api, wanted, 3, Recorder(moving, clock).work) == expected


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_may_be_sent_again_with_another_limit(wanted: Json, api: TestClient) -> None:
    expected = filtered(api, wanted, 5_000)
    first = api.post(FILTER, json={**wanted, "limit": 1}).json()
    path = f"/option-chain/{first['next']}"
    second = api.post(path, json={**wanted, "limit": 2}).json()
    assert second["records"] == expected[1:3]
    others = {"option_type": "PE", "strike_price_max": 24001, "expiry_date": "next"}
    others |= {"symbol": "M&M", "as_of": "15:02:11"}
    for field, value in others.items():
        body = problem(api.post(path, json={**wanted, field: value}), 422, "invalid-request")
        assert body["field"] == field


@pytest.mark.parametrize("offset", [0, 1, 5, 23, 24, 25, 100_000])
def test_a_filter_may_begin_at_an_offset(offset: int, api: TestClient) -> None:
    expected = filtered(api, FILTERS[0], 5_000)
    assert len(expected) == 24
    wanted = {**FILTERS[0], "limit": 3, "offset": offset}
    page = api.post(FILTER, json=wanted).json()
    assert page["records"] == expected[offset : offset + 3]
    assert (page["total_records"], page["limit"], page["offset"]) == (24, 3, offset)
    assert (page["next"] is None) == (offset + 3 >= 24)


def test_a_cursor_of_the_filter_outlives_an_hour_of_recording(moving: AnyDatabase) -> None:
    clock = Clock()
    api = client(moving, clock)
    wanted = {"symbol": "NIFTY", "limit": 5}
    first = api.post(FILTER, json=wanted).json()
    clock.now += timedelta(hours=1)
    second = api.post(f"/option-chain/{first['next']}").json()
    for name in ("timestamp", "last_seen_at", "age_seconds", "gap", "total_records"):
        assert second[name] == first[name]
