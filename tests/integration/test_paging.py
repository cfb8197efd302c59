"""Pages: every record once and in order, whatever the limit and whatever is recorded meanwhile."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.database import Database
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.mongo.client import Document
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.api import NOW, Clock, client, problem
from tests.support.bodies import EXPIRY
from tests.support.commands import watched
from tests.support.snapshots import INTERVAL, TICK, snapshot

JULY = date(2026, 7, 28)
AUGUST = date(2026, 8, 25)
TICKS = 12
FIRST = TICK - (TICKS - 1) * INTERVAL
STRIKES = [23950.0, 24000.0, 24050.0, 24100.0]
FROM = "from=2026-06-19T15:00:00"
NIFTY = "/option-chain/NIFTY"
LISTS = [
    f"{NIFTY}/snapshots?{FROM}",
    f"{NIFTY}/snapshots?{FROM}&expiry=all",
    f"{NIFTY}/snapshots?expiry=all&to=15:02:10",
    f"{NIFTY}/history?{FROM}&strike_min=24000",
    f"{NIFTY}/history?{FROM}&strikes_around_atm=1",
    f"{NIFTY}/history?{FROM}&strike=24000&columns=last_price,identifier,fetched_at",
    f"{NIFTY}/history?{FROM}&identifier=NIFTY_PE_24050_23-Jun-2026",
    f"{NIFTY}/history?{FROM}&strike_max=24050&interval=15s",
    f"{NIFTY}/changes?{FROM[:-8]}15:01:40",
    f"{NIFTY}/changes?from=15:01:40&option_type=PE&min_volume=1",
]
FILTERS: list[dict[str, Any]] = [
    {"symbol": "NIFTY"},
    {"symbol": "nifty", "option_type": "CE", "strike_price_min": 24000},
    {"symbol": "NIFTY", "expiry_date": "23-Jun-2026", "columns": ["identifier", "last_price"]},
    {"symbol": "NIFTY", "as_of": "15:02:10"},
    {"symbol": "NIFTY", "as_of": "2026-06-19T15:02:10", "strikes_around_atm": 1},
    {"symbol": "NIFTY", "as_of": "2026-06-19"},
]


@pytest.fixture(scope="module")
def indexed(mongod: Mongod) -> Iterator[Database[Document]]:
    with watched(mongod, "paging") as (database, _):
        yield database


def fill(database: Database[Document]) -> None:
    """Store a minute of three expiries, the far ones now and then; numbers move at every tick."""
    for name in ("option_chain", "snapshots", "ticks"):
        database[name].delete_many({})
    chains = []
    for number in range(TICKS):
        tick = FIRST + number * INTERVAL
        moving: dict[str, Any] = {
            "last_price": 100.0 + number,
            "total_traded_volume": 10.0 * number,
        }
        days = [EXPIRY, *([AUGUST, JULY] if number % 4 == 0 else [])]
        chains += [snapshot(STRIKES, tick=tick, expiry=day, **moving) for day in days]
    store = SnapshotWriter(database)
    for each in chains:
        store.commit(Commit(each))


@pytest.fixture(scope="module")
def filled(indexed: Database[Document]) -> Database[Document]:
    """The minute, which a test must leave as it is."""
    fill(indexed)
    return indexed


@pytest.fixture(scope="module")
def api(filled: Database[Document]) -> TestClient:
    return client(filled, Clock())


@pytest.fixture
def moving(indexed: Database[Document]) -> Iterator[Database[Document]]:
    """The minute, to which a test may add."""
    fill(indexed)
    yield indexed
    fill(indexed)


class Recorder:
    """Goes on recording: a tick of before the first page, newer ones, and confirmations.

    The underlying moves far, and strikes are added, so that what is at the money changes.
    """

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._store = SnapshotWriter(database)
        self._clock = clock
        self._number = 0

    def work(self) -> None:
        self._number += 1
        tick = TICK + self._number * INTERVAL  # the first one is before the moment of page one
        self._clock.now = NOW + self._number * INTERVAL
        for header in self._store.latest_headers("NIFTY", EXPIRY):
            self._store.confirm(header, tick)
        days = (EXPIRY, JULY, date(2026, 6, 30))
        new = [
            snapshot([23900.0, *STRIKES, 24150.0], expiry=day, tick=tick, underlying=24140.0)
            for day in days
        ]
        for each in new:
            self._store.commit(Commit(each))


def body_of(api: TestClient, address: str) -> dict[str, Any]:
    """Return a page, and check that its links agree."""
    response = api.get(address)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    link = f'<{page["next"]}>; rel="next"' if page["next"] else None
    assert response.headers.get("link") == link
    return page


def followed(
    api: TestClient,
    address: str,
    limits: Iterator[int],
    between: Callable[[], object] = lambda: None,
) -> list[list[Any]]:
    """Return the records of each page, following `next`, each page with its own limit."""
    pages, url = [], f"{address}&limit={next(limits)}"
    while True:
        page = body_of(api, url)
        pages.append(page["records"])
        if page["next"] is None:
            return pages
        between()
        url = f"{urljoin(url, page['next'])}&limit={next(limits)}"
        assert len(pages) < 500, "pages without end"


def whole(api: TestClient, address: str) -> list[Any]:
    page = body_of(api, f"{address}&limit=10000")
    assert page["next"] is None
    records: list[Any] = page["records"]
    assert len(records) >= 4
    return records


def forever(limit: int) -> Iterator[int]:
    while True:
        yield limit


def flat(pages: list[list[Any]]) -> list[Any]:
    return [record for page in pages for record in page]


# ── every record once ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", LISTS)
@settings(max_examples=5, deadline=None, derandomize=True)
@given(limits=st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_every_record_comes_once_and_in_order_whatever_the_limits(
    address: str, api: TestClient, limits: list[int]
) -> None:
    def cycle() -> Iterator[int]:
        yield from limits
        yield from forever(max(limits[-1], 5))

    pages = followed(api, address, cycle())
    assert flat(pages) == whole(api, address)
    for page, limit in zip(pages[:-1], cycle(), strict=False):
        assert len(page) == limit or ("interval" in address and len(page) < limit)


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("limit", [2, 7])
def test_what_is_recorded_between_the_pages_is_on_none_of_them(
    limit: int, address: str, moving: Database[Document]
) -> None:
    clock = Clock()
    api = client(moving, clock)
    expected = whole(api, address)
    recorder = Recorder(moving, clock)
    found = flat(followed(api, address, forever(limit), recorder.work))
    for record in (*found, *expected):
        record.pop("last_seen_at", None)  # which a confirmation moves
    assert found == expected


@pytest.mark.parametrize("address", LISTS)
def test_the_pages_of_a_list_agree_on_what_they_are_of(
    address: str, moving: Database[Document]
) -> None:
    clock = Clock()
    api = client(moving, clock)
    url = f"{address}&limit=2"
    first = body_of(api, url)
    Recorder(moving, clock).work()
    second = body_of(api, urljoin(url, first["next"]))
    for name in ("symbol", "expiry_date", "timestamp", "exchange_timestamp"):
        assert second[name] == first[name]
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
def test_a_link_holds_behind_a_stage_and_in_any_case_of_the_symbol(
    address: str, api: TestClient
) -> None:
    url = f"https://host/prod{address.replace('NIFTY', 'nifty', 1)}&limit=2"
    parts = urlsplit(url)
    first = body_of(api, f"{parts.path.removeprefix('/prod')}?{parts.query}")
    absolute = urlsplit(urljoin(url, first["next"]))
    assert (absolute.netloc, absolute.path) == ("host", parts.path)
    again = body_of(api, f"{absolute.path.removeprefix('/prod')}?{absolute.query}")
    assert first["records"] + again["records"] == whole(api, address)[:4]


def test_a_link_is_no_longer_than_what_is_taken_back(api: TestClient) -> None:
    """However a parameter was written."""
    columns = ",".join(["fetched_at", "identifier"] * 400)
    query = f"{FROM}&columns={columns}&strike_min={'0' * 900}24000.{'0' * 900}&limit=2"
    first = body_of(api, f"{NIFTY}/history?{query}")
    assert body_of(api, urljoin(f"{NIFTY}/history", first["next"]))["records"]


# ── what may change on the way ───────────────────────────────────────────────────────────────


def cursor(api: TestClient, address: str) -> str:
    link: str = body_of(api, f"{address}&limit=2")["next"]
    (text,) = parse_qs(urlsplit(link).query)["cursor"]
    return text


@pytest.mark.parametrize(
    ("address", "same", "field", "other"),
    [
        (LISTS[1], "expiry=all", "expiry", "nearest"),
        (LISTS[1], FROM, "from", "2026-06-19T15:00:01"),
        (LISTS[1], "format=json", "to", "15:02"),
        (LISTS[3], "strike_min=24000.0", "strike_min", "23950"),
        (LISTS[3], "strike_min=24000", "option_type", "CE"),
        (LISTS[5], "columns=last_price,identifier,fetched_at", "columns", "last_price"),
        (LISTS[7], "interval=15s", "interval", "1m"),
        (LISTS[9], "option_type=PE&min_volume=1", "min_volume", "2"),
    ],
)
def test_beside_a_cursor_a_parameter_must_be_what_it_carries(
    address: str, same: str, field: str, other: str, api: TestClient
) -> None:
    path = f"{address.partition('?')[0]}?cursor={cursor(api, address)}"
    expected = body_of(api, path)["records"]
    assert body_of(api, f"{path}&{same}&limit=2")["records"] == expected[:2]
    body = problem(api.get(f"{path}&{field}={other}"), 422, "invalid-request")
    assert body["field"] == field
    assert "must be as it was where the cursor comes from" in body["detail"]


def test_a_cursor_is_of_its_route_and_symbol_alone(api: TestClient) -> None:
    cursors = {address: cursor(api, address) for address in LISTS}
    for address, text in cursors.items():
        own = address.partition("?")[0]
        for path in (f"{NIFTY}/snapshots", f"{NIFTY}/history", f"{NIFTY}/changes"):
            for asked in (path, path.replace("NIFTY", "M%26M")):
                if asked != own:
                    body = problem(api.get(f"{asked}?cursor={text}"), 422, "invalid-request")
                    assert body["field"] == "cursor"
        body = problem(api.post(f"/option-chain/filter?cursor={text}"), 422, "invalid-request")
        assert body["field"] == "cursor"


def test_a_cursor_of_what_is_not_kept_any_more_is_refused_or_answers_what_is_left(
    moving: Database[Document],
) -> None:
    api = client(moving, Clock())
    cursors = {address: cursor(api, address) for address in LISTS}
    filtered = api.post("/option-chain/filter", json={"symbol": "NIFTY", "limit": 2}).json()
    moving["option_chain"].delete_many({})
    for address, text in cursors.items():
        response = api.get(f"{address.partition('?')[0]}?cursor={text}")
        assert response.status_code in (200, 404, 422), response.text
    moving["snapshots"].delete_many({})
    for address, text in cursors.items():
        response = api.get(f"{address.partition('?')[0]}?cursor={text}")
        assert response.status_code == 404, response.text
    assert api.post(f"/option-chain/{filtered['next']}").status_code == 404


# ── the filter ───────────────────────────────────────────────────────────────────────────────


def filtered(
    api: TestClient,
    wanted: dict[str, Any],
    limit: int,
    between: Callable[[], object] = lambda: None,
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
def test_a_filter_gives_every_record_once_whatever_the_limit(
    wanted: dict[str, Any], api: TestClient, limit: int
) -> None:
    expected = filtered(api, wanted, 5_000)
    assert len(expected) > 4
    assert filtered(api, wanted, limit) == expected


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_s_pages_are_of_the_snapshots_of_the_first(
    wanted: dict[str, Any], moving: Database[Document]
) -> None:
    clock = Clock()
    api = client(moving, clock)
    expected = filtered(api, wanted, 5_000)
    assert filtered(api, wanted, 3, Recorder(moving, clock).work) == expected


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_may_be_sent_again_beside_its_cursor_with_another_limit(
    wanted: dict[str, Any], api: TestClient
) -> None:
    expected = filtered(api, wanted, 5_000)
    first = api.post("/option-chain/filter", json={**wanted, "limit": 1}).json()
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
    page = api.post("/option-chain/filter", json=wanted).json()
    assert page["records"] == expected[offset : offset + 3]
    assert (page["total_records"], page["limit"], page["offset"]) == (24, 3, offset)
    assert (page["next"] is None) == (offset + 3 >= 24)


def test_a_cursor_of_the_filter_outlives_an_hour_of_recording(moving: Database[Document]) -> None:
    clock = Clock()
    api = client(moving, clock)
    wanted = {"symbol": "NIFTY", "limit": 5}
    first = api.post("/option-chain/filter", json=wanted).json()
    clock.now += timedelta(hours=1)
    second = api.post(f"/option-chain/{first['next']}").json()
    for name in ("timestamp", "last_seen_at", "age_seconds", "gap", "total_records"):
        assert second[name] == first[name]
