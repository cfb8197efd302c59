"""GET /pipeline/status: what the recorder is doing, from its ledger and its registers."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chain_fetch.recording.budget.budget_demand import Demand
from chain_fetch.recording.budget.budget_plan import plan_of
from chain_fetch.recording.budget.budget_words import plan_document
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.request_counts import RequestCounts
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.source_register import SourceRegister, SourceState
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.mongo.token_register import TokenRegister, TokenState
from optionchain.settings import Settings
from optionchain.symbol_selection import Tier
from tests.support.api import NOW, client
from tests.support.budgets import MANY
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock

MIDNIGHT = datetime.fromisoformat("2026-06-19T00:00:00+05:30")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


PLAN = plan_document(plan_of(MANY, Demand(2, 5, 2)))


def record(database: AnyDatabase, tick: datetime, outcome: str | None, **entry: object) -> None:
    """Claim a tick and, unless it stays open, record its outcome."""
    ledger = TickLedger(database)
    ShiftRegister(database).take_over(["NIFTY"], "me", tick)
    ledger.claim("NIFTY", tick, "me", tick)
    if outcome:
        ledger.record("NIFTY", tick, {"outcome": outcome, **entry})


def status(database: AnyDatabase, settings: Settings | None = None) -> dict[str, Any]:
    response = client(database, settings=settings).get("/pipeline/status")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def test_recorder_that_never_ran_has_no_numbers(database: AnyDatabase) -> None:
    unknown = ("reason", "detail", "since", "until")
    of_sources = ("token", "token_ends_at", "left_until", "left_reason", "plan")
    answers = {"state": "ok", "failures": 0} | dict.fromkeys(unknown)
    assert status(database) == {
        "running": False,
        "enabled": True,
        "schedule": "local",
        "symbols": ["NIFTY", "BANKNIFTY"],
        "interval_seconds": 5,
        "ticks": {"last_hour": {}, "today": {}},
        "success_rate": None,
        "tiers": [
            {
                "tier": "BASE",
                "interval_seconds": 5,
                "symbols": 2,
                "ticks": {},
                "success_rate": None,
            }
        ],
        "worst_symbols": [],
        "lateness_ms": {"p50": None, "p99": None},
        "last_success": None,
        "age_seconds": None,
        "owners": {},
        "shifts": [],
        "source": answers,
        "sources": [answers | dict.fromkeys(of_sources) | {"name": "nse", "symbols": []}],
        "market": "open",
        "next_opening": None,
        "holidays": "shipped",
        "archive": None,
        "warnings": [],
    }


def test_ticks_of_the_hour_and_the_day_are_counted_by_outcome(database: AnyDatabase) -> None:
    hour_ago = NOW - timedelta(hours=1)
    record(database, MIDNIGHT - SECOND, "stored")
    record(database, MIDNIGHT, "stored")
    record(database, hour_ago - SECOND, "failed", reason="timeout")
    record(database, hour_ago, "unchanged")
    record(database, TICK - 5 * SECOND, "skipped", reason="busy")
    record(database, TICK - 10 * SECOND, None)
    record(database, TICK, None)  # it may still get an outcome, so it is no bad one
    body = status(database)
    hour = {"unchanged": 1, "skipped": 1, "open": 1, "pending": 1}
    assert body["ticks"] == {"last_hour": hour, "today": {**hour, "stored": 1, "failed": 1}}
    assert body["success_rate"] == body["worst_symbols"][0]["success_rate"] == 0.4
    # The newest tick that was stored or unchanged.
    assert (body["last_success"], body["age_seconds"]) == ("2026-06-19T08:32:32Z", 3_600.0)
    record(database, TICK - 5 * SECOND, "stored")
    assert status(database)["last_success"] == "2026-06-19T09:32:20Z"


def test_ticks_of_another_symbol_are_not_counted(database: AnyDatabase) -> None:
    record(database, TICK, "stored")
    body = status(database, Settings(nse_symbols=("M&M",), nse_fetch_interval=15))
    assert (body["symbols"], body["interval_seconds"]) == (["M&M"], 15)
    assert body["ticks"]["today"] == {}
    assert body["running"] is False


@pytest.mark.parametrize(("ago", "running"), [(0, True), (89, True), (90, False), (3_600, False)])
def test_recorder_that_claims_ticks_runs(database: AnyDatabase, ago: int, running: bool) -> None:
    record(database, NOW - ago * SECOND, "failed", reason="timeout")
    assert status(database)["running"] is running


def test_lateness_is_given_as_percentiles_of_the_hour(database: AnyDatabase) -> None:
    record(database, NOW - timedelta(hours=2), "stored", lateness_ms=9_999.0)
    record(database, TICK - 500 * SECOND, "stored", lateness_ms=100.04)
    assert status(database)["lateness_ms"] == {"p50": 100.0, "p99": 100.0}
    for number in range(100):
        record(database, TICK - number * 5 * SECOND, "stored", lateness_ms=float(number))
    assert status(database)["lateness_ms"] == {"p50": 50.0, "p99": 99.0}


def test_owner_of_each_symbol_is_named_since_when(database: AnyDatabase) -> None:
    ShiftRegister(database).take_over(["NIFTY", "M&M"], "shift-1", TICK)
    ShiftRegister(database).take_over(["M&M"], "shift-2", NOW)
    assert status(database)["owners"] == {
        "NIFTY": {"owner": "shift-1", "since": "2026-06-19T09:32:25Z"},
        "M&M": {"owner": "shift-2", "since": "2026-06-19T09:32:32Z"},
    }


def test_of_many_symbols_invocations_and_the_ten_longest_on_duty_are_told(
    database: AnyDatabase,
) -> None:
    names = [f"S{number:02}" for number in range(25)]
    register = ShiftRegister(database)
    register.take_over(names[:15], "group-1", TICK)
    for number, symbol in enumerate(names[15:]):
        register.take_over([symbol], "group-2", TICK - number * SECOND)
    body = status(database, Settings(nse_symbols=tuple(names)))
    since = "2026-06-19T09:32:25Z"
    assert body["shifts"] == [
        {"owner": "group-1", "since": since, "symbols": 15},
        {"owner": "group-2", "since": since, "symbols": 10},
    ]
    assert len(body["owners"]) == 10
    assert body["owners"]["S24"] == {"owner": "group-2", "since": "2026-06-19T09:32:16Z"}


def test_success_is_told_by_tier_and_of_the_worst_ten_symbols(database: AnyDatabase) -> None:
    ledger, names = TickLedger(database), [f"S{number:02}" for number in range(12)]
    for number, symbol in enumerate(names):
        for tick in range(12):
            outcome = "failed" if tick < number else "stored"
            ledger.record(symbol, TICK - tick * SECOND, {"outcome": outcome})
    tiers = (Tier("S00", 1), Tier("S11", 60))
    settings = Settings(nse_symbols=tuple(names), nse_tiers=tiers, nse_fetch_interval=1)
    body = status(database, settings)
    assert [(each["tier"], each["symbols"], each["success_rate"]) for each in body["tiers"]] == [
        ("S00", 1, 1.0),
        ("BASE", 10, round(65 / 120, 6)),
        ("S11", 1, round(1 / 12, 6)),
    ]
    assert [each["symbol"] for each in body["worst_symbols"]] == names[:1:-1]
    assert body["worst_symbols"][0] == {
        "symbol": "S11",
        "ticks": {"failed": 11, "stored": 1},
        "success_rate": round(1 / 12, 6),
    }


def test_stopped_recorder_has_no_owner_and_does_not_run(database: AnyDatabase) -> None:
    record(database, TICK, "stored")
    control = RecorderSwitch(database)
    control.switch(["NIFTY"], NOW, enabled=False)
    body = status(database)
    assert (body["enabled"], body["running"], body["owners"]) == (False, False, {})
    control.switch(["NIFTY"], NOW, enabled=True)
    body = status(database)
    assert (body["enabled"], body["running"]) == (True, False), "not before a shift takes over"
    ShiftRegister(database).take_over(["NIFTY"], "shift-3", NOW)
    assert status(database)["running"] is True


@pytest.mark.parametrize(
    ("ahead", "expected"), [(600, "waiting"), (0, "refusing"), (-1, "refusing"), (None, "refusing")]
)
def test_refusal_of_the_source_has_its_reason_and_its_end(
    database: AnyDatabase, ahead: int | None, expected: str
) -> None:
    until = None if ahead is None else NOW + ahead * SECOND
    state = SourceState("rate_limited", "403: after 10 minutes", TICK, until, failures=2)
    SourceRegister(database, "http://127.0.0.1:1").write(state)
    assert status(database)["source"]["state"] == "ok", "that is another source"
    SourceRegister(database, Settings().nse_base_url).write(state)
    assert status(database)["source"] == {
        "state": expected,
        "reason": "rate_limited",
        "detail": "403: after 10 minutes",
        "since": "2026-06-19T09:32:25Z",
        "until": until and until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "failures": 2,
    }


def test_holidays_are_those_on_the_list_of_the_exchange(database: AnyDatabase) -> None:
    HolidayRegister(database).write(HOLIDAYS_2026 | {TICK.date()}, TICK)
    body = status(database)
    assert (body["market"], body["holidays"]) == ("closed", "exchange")
    assert body["next_opening"] == "2026-06-22T03:45:00Z"


def test_each_source_is_told_as_it_is_preferred_with_the_end_of_its_token(
    database: AnyDatabase,
) -> None:
    SourceRegister(database, "upstox").write(SourceState(reason="unauthorised", failures=2))
    TokenRegister(database).write("upstox", TokenState(NOW, NOW + HOUR, NOW))
    RequestCounts(database).write_plan("upstox", PLAN, NOW)
    settings = Settings(source=("upstox", "dhan", "nse"))
    body = status(database, settings)
    told = [(each["name"], each["state"], each["token"]) for each in body["sources"]]
    assert told == [("upstox", "refusing", "ends_soon"), ("dhan", "ok", None), ("nse", "ok", None)]
    ends = (NOW + HOUR).isoformat().replace("+00:00", "Z")
    assert [each["token_ends_at"] for each in body["sources"]] == [ends, None, None]
    windows = [each | {"used": None} for each in PLAN["windows"]]
    assert [each["plan"] for each in body["sources"]] == [PLAN | {"windows": windows}, None, None]
    assert (body["source"]["state"], body["source"]["failures"]) == ("refusing", 2)
    assert "name" not in body["source"]


@pytest.mark.parametrize(("until", "waits", "expected"), [
    (60, False, ("left", "timeout")),
    (0, False, ("ok", None)),
    (60, True, ("waiting", "timeout")),
])  # fmt: skip
def test_a_source_that_is_left_says_so_and_whose_symbols_are_read_from_where(
    database: AnyDatabase, until: int, *, waits: bool, expected: tuple[str, str | None]
) -> None:
    state = SourceState(left_until=NOW + until * SECOND, left_reason="timeout", times_left=1)
    blocked = replace(state, reason="blocked", until=NOW + HOUR)
    SourceRegister(database, "upstox").write(blocked if waits else state)
    ledger = TickLedger(database)
    ledger.record("NIFTY", NOW - 2 * SECOND, {"outcome": "stored", "source": "upstox"})
    for symbol in ("NIFTY", "BANKNIFTY"):
        ledger.record(symbol, NOW - SECOND, {"outcome": "stored", "source": "nse"})
    first, second = status(database, Settings(source=("upstox", "nse")))["sources"]
    assert (first["state"], first["left_reason"]) == expected
    assert (first["symbols"], second["symbols"]) == ([], ["NIFTY", "BANKNIFTY"])
