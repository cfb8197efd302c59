"""Polls: one strong tag names one answer, and unchanged data cost one small read."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product

import httpx2
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm
from tests.support.api import CHAIN, NOW, Clock, answered, client, commit, confirm, problem
from tests.support.bodies import Json
from tests.support.commands import Commands, Watched, watched
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

JULY = date(2026, 7, 28)
POLLS = [
    "/option-chain/M%26M",
    *(
        CHAIN + below
        for below in (
            *("", "?expiry=23-Jun-2026", "?expiry=all", "?expiry=next"),
            *("?format=csv", "?format=ndjson", "?layout=rows&format=csv"),
            *("?layout=rows", "?layout=columns", "?columns=last_price"),
            *("?columns=last_price,open_interest", "?columns=open_interest,last_price"),
            *("?option_type=CE", "?strike_min=24050", "?strike_max=24050"),
            *("?strikes_around_atm=0", "?min_open_interest=1", "?min_volume=1"),
            *("/history?strikes_around_atm=1", "/history?strike=24000"),
            *("/history?strike=24000&interval=1m", "/changes?from=15:02:20"),
            *("?greeks=true", "?greeks=true&expiry=all", "?greeks=true&format=csv"),
            *("?greeks=true&columns=last_price,delta", "/analytics", "/analytics?format=csv"),
            *("/analytics/history", "/analytics/history?metric=pcr_oi"),
            *("/analytics/history?metric=pcr_oi&interval=1m", "/analytics/smile"),
            *("/analytics/open-interest", "/analytics/open-interest?format=ndjson"),
            *("/analytics/gamma-exposure", "/analytics/gamma-exposure?expiry=all"),
            *("/analytics/gamma-exposure?format=csv", "/analytics/term-structure"),
            *("/analytics/iv-rank", "/analytics/iv-rank?format=csv"),
            *("/analytics/surface", "/analytics/surface?iv_source=exchange&format=csv"),
            *("/analytics/open-interest/history", "/analytics/open-interest/history?format=csv"),
            *("/analytics?iv_source=exchange", "/analytics/smile?iv_source=exchange"),
            "?greeks=true&iv_source=exchange",
        )
    ),
]
SNAPSHOTS = [f"{CHAIN}/snapshots", f"{CHAIN}/snapshots?expiry=all"]


@pytest.fixture(scope="module")
def watch(mongod: Mongod) -> Iterator[Watched]:
    with watched(mongod, "conditional") as parts:
        yield parts


@pytest.fixture
def database(watch: Watched) -> AnyDatabase:
    """Two snapshots of the nearest expiry, one of a later one, and of a stock."""
    database, _ = watch
    for name in ("option_chain", "snapshots", "ticks"):
        database[name].delete_many({})
    chains = [
        snapshot(tick=TICK - INTERVAL, last_price=1.0),
        snapshot([23950.0, 24000.0, 24050.0]),
        snapshot(expiry=JULY),
        snapshot([40.0, 42.5], symbol="M&M", expiry=JULY),
    ]
    commit(database, *chains, rate=5.5)
    return database


@pytest.fixture
def commands(watch: Watched) -> Commands:
    return watch[1]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(database: AnyDatabase, clock: Clock) -> TestClient:
    return client(database, clock)


@pytest.fixture
def other(database: AnyDatabase, clock: Clock) -> TestClient:
    """A second execution environment, which has read the list of holidays already."""
    other = client(database, clock)
    assert other.get(f"{CHAIN}/expiry-dates").status_code == 200
    return other


def polled(api: TestClient, path: str, tag: str) -> Response:
    return api.get(path, headers={"if-none-match": tag})


def test_a_poll_of_unchanged_data_gets_no_body(api: TestClient, other: TestClient) -> None:
    for path in (*POLLS, *SNAPSHOTS):
        tag = answered(api, path).headers["etag"]
        assert tag.startswith('"')
        for environment in (api, other, api):
            response = polled(environment, path, tag)
            assert (response.status_code, response.content) == (304, b""), path
            assert response.headers["etag"] == tag
            assert response.headers["cache-control"] == "private, max-age=3"


def test_a_confirmation_is_no_news_and_the_headers_tell_of_it(
    api: TestClient, other: TestClient, store: SnapshotWriter, clock: Clock
) -> None:
    tags = {path: answered(api, path).headers["etag"] for path in POLLS}
    confirm(store)
    clock.now += timedelta(seconds=1)
    for path, tag in tags.items():
        for environment in (api, other):
            response = polled(environment, path, tag)
            assert (response.status_code, response.headers["etag"]) == (304, tag), path
            assert response.headers["x-timestamp"] == "2026-06-19T09:32:25Z"
            assert response.headers["x-last-seen-at"] == "2026-06-19T09:32:30Z"
            assert response.headers["x-age-seconds"] == "3"


def test_confirmation_is_news_to_lists_of_snapshots(api: TestClient, store: SnapshotWriter) -> None:
    tags = {path: answered(api, path).headers["etag"] for path in SNAPSHOTS}
    confirm(store)
    for path, tag in tags.items():
        response = polled(api, path, tag)
        assert response.status_code == 200
        assert response.headers["etag"] != tag
        assert response.json()["records"][-1]["last_seen_at"] == "2026-06-19T09:32:30Z"


def news(name: str, store: SnapshotWriter, clock: Clock) -> None:
    later = snapshot(tick=TICK + INTERVAL, last_price=7.0)
    match name:
        case "new data":
            store.commit(Commit(later))
        case "a revision":
            store.commit(Commit(later, revised=True, earlier_hashes=["x"]))
        case "the same numbers at a later stamp":
            store.commit(Commit(snapshot([23950.0, 24000.0, 24050.0], tick=TICK + INTERVAL)))
        case "a gap":
            clock.now += timedelta(minutes=2)


@pytest.mark.parametrize(
    "name", ["new data", "a revision", "the same numbers at a later stamp", "a gap"]
)
def test_news_are_sent_under_another_tag(
    name: str, api: TestClient, other: TestClient, store: SnapshotWriter, clock: Clock
) -> None:
    chains = ("", "?expiry=23-Jun-2026", "?format=csv", "?expiry=all", "?greeks=true")
    paths = [CHAIN + below for below in (*chains, "/analytics", "/analytics/smile?format=csv")]
    tags = {path: answered(api, path).headers["etag"] for path in paths}
    news(name, store, clock)
    for path, tag in tags.items():
        for environment in (api, other):
            response = polled(environment, path, tag)
            assert response.status_code == 200, path
            assert response.headers["etag"] != tag
            assert polled(environment, path, response.headers["etag"]).status_code == 304
            assert response.headers["x-gap"] == ("true" if name == "a gap" else "false")


def test_the_end_of_a_gap_is_news_too(api: TestClient, database: AnyDatabase, clock: Clock) -> None:
    clock.now += timedelta(minutes=2)
    tag = answered(api, CHAIN).headers["etag"]
    TickLedger(database).record("NIFTY", TICK + timedelta(minutes=2), {"outcome": "unchanged"})
    response = polled(api, CHAIN, tag)
    assert (response.status_code, response.headers["x-gap"]) == (200, "false")


def test_one_strong_tag_names_the_same_bytes_in_every_environment(
    database: AnyDatabase, store: SnapshotWriter, clock: Clock
) -> None:
    """This holds at any instant and after any confirmation."""
    bodies: dict[tuple[str, str], set[bytes]] = {}
    paths = (*POLLS, *SNAPSHOTS)
    environments = [client(database, clock) for _ in range(2)]
    for confirmed in (0, 1, 2):
        if confirmed:
            confirm(store, confirmed)
        for milliseconds in (0, 400, 1_000, 14_000):
            clock.now = NOW + timedelta(milliseconds=milliseconds)
            for environment, path in product(environments, paths):
                response = answered(environment, path)
                tag = path, response.headers["etag"]
                bodies.setdefault(tag, set()).add(response.content)
    assert {len(each) for each in bodies.values()} == {1}
    numbers = Counter(path for path, _ in bodies)
    assert min(numbers.values()) >= 4, "ages have tags of their own"


def test_a_tag_of_another_query_never_matches(api: TestClient) -> None:
    tags = {path: answered(api, path).headers["etag"] for path in [*POLLS, *SNAPSHOTS]}
    assert len(set(tags.values())) == len(tags)
    for path in [*POLLS, *SNAPSHOTS]:
        others = ", ".join(tag for asked, tag in tags.items() if asked != path)
        assert polled(api, path, others).status_code == 200, path
        assert polled(api, path, f"{others}, {tags[path]}").status_code == 304


def test_a_tag_of_another_format_never_matches(api: TestClient) -> None:
    accepts = ("application/json", "text/csv", "application/x-ndjson")
    tags = {
        accept: api.get(CHAIN, headers={"accept": accept}).headers["etag"] for accept in accepts
    }
    for accept in accepts:
        others = ", ".join(tag for each, tag in tags.items() if each != accept)
        for tag, status in ((others, 200), (tags[accept], 304)):
            response = api.get(CHAIN, headers={"accept": accept, "if-none-match": tag})
            assert response.status_code == status
            assert "Accept" in response.headers["vary"]


def test_a_tag_is_known_weakened_in_a_list_and_as_any(api: TestClient) -> None:
    tag = answered(api, CHAIN).headers["etag"]
    for pattern in ("W/{}", '"x", {}', '{}, "x"', 'W/"x" ,  W/{}', "*") * 2:
        assert polled(api, CHAIN, pattern.format(tag)).status_code == 304, pattern


def test_any_other_tag_gets_the_answer(api: TestClient) -> None:
    for known in ("", '""', '"x"', "x", ",,,", '"', "W/", "\x80", "x" * 5_000) * 2:
        headers = [(b"if-none-match", known.encode("latin-1"))]
        assert api.get(CHAIN, headers=headers).status_code == 200, known


def test_head_has_the_headers_of_get_and_no_body(api: TestClient) -> None:
    tag = answered(api, CHAIN).headers["etag"]
    for _ in range(2):
        head, get = api.head(CHAIN), answered(api, CHAIN)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "cache-control", "content-type", "content-length", "x-age-seconds"):
            assert head.headers[name] == get.headers[name]
        unchanged = api.head(CHAIN, headers={"if-none-match": tag})
        assert (unchanged.status_code, unchanged.headers["etag"]) == (304, tag)


def test_a_compressed_answer_has_a_tag_of_its_own_that_is_known_as_well(api: TestClient) -> None:
    plain = answered(api, CHAIN).headers["etag"]
    gzip = {"accept-encoding": "gzip"}
    response = api.get(CHAIN, headers=gzip)
    tag = response.headers["etag"]
    assert (response.headers["content-encoding"], tag) == ("gzip", f'{plain[:-1]}-gzip"')
    unchanged = api.get(CHAIN, headers={**gzip, "if-none-match": tag})
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, tag)


@pytest.mark.parametrize("path", ["/option-chain/NOSUCH", f"{CHAIN}?expiry=2026-12-31"])
def test_a_problem_has_no_tag_and_matches_none(path: str, api: TestClient) -> None:
    response = api.get(path, headers={"if-none-match": "*"})
    assert response.status_code == 404
    assert "etag" not in response.headers


def test_the_filter_has_no_tag(api: TestClient) -> None:
    response = api.post("/option-chain/filter", json={"symbol": "NIFTY"})
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def is_one_header_read(sent: Sequence[Json]) -> bool:
    """Tell whether the only command is a read of one header."""
    return [(each.get("find"), each.get("limit")) for each in sent] == [("snapshots", 1)]


@pytest.mark.parametrize(
    "path",
    [
        *(CHAIN, f"{CHAIN}?expiry=23-Jun-2026", f"{CHAIN}?greeks=true"),
        f"{CHAIN}?strikes_around_atm=1&format=csv",
        *(f"{CHAIN}/analytics", f"{CHAIN}/analytics/smile", f"{CHAIN}/analytics/open-interest"),
        *(f"{CHAIN}/analytics?iv_source=exchange", f"{CHAIN}/analytics/gamma-exposure"),
    ],
)
def test_a_poll_of_unchanged_data_reads_one_header_and_nothing_else(
    path: str, api: TestClient, other: TestClient, commands: Commands
) -> None:
    tag = answered(api, path).headers["etag"]
    for _ in range(3):
        with commands.kept() as sent:
            assert answered(api, path).content
        assert is_one_header_read(sent), sent
        with commands.kept() as sent:
            assert polled(api, path, tag).status_code == 304
        assert is_one_header_read(sent), sent
        with commands.kept() as sent:  # where it was never rendered
            assert polled(other, path, tag).status_code == 304
        assert is_one_header_read(sent), sent


def test_the_header_that_is_read_is_small(database: AnyDatabase, api: TestClient) -> None:
    tag = answered(api, CHAIN).headers["etag"]
    before = database.command("serverStatus")["network"]["bytesOut"]
    for _ in range(20):
        polled(api, CHAIN, tag)
    spent = database.command("serverStatus")["network"]["bytesOut"] - before
    assert spent < 20 * 2_000 + 100_000


def test_after_the_close_a_poll_costs_as_little(
    database: AnyDatabase, store: SnapshotWriter, commands: Commands, clock: Clock
) -> None:
    close = TICK.replace(hour=9, minute=59, second=55)
    store.commit(Commit(snapshot(tick=close)))
    clock.now = close + timedelta(hours=5)
    api = client(database, clock)
    answered(api, CHAIN)
    with commands.kept() as sent:
        assert answered(api, CHAIN).json()["gap"] is False
    assert is_one_header_read(sent), sent


def test_requests_at_once_are_all_answered_and_within_a_complete_tick_without_a_read(
    api: TestClient, commands: Commands, database: AnyDatabase
) -> None:
    transport = httpx2.ASGITransport(app=api.app)
    plain = {"accept-encoding": "identity"}

    async def crowd() -> list[Response]:
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            requests = (client.get(CHAIN, headers=plain) for _ in range(60))
            return await asyncio.gather(*requests)

    expected = answered(api, CHAIN).content
    with commands.kept() as sent:
        assert {response.content for response in asyncio.run(crowd())} == {expected}
    assert 1 <= len(sent) <= 2 * 60
    newest = SnapshotReader(database).latest_header("NIFTY")
    assert newest is not None
    tick = Rhythm(5).newest(NOW)
    SnapshotWriter(database).confirm(newest, tick)
    complete = {"outcome": "unchanged", "expiries": [{"outcome": "unchanged"}]}
    TickLedger(database).record("NIFTY", tick, complete)
    expected = answered(api, CHAIN).content
    with commands.kept() as sent:
        assert {response.content for response in asyncio.run(crowd())} == {expected}
    assert sent == []


def test_data_that_vanish_are_not_served_any_more(database: AnyDatabase, api: TestClient) -> None:
    tag = answered(api, CHAIN).headers["etag"]
    for name in ("option_chain", "snapshots"):
        database[name].delete_many({})
    for response in (api.get(CHAIN), polled(api, CHAIN, tag), api.head(CHAIN)):
        assert response.status_code == 404
    problem(api.get(CHAIN), 404, "unknown-symbol")


def test_an_expiry_that_passes_makes_room_for_the_next(api: TestClient, clock: Clock) -> None:
    """The same request line then means another expiry."""
    assert answered(api, CHAIN).json()["expiry_date"] == "23-Jun-2026"
    clock.now = NOW + timedelta(days=5)
    assert answered(api, CHAIN).json()["expiry_date"] == "28-Jul-2026"
