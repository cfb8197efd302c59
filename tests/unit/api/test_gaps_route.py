"""The route of the gaps: for which days and symbols it answers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from chain_api import schemas
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import NOW, client, commit, database_with, problem
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock

SETTINGS = Settings(nse_symbols=("NIFTY", "M&M"), retention_days=7)
# From 09:15 to 15:02:25 in India, with the tick that may be under way at 15:02:32.
DUE = 4_170


def get(
    database: AnyDatabase,
    day: str | None = None,
    symbol: str = "NIFTY",
    now: datetime = NOW,
    settings: Settings = SETTINGS,
) -> Response:
    params = {} if day is None else {"date": day}
    return client(database, now, settings).get(f"/option-chain/{symbol}/gaps", params=params)


def gaps(*arguments: Any, **named: Any) -> dict[str, Any]:  # noqa: ANN401
    response = get(*arguments, **named)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    schemas.Gaps.model_validate(body)
    assert list(body) == list(schemas.Gaps.model_fields)
    return body


def test_the_default_is_today(database: AnyDatabase) -> None:
    TickLedger(database).record("NIFTY", TICK, {"outcome": "stored"})
    TickLedger(database).record("M&M", TICK - INTERVAL, {"outcome": "stored"})
    body = gaps(database)
    assert (body["symbol"], body["date"], body["market"]) == ("NIFTY", "2026-06-19", "open")
    assert body["session"] == {"opens": "2026-06-19T03:45:00Z", "closes": "2026-06-19T10:00:00Z"}
    assert (body["interval_seconds"], body["age_seconds"]) == (5, 7.0)
    assert body["expected_ticks"] == DUE
    assert body["sessions"] == [body["session"]]
    none = dict.fromkeys(("unchanged", "failed", "skipped", "open", "off_duty", "stopped"), 0)
    assert body["ticks"] == none | {"stored": 1, "missing": DUE - 1}
    assert body["coverage_percent"] == 0.024
    (gap,) = body["gaps"]
    assert gap == {
        "outcome": "missing",
        "reason": None,
        "start": "2026-06-19T03:45:00Z",
        "end": "2026-06-19T09:32:25Z",
        "ticks": DUE - 1,
    }


@pytest.mark.parametrize("day", ["2026-06-18", "18-Jun-2026", "18-JUN-2026"])
def test_a_day_is_named_in_either_form(database: AnyDatabase, day: str) -> None:
    tick = datetime(2026, 6, 18, 9, 59, 55, tzinfo=UTC)
    TickLedger(database).record("NIFTY", tick, {"outcome": "unchanged"})
    body = gaps(database, day)
    assert (body["date"], body["market"], body["expected_ticks"]) == ("2026-06-18", "closed", 4_503)
    # The tick after the close is missing, and so are the evening's two.
    assert [gap["ticks"] for gap in body["gaps"]] == [4_499, 1, 1, 1]


@pytest.mark.parametrize("day", ["2026-06-14", "2026-06-13"])
def test_a_weekend_expects_no_ticks(database: AnyDatabase, day: str) -> None:
    body = gaps(database, day)
    assert (body["session"], body["market"], body["gaps"]) == (None, "closed", [])
    assert (body["expected_ticks"], body["coverage_percent"]) == (0, None)
    assert set(body["ticks"].values()) == {0}


def test_a_holiday_of_the_exchange_expects_no_ticks(database: AnyDatabase) -> None:
    HolidayRegister(database).write(HOLIDAYS_2026 | {date(2026, 6, 18)}, TICK)
    assert gaps(database, "2026-06-18")["expected_ticks"] == 0
    assert gaps(database, "2026-06-17")["expected_ticks"] == 4_503


# On the 7th day before today MongoDB has begun to delete the ticks.
@pytest.mark.parametrize("day", [
    "2026-06-20", "2026-12-31", "9999-12-31", "2026-06-12", "2025-06-19", "0001-01-01",
])  # fmt: skip
def test_a_day_without_ticks_to_show_is_refused(database: AnyDatabase, day: str) -> None:
    body = problem(get(database, day), 422, "invalid-request")
    assert body["field"] == body["errors"][0]["field"] == "date"
    allowed = "must be from 2026-06-13 to 2026-06-19; ticks are kept for 7 days"
    assert body["detail"] == f"date: {allowed}"
    assert body["errors"][0]["value"] == day


@pytest.mark.parametrize(("hour", "oldest"), [(18, 13), (19, 14)])
def test_the_oldest_day_is_one_of_india(database: AnyDatabase, hour: int, oldest: int) -> None:
    """That is at 18:30 UTC; until then no tick of the oldest day has expired."""
    now = datetime(2026, 6, 19, hour, tzinfo=UTC)
    opens = datetime(2026, 6, oldest, 3, 45, tzinfo=UTC)
    assert now - opens < timedelta(days=SETTINGS.retention_days)
    assert gaps(database, f"2026-06-{oldest}", now=now)["date"] == f"2026-06-{oldest}"
    assert get(database, f"2026-06-{oldest - 1}", now=now).status_code == 422


@pytest.mark.parametrize("day", [
    "", "soon", "30-Feb-2026", "2026-02-30", "20260619", "2026-W25-4", "19-06-2026", "\x00",
])  # fmt: skip
def test_text_that_is_no_date_is_refused(database: AnyDatabase, day: str) -> None:
    body = problem(get(database, day), 422, "invalid-request")
    assert body["detail"] == "date: a day is a date like 30-Jan-2025 or 2025-01-30"


def test_an_unknown_symbol_is_not_found() -> None:
    database = database_with(snapshot())
    assert problem(get(database, symbol="NOSUCH"), 404, "unknown-symbol")["known_symbols"] == [
        "NIFTY"
    ]


def test_a_symbol_of_the_settings_is_known_without_records(database: AnyDatabase) -> None:
    """The answer then is that all its ticks are missing."""
    body = gaps(database, symbol="m%26m")
    assert (body["symbol"], body["ticks"]["missing"]) == ("M&M", DUE - 1)
    problem(get(database, symbol="IDEA"), 404, "unknown-symbol")


@pytest.mark.parametrize("known_by", ["snapshot", "tick"])
def test_a_symbol_of_another_schedule_is_known_by_its_records(known_by: str) -> None:
    database = database_with(*([snapshot(symbol="IDEA")] if known_by == "snapshot" else []))
    if known_by == "tick":
        TickLedger(database).record("IDEA", TICK, {"outcome": "failed", "reason": "empty"})
    assert gaps(database, symbol="IDEA")["expected_ticks"] >= DUE - 1


def test_a_market_that_never_closes_has_days_of_india(database: AnyDatabase) -> None:
    always = Settings(nse_symbols=("NIFTY",), market_hours="always", nse_fetch_interval=60)
    body = gaps(database, "2026-06-18", settings=always)
    assert body["session"] == {"opens": "2026-06-17T18:30:00Z", "closes": "2026-06-18T18:30:00Z"}
    assert body["expected_ticks"] == 1_440


OPENS = datetime(2026, 6, 19, 3, 45, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def relay(database: AnyDatabase, since: datetime, minutes: int, interval: int = 5) -> None:
    """Shifts that relieve each other, one a minute."""
    register = ShiftRegister(database)
    for number in range(minutes):
        begins = since + number * MINUTE
        register.begin(["NIFTY"], f"i-{begins}", Duty(begins, begins + 2 * MINUTE, interval))


def counts(body: dict[str, Any]) -> dict[str, int]:
    return {outcome: number for outcome, number in body["ticks"].items() if number}


def test_a_day_says_who_was_there_and_who_switched_it_off(database: AnyDatabase) -> None:
    """From 09:14:30 for ten minutes; killed; from 09:40 on; stopped from 09:50 to 10:00."""
    relay(database, OPENS - MINUTE / 2, 10)
    relay(database, OPENS + 25 * MINUTE, 10)
    switch = RecorderSwitch(database)
    switch.switch(["NIFTY"], OPENS + 35 * MINUTE, enabled=False)
    switch.switch(["NIFTY"], OPENS + 45 * MINUTE, enabled=True)
    relay(database, OPENS + 46 * MINUTE, 14)
    body = gaps(database, now=OPENS + 60 * MINUTE)
    told = [(gap["outcome"], gap["start"][11:19], gap["ticks"]) for gap in body["gaps"]]
    assert told == [
        ("missing", "03:45:00", 126),
        ("off_duty", "03:55:30", 174),
        ("missing", "04:10:00", 120),
        ("stopped", "04:20:00", 120),
        ("off_duty", "04:30:00", 12),
        ("missing", "04:31:00", 167),
    ]
    assert (body["recorded_since"], body["interval_known"]) == ("2026-06-19T03:44:30Z", True)
    # A deliberate stop is told apart from whatever failed, with the moment of either switch.
    reasons = {gap["outcome"]: gap["reason"] for gap in body["gaps"]}
    assert reasons == {"missing": None, "off_duty": None, "stopped": "stopped"}
    again = {"stopped_at": "2026-06-19T04:20:00Z", "started_at": "2026-06-19T04:30:00Z"}
    assert body["stops"] == [again]
    switch.switch(["NIFTY"], OPENS + 58 * MINUTE, enabled=False)
    body = gaps(database, now=OPENS + 60 * MINUTE)
    assert body["stops"] == [again, {"stopped_at": "2026-06-19T04:43:00Z", "started_at": None}]
    assert body["gaps"][-1]["reason"] == "stopped"


def test_a_failure_stays_and_no_hole_appears_after_the_interval_was_changed(
    database: AnyDatabase,
) -> None:
    """Seen: with today's interval a failure at :05 vanished, and six phantom holes appeared."""
    relay(database, OPENS - MINUTE / 2, 3)
    ledger = TickLedger(database)
    for number in range(24):
        failed = {"outcome": "failed", "reason": "timeout"} if number == 1 else None
        ledger.record("NIFTY", OPENS + number * INTERVAL, failed or {"outcome": "stored"})
    for interval in (5, 2, 10, 60):
        settings = replace(SETTINGS, nse_fetch_interval=interval)
        body = gaps(database, now=OPENS + 2 * MINUTE, settings=settings)
        assert counts(body) == {"stored": 23, "failed": 1}
        assert body["interval_seconds"] == 5


@pytest.mark.parametrize("late", [timedelta(seconds=3), timedelta(seconds=59), 12 * MINUTE])
def test_a_first_shift_may_begin_after_its_first_ticks(
    database: AnyDatabase, late: timedelta
) -> None:
    """Its start is slow, or the database is away: then its ticks are written afterwards."""
    begins = OPENS + 30 * MINUTE
    TickLedger(database).record("NIFTY", begins, {"outcome": "failed", "reason": "database"})
    relay(database, begins + late, 1)
    body = gaps(database, now=begins + 13 * MINUTE)
    assert body["recorded_since"] == "2026-06-19T04:15:00Z"
    assert body["gaps"][0]["start"] == "2026-06-19T04:15:00Z"
    assert gaps(database, "2026-06-18")["expected_ticks"] == 0


def test_a_symbol_has_no_ticks_before_its_first_shift(database: AnyDatabase) -> None:
    relay(database, OPENS + 30 * MINUTE, 1)
    body = gaps(database, now=OPENS + 31 * MINUTE)
    assert (body["recorded_since"], body["ticks"]["missing"]) == ("2026-06-19T04:15:00Z", 11)
    assert gaps(database, "2026-06-18")["expected_ticks"] == 0
    # Of a symbol that was recorded before shifts were kept, every tick is expected.
    TickLedger(database).record("NIFTY", OPENS - timedelta(days=1), {"outcome": "stored"})
    body = gaps(database, "2026-06-18")
    assert (body["expected_ticks"], body["recorded_since"]) == (4_503, None)
    assert not body["interval_known"]
    assert counts(body) == {"stored": 1, "missing": 4_502}


def test_days_after_the_last_shift_know_its_interval(database: AnyDatabase) -> None:
    relay(database, OPENS - timedelta(days=2), 5, interval=60)
    body = gaps(database, "2026-06-18")
    assert counts(body) == {"off_duty": 378}
    assert (body["interval_seconds"], body["interval_known"]) == (60, True)


def test_a_symbol_that_is_configured_no_more_has_no_ticks_after_its_last_shift(
    database: AnyDatabase,
) -> None:
    """A configured one is off duty then: its schedule may be gone."""
    relay(database, OPENS, 2)
    TickLedger(database).record("NIFTY", OPENS, {"outcome": "stored"})
    body = gaps(database)
    assert (body["recorded_until"], body["ticks"]["off_duty"]) == (None, 4_133)
    dropped = gaps(database, settings=replace(SETTINGS, nse_symbols=("M&M",)))
    assert (dropped["recorded_until"], dropped["ticks"]["off_duty"]) == ("2026-06-19T03:48:00Z", 0)
    assert dropped["expected_ticks"] == body["expected_ticks"] - body["ticks"]["off_duty"]


@pytest.mark.parametrize(("settled", "expected"), [(False, 4_503), (None, 4_501)])
def test_a_recorder_that_knew_no_evening_missed_none(
    database: AnyDatabase, settled: bool | None, expected: int
) -> None:
    """Headers of an older recorder do not say whether they are settled."""
    commit(database, snapshot(tick=TICK - timedelta(days=1), stamp=TICK - timedelta(days=1)))
    if settled is None:
        database["snapshots"].update_many({}, {"$unset": {"settled": True}})
    assert gaps(database, "2026-06-18")["expected_ticks"] == expected
    assert gaps(database, "2026-06-17")["expected_ticks"] == 4_503
