"""The route of the recorded days: which days a symbol has, and the nearest ones around a range."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chain_api import schemas
from optionchain.mongo.indexes import SNAPSHOTS
from tests.support.api import NOW, client, database_with, problem
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock

DAY = timedelta(days=1)
PATH = "/option-chain/NIFTY/days"
# 00:00 and 23:59:55 of 19 June in India.
MIDNIGHT = TICK.replace(day=18, hour=18, minute=30, second=0)
LAST_TICK = MIDNIGHT + DAY - timedelta(seconds=5)


@pytest.fixture
def database() -> AnyDatabase:
    """A database with Tuesday and Friday of a week, and a Friday of another symbol."""
    ticks = (TICK - 3 * DAY, TICK - timedelta(hours=1), TICK)
    return database_with(
        *(snapshot(tick=tick) for tick in ticks), snapshot(symbol="M&M", tick=TICK - 4 * DAY)
    )


def days(database: AnyDatabase, **query: str) -> dict[str, Any]:
    response = client(database).get(PATH, params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    schemas.Days.model_validate(body)
    return body


def test_the_default_is_the_last_month(database: AnyDatabase) -> None:
    body = days(database)
    assert list(body) == ["symbol", "from", "to", "total_days", "before", "after", "days"]
    assert (body["from"], body["to"]) == ("2026-05-20", "2026-06-19")
    assert (body["total_days"], body["before"], body["after"]) == (2, None, None)
    tuesday, friday = body["days"]
    assert tuesday["day"] == "2026-06-16"
    assert friday == {
        "day": "2026-06-19",
        "snapshots": 2,
        "first_timestamp": "2026-06-19T08:32:25Z",
        "last_timestamp": "2026-06-19T09:32:25Z",
        "settled": False,
        "source": "nse",
        "storage": "database",
        "reasons": {},
    }


def test_range_without_a_day_names_the_nearest_ones(database: AnyDatabase) -> None:
    body = days(database, **{"from": "2026-06-17", "to": "2026-06-18"})
    assert body["days"] == []
    assert (body["before"], body["after"]) == ("2026-06-16", "2026-06-19")
    assert days(database, to="0001-01-02")["after"] == "2026-06-16"
    assert days(database, **{"from": "9999-12-30", "to": "9999-12-31"})["before"] == "2026-06-19"


@pytest.mark.parametrize(
    ("moved", "named"), [(MIDNIGHT - DAY / 86400, "2026-06-18"), (MIDNIGHT, "2026-06-19")]
)
def test_day_is_that_of_india(moved: Any, named: str) -> None:  # noqa: ANN401
    body = days(database_with(snapshot(tick=moved), snapshot(tick=LAST_TICK)))
    assert body["days"][0]["day"] == named
    assert body["days"][-1]["day"] == "2026-06-19"
    assert days(database_with(snapshot(tick=moved)), to=named)["total_days"] == 1


def test_day_is_settled_as_its_last_snapshot_is(database: AnyDatabase) -> None:
    last = {"symbol": "NIFTY", "fetched_at": TICK}
    database[SNAPSHOTS].update_one(last, {"$set": {"settled": True, "source": "upstox"}})
    tuesday, friday = days(database)["days"]
    assert (tuesday["settled"], friday["settled"]) == (False, True)
    assert (tuesday["source"], friday["source"]) == ("nse", "upstox")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-06-20"}, "from"),
        ({"from": "2025-06-18"}, "from"),
        ({"to": "yesterday"}, "to"),
        ({"day": "2026-06-19"}, "day"),
    ],
)
def test_range_that_cannot_be_answered_is_refused(
    database: AnyDatabase, query: dict[str, str], field: str
) -> None:
    body = problem(client(database).get(PATH, params=query), 422, "invalid-request")
    assert body["field"] == field


def test_unknown_symbol_is_told_the_known_ones(database: AnyDatabase) -> None:
    body = problem(client(database).get("/option-chain/NOPE/days"), 404, "unknown-symbol")
    assert body["known_symbols"] == ["M&M", "NIFTY"]
    elsewhere = client(database).get("/option-chain/m%26m/days", params={"to": "2026-06-01"})
    assert elsewhere.json()["after"] == "2026-06-15"


def test_answer_is_sent_again_only_with_news(database: AnyDatabase) -> None:
    api = client(database, NOW + DAY)
    first = api.get(PATH)
    assert first.headers["cache-control"] == "private, no-cache"
    known = {"if-none-match": first.headers["etag"]}
    assert api.get(PATH, headers=known).status_code == 304
    late = replace(snapshot(), fetched_at=TICK + timedelta(seconds=5))
    fresh = client(database_with(late), NOW + DAY).get(PATH, headers=known)
    assert fresh.status_code == 200
