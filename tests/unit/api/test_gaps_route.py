"""The route of the gaps: which days may be asked for, of which symbols."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from pymongo.database import Database
from starlette.testclient import TestClient

from chain_api import schemas
from optionchain.mongo.client import Document
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import NOW, client, problem
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock

SECOND = timedelta(seconds=1)
SETTINGS = Settings(nse_symbols=("NIFTY", "M&M"), retention_days=7)
# From 09:15 to 15:02:25 in India, the tick that may be under way at 15:02:32 included.
DUE = 4_170


@pytest.fixture
def database() -> Database[Document]:
    return memory_database()


def ask(
    database: Database[Document],
    day: str | None = None,
    symbol: str = "NIFTY",
    now: datetime = NOW,
    settings: Settings = SETTINGS,
) -> Response:
    params = {} if day is None else {"date": day}
    return client(database, now, settings).get(f"/option-chain/{symbol}/gaps", params=params)


def gaps(*arguments: Any, **named: Any) -> dict[str, Any]:  # noqa: ANN401
    response = ask(*arguments, **named)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    schemas.Gaps.model_validate(body)
    assert list(body) == list(schemas.Gaps.model_fields)
    return body


def test_today_is_asked_for_by_default(database: Database[Document]) -> None:
    TickLedger(database).record("NIFTY", TICK, {"outcome": "stored"})
    TickLedger(database).record("M&M", TICK - 5 * SECOND, {"outcome": "stored"})
    body = gaps(database)
    assert (body["symbol"], body["date"], body["market"]) == ("NIFTY", "2026-06-19", "open")
    assert body["session"] == {"opens": "2026-06-19T03:45:00Z", "closes": "2026-06-19T10:00:00Z"}
    assert (body["interval_seconds"], body["age_seconds"]) == (5, 7.0)
    assert body["expected_ticks"] == DUE
    assert body["ticks"] == {
        "stored": 1,
        "unchanged": 0,
        "failed": 0,
        "skipped": 0,
        "open": 0,
        "missing": DUE - 1,
    }
    assert body["coverage_percent"] == 0.024
    (gap,) = body["gaps"]
    assert gap == {
        "outcome": "missing",
        "reason": None,
        "start": "2026-06-19T03:45:00Z",
        "end": "2026-06-19T09:32:25Z",
        "ticks": DUE - 1,
    }


def test_symbol_is_known_in_any_case(database: Database[Document]) -> None:
    assert gaps(database, symbol="m%26m")["symbol"] == "M&M"


@pytest.mark.parametrize("day", ["2026-06-18", "18-Jun-2026", "18-JUN-2026"])
def test_day_can_be_named_in_both_ways(database: Database[Document], day: str) -> None:
    tick = datetime(2026, 6, 18, 9, 59, 55, tzinfo=UTC)
    TickLedger(database).record("NIFTY", tick, {"outcome": "unchanged"})
    body = gaps(database, day)
    assert (body["date"], body["market"], body["expected_ticks"]) == ("2026-06-18", "closed", 4_500)
    assert body["gaps"][0]["ticks"] == 4_499


@pytest.mark.parametrize("day", ["2026-06-14", "2026-06-13"])
def test_weekend_expects_nothing(database: Database[Document], day: str) -> None:
    body = gaps(database, day)
    assert (body["session"], body["expected_ticks"], body["gaps"]) == (None, 0, [])
    assert body["coverage_percent"] is None


def test_holiday_of_the_exchange_s_own_list_expects_nothing(database: Database[Document]) -> None:
    HolidayRegister(database).write({datetime(2026, 6, 18, tzinfo=UTC).date()}, TICK)
    assert gaps(database, "2026-06-18")["expected_ticks"] == 0
    assert gaps(database, "2026-06-17")["expected_ticks"] == 4_500


@pytest.mark.parametrize("day", ["2026-06-20", "2026-12-31", "9999-12-31"])
def test_day_to_come_is_refused(database: Database[Document], day: str) -> None:
    body = problem(ask(database, day), 422, "invalid-request")
    assert body["field"] == body["errors"][0]["field"] == "date"
    allowed = "must be from 2026-06-13 to 2026-06-19; ticks are kept for 7 days"
    assert body["detail"] == f"date: {allowed}"
    assert body["errors"][0]["value"] == day


@pytest.mark.parametrize("day", ["2026-06-12", "2025-06-19", "0001-01-01"])
def test_day_whose_ticks_have_expired_would_look_like_a_gap(
    database: Database[Document], day: str
) -> None:
    """On the 7th day before today MongoDB has begun to delete them."""
    assert problem(ask(database, day), 422, "invalid-request")["field"] == "date"


def test_oldest_day_is_kept_until_the_last_minute_of_today(database: Database[Document]) -> None:
    for hour, oldest in ((18, 13), (19, 14)):  # the day changes in India at 18:30 UTC
        now = datetime(2026, 6, 19, hour, tzinfo=UTC)
        opens = datetime(2026, 6, oldest, 3, 45, tzinfo=UTC)
        assert now - opens < timedelta(days=SETTINGS.retention_days)
        assert gaps(database, f"2026-06-{oldest}", now=now)["date"] == f"2026-06-{oldest}"
        assert ask(database, f"2026-06-{oldest - 1}", now=now).status_code == 422


@pytest.mark.parametrize(
    "day", ["", "soon", "30-Feb-2026", "2026-02-30", "20260619", "2026-W25-4", "19-06-2026", "\x00"]
)
def test_what_is_no_date_is_refused(database: Database[Document], day: str) -> None:
    body = problem(ask(database, day), 422, "invalid-request")
    assert body["detail"] == "date: a day is a date like 30-Jan-2025 or 2025-01-30"


def test_parameter_of_another_name_is_refused(database: Database[Document]) -> None:
    response = client(database).get("/option-chain/NIFTY/gaps", params={"day": "2026-06-19"})
    assert problem(response, 422, "invalid-request")["field"] == "day"


def test_unknown_symbol_is_not_found(database: Database[Document]) -> None:
    SnapshotWriter(database).commit(Commit(snapshot()))
    body = problem(ask(database, symbol="NOSUCH"), 404, "unknown-symbol")
    assert body["known_symbols"] == ["NIFTY"]


def test_symbol_that_never_had_an_answer_is_known_by_the_settings(
    database: Database[Document],
) -> None:
    """That nothing at all was recorded of it is the very thing to be told."""
    assert gaps(database, symbol="M%26M")["ticks"]["missing"] == DUE - 1
    problem(ask(database, symbol="IDEA"), 404, "unknown-symbol")


@pytest.mark.parametrize("known_by", ["snapshot", "tick"])
def test_symbol_of_another_schedule_is_known_by_what_was_recorded(
    database: Database[Document], known_by: str
) -> None:
    if known_by == "tick":
        TickLedger(database).record("IDEA", TICK, {"outcome": "failed", "reason": "empty"})
    else:
        SnapshotWriter(database).commit(Commit(snapshot(symbol="IDEA")))
    assert gaps(database, symbol="IDEA")["expected_ticks"] >= DUE - 1


def test_where_the_market_never_closes_a_day_is_that_of_india(
    database: Database[Document],
) -> None:
    always = Settings(nse_symbols=("NIFTY",), market_hours="always", nse_fetch_interval=60)
    body = gaps(database, "2026-06-18", settings=always)
    assert body["session"] == {"opens": "2026-06-17T18:30:00Z", "closes": "2026-06-18T18:30:00Z"}
    assert body["expected_ticks"] == 1_440


@pytest.fixture
def api(database: Database[Document]) -> TestClient:
    return client(database)


@pytest.mark.parametrize("symbol", ["%24where", "A" * 21, "%00"])
def test_symbol_is_checked(api: TestClient, symbol: str) -> None:
    response = api.get(f"/option-chain/{symbol}/gaps")
    assert problem(response, 422, "invalid-request")["field"] == "symbol"
