"""Every answer made of snapshots says whether they are the settled chains of their day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.api import CHAIN, FILTER, Clock, answered, client, read
from tests.support.bodies import EXPIRY
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

FRIDAY = date(2026, 6, 19)
CLOSE, EVENING, NIGHT = (ist(FRIDAY, text) for text in ("15:35", "21:00", "22:00"))
MORNING = CLOSE - timedelta(hours=5)
LATER = date(2026, 6, 30)
DAY = "2026-06-19"
# Lists say it of their newest snapshot, and of each record.
LISTS = (
    f"{CHAIN}/snapshots",
    f"{CHAIN}/snapshots?expiry=all",
    f"{CHAIN}/analytics/history?metric=pcr_oi",
    f"{CHAIN}/analytics/history?metric=pcr_oi&interval=1d",
)
PATHS = (
    CHAIN,
    f"{CHAIN}?expiry=all&layout=rows",
    f"{CHAIN}?greeks=true&as_of={DAY}",
    f"{CHAIN}/strikes",
    f"{CHAIN}/expiry-dates",
    f"{CHAIN}/analytics",
    f"{CHAIN}/analytics/smile",
    f"{CHAIN}/analytics/open-interest?as_of={DAY}",
    f"{CHAIN}/analytics/gamma-exposure?expiry=all",
    f"{CHAIN}/analytics/term-structure",
    f"{CHAIN}/analytics/iv-rank?as_of={DAY}",
    f"{CHAIN}/analytics/surface?as_of={DAY}",
    f"{CHAIN}/history?strike=24000",
    *LISTS,
)


@pytest.fixture
def database() -> AnyDatabase:
    """A morning, and the last chain of its day, read after the close: two expiries."""
    database = memory_database()
    writer = SnapshotWriter(database)
    for tick in (MORNING, CLOSE):
        for expiry in (EXPIRY, LATER):
            writer.commit(Commit(snapshot(tick=tick, stamp=tick, expiry=expiry)))
    return database


@pytest.fixture
def api(database: AnyDatabase) -> TestClient:
    return client(database, NIGHT)


def settle(database: AnyDatabase, *expiries: date, at: datetime = EVENING) -> None:
    """Let the evening's reading find that the newest chains of these expiries are final."""
    writer = SnapshotWriter(database)
    for expiry in expiries or (EXPIRY, LATER):
        header = writer.latest_header("NIFTY", expiry)
        assert header is not None
        writer.confirm(header, at, settled=True)


def told(answer: Any) -> Iterator[bool]:  # noqa: ANN401  (any JSON value)
    """Yield every `settled` of an answer, its own first."""
    if isinstance(answer, dict):
        yield from (value for name, value in answer.items() if name == "settled")
        answer = list(answer.values())
    if isinstance(answer, list):
        for each in answer:
            yield from told(each)


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_says_whether_it_is_settled(
    path: str, database: AnyDatabase, api: TestClient
) -> None:
    for final in (False, True):
        if final:
            settle(database)
        response = answered(api, path)
        assert response.headers["x-settled"] == str(final).lower()
        own, *others = told(response.json())
        assert own is final
        # Of the chains of a list, those of the morning are not the day's last ones.
        records = 1 if "interval" in path else 2 * (1 + ("expiry=all" in path))
        expected = [False] * (records // 2) + [final] * (records - records // 2)
        assert others == (expected if path in LISTS else [final] * len(others))


def test_a_filter_and_the_list_of_symbols_say_it_too(
    database: AnyDatabase, api: TestClient
) -> None:
    for final in (False, True):
        if final:
            settle(database)
        assert list(told(api.post(FILTER, json={"symbol": "NIFTY"}).json())) == [final]
        assert list(told(read(api, "/symbols"))) == [final]


def test_headers_of_older_recorders_are_not_settled(database: AnyDatabase, api: TestClient) -> None:
    database[SNAPSHOTS].update_many({}, {"$unset": {"settled": True}})
    assert not any(flag for path in PATHS for flag in told(read(api, path)))


@pytest.mark.parametrize(
    ("path", "flags"),
    [
        (f"{CHAIN}?expiry=all", [False, True, False]),
        (f"{CHAIN}/expiry-dates", [False]),
        (f"{CHAIN}/snapshots?expiry=all", [False, False, False, True, False]),
        ("/symbols", [False]),
    ],
)
def test_several_chains_are_settled_if_each_of_them_is(
    path: str, flags: list[bool], database: AnyDatabase, api: TestClient
) -> None:
    settle(database, EXPIRY)
    assert list(told(read(api, path))) == flags


@pytest.mark.parametrize("path", [*PATHS, f"{CHAIN}?format=csv", f"{CHAIN}/analytics?format=csv"])
def test_a_chain_that_becomes_settled_without_new_content_is_news(
    path: str, database: AnyDatabase
) -> None:
    clock = Clock(EVENING - timedelta(seconds=1))
    polled = client(database, clock)
    tag = answered(polled, path).headers["etag"]
    clock.now = NIGHT
    settle(database)
    for environment in (polled, client(database, clock)):
        response = environment.get(path, headers={"if-none-match": tag})
        assert (response.status_code, response.headers["x-settled"]) == (200, "true")
        fresh = {"if-none-match": response.headers["etag"]}
        again = environment.get(path, headers=fresh)
        assert (again.status_code, again.headers["x-settled"]) == (304, "true")


@pytest.mark.parametrize(
    "path", [CHAIN, f"{CHAIN}/analytics", f"{CHAIN}/snapshots", f"{CHAIN}/history?strike=24000"]
)
def test_a_moment_before_the_evening_is_answered_as_it_was_then(
    path: str, database: AnyDatabase
) -> None:
    """Such an answer is immutable: caches keep it for ever."""
    clock = Clock(EVENING - timedelta(minutes=30))
    api = client(database, clock)
    until, midnight = "to" if "/snap" in path or "/hist" in path else "as_of", f"from={DAY}"
    moment = f"{path}{'&' if '?' in path else '?'}{midnight if until == 'to' else ''}"
    before = f"{moment}&{until}={DAY}T20:00:00"
    served = read(api, before)
    clock.now = NIGHT
    settle(database)
    assert served == read(api, before)
    assert not any(told(served))
    assert read(api, f"{moment}&{until}={DAY}")["settled"] is True


@pytest.mark.parametrize("path", [f"{CHAIN}/analytics", *LISTS])
def test_tables_have_a_column_for_it(path: str, database: AnyDatabase, api: TestClient) -> None:
    settle(database)
    names, *rows = answered(api, path, format="csv").text.splitlines()
    assert names.split(",")[-1] == "settled"
    assert rows[-1].split(",")[-1] == "true"


def test_a_new_chain_of_the_evening_is_settled_from_its_tick_on(database: AnyDatabase) -> None:
    rewritten = snapshot(tick=ist(FRIDAY, "19:45"), stamp=CLOSE, open_interest=700.0)
    SnapshotWriter(database).commit(Commit(rewritten, revised=True, settled=True))
    api = client(database, NIGHT)
    for moment, final in (("19:44:59", False), ("19:45", True), (DAY, True)):
        answer = read(api, CHAIN, as_of=moment)
        assert answer["settled"] is final
        assert {leg["open_interest"] for leg in answer["calls"]} == {700.0 if final else 1200.0}


def test_before_a_session_the_newest_settled_chain_is_shown(database: AnyDatabase) -> None:
    settle(database)
    monday = FRIDAY + timedelta(days=3)
    for clock in ("00:00", "09:14:55"):
        answer = read(client(database, ist(monday, clock)), CHAIN)
        assert (answer["settled"], answer["gap"]) == (True, False)
        assert answer["timestamp"] == "2026-06-19T10:05:00Z"
    opened = snapshot(tick=ist(monday, "09:15:30"), stamp=ist(monday, "09:15:20"))
    SnapshotWriter(database).commit(Commit(opened))
    assert read(client(database, ist(monday, "09:16")), CHAIN)["settled"] is False
