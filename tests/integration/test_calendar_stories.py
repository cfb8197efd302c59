"""Wrong lists of holidays and unusual sessions, as the recorder and a reader live through them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chain_fetch.handler import lambda_handler
from local.nse_simulator.faults import CHAIN, HOLIDAYS
from optionchain.settings import Settings
from tests.integration.conftest import SceneAt
from tests.support.api import client
from tests.support.histories import ist
from tests.support.recorder import Context
from tests.support.scripted_nse import Recorder, Scene
from tests.support.settings import changed

TUESDAY, WEDNESDAY = date(2026, 9, 15), date(2026, 9, 16)
BUDGET_SUNDAY, SATURDAY = date(2026, 2, 1), date(2026, 9, 19)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EVERY = 20  # seconds


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    with scene_at(
        ist(TUESDAY, "08:59:30"), market_hours="exchange", nse_fetch_interval=EVERY
    ) as here:
        yield here


def scheduled(here: Scene, recorder: Recorder, since: datetime, until: datetime) -> list[str]:
    """Invoke the recorder each minute, as the schedule does; return the times of good ticks."""
    known = set(here.database["ticks"].distinct("_id"))
    minute = since
    while minute < until:
        here.clock.go_to(minute)
        lambda_handler({}, Context(f"at-{minute}", 45), recorder.deps)
        minute += MINUTE
    here.clock.go_to(until)
    entries = here.database["ticks"].find({"outcome": {"$in": ["stored", "unchanged"]}})
    new = sorted(entry["tick"] for entry in entries if entry["_id"] not in known)
    return [f"{tick.astimezone(since.tzinfo) + timedelta(hours=5.5):%H:%M:%S}" for tick in new]


def read(here: Scene, path: str) -> Any:  # noqa: ANN401
    settings = changed(here.settings, nse_base_url="https://www.nseindia.com")
    return client(here.database, here.clock.now, settings).get(path).json()


def notices(here: Scene) -> list[str]:
    return [notice["code"] for notice in read(here, "/health")["notices"]]


def test_a_list_of_61_days_in_a_row_closes_no_day(here: Scene) -> None:
    here.exchange.faults.add("wrong_holidays", days=61)
    with here.recorder() as recorder:
        for day in (TUESDAY, WEDNESDAY):
            good = scheduled(here, recorder, ist(day, "09:00"), ist(day, "09:18"))
            assert good[0] == "09:15:00"
            assert len(good) == 9
            # Nobody reads Tuesday's evening here, and Wednesday's first body tells.
            evening = ["settlement_missing"] if day == WEDNESDAY else []
            assert notices(here) == ["holiday_list_rejected", *evening]
            assert read(here, "/pipeline/status")["holidays"] == "shipped"
        # Four times a morning: at 09:00, :05, :10 and, by a shift on duty, at :15.
        assert here.asked(HOLIDAYS) == 8
    gaps = read(here, "/option-chain/IDEA/gaps")
    assert (gaps["coverage_percent"], gaps["gaps"]) == (100.0, [])


def test_a_day_that_is_listed_by_mistake_is_open_within_five_minutes(here: Scene) -> None:
    here.exchange.faults.add("wrong_holidays", days=1)
    with here.recorder() as recorder:
        assert scheduled(here, recorder, ist(TUESDAY, "09:00"), ist(TUESDAY, "09:15")) == []
        assert here.asked(CHAIN) == 0
        assert notices(here) == ["closed_by_exchange_list"]
        assert read(here, "/health")["market"] == "closed"
        good = scheduled(here, recorder, ist(TUESDAY, "09:15"), ist(TUESDAY, "09:25"))
        assert "09:15:00" <= good[0] <= "09:20:00"
        assert len(good) >= 15
        assert notices(here) == ["holiday_list_contradicted"]
        assert read(here, "/health")["market"] == "open"


def test_a_holiday_that_is_taken_back_on_the_eve_costs_no_tick(here: Scene) -> None:
    """As on 27 June 2023: the list of the morning before names the next day."""
    here.exchange.faults.add("wrong_holidays", days=2)
    with here.recorder() as recorder:
        scheduled(here, recorder, ist(TUESDAY, "09:00"), ist(TUESDAY, "09:02"))
        here.exchange.faults.clear()
        good = scheduled(here, recorder, ist(WEDNESDAY, "09:00"), ist(WEDNESDAY, "09:17"))
    assert good[:2] == ["09:15:00", "09:15:20"]
    assert len(good) == 6


def test_a_holiday_of_both_lists_is_quiet(scene_at: SceneAt) -> None:
    holiday = date(2026, 10, 2)
    with scene_at(ist(holiday, "08:59:30"), market_hours="exchange") as here:
        with here.recorder() as recorder:
            assert scheduled(here, recorder, ist(holiday, "09:00"), ist(holiday, "09:30")) == []
        assert notices(here) == []
        assert [row.path for row in here.exchange.requests] == ["/option-chain", HOLIDAYS]


def test_budget_sunday_takes_no_setting(scene_at: SceneAt) -> None:
    start = ist(BUDGET_SUNDAY, "09:00")
    with (
        scene_at(start, market_hours="exchange", nse_fetch_interval=EVERY) as here,
        here.recorder() as recorder,
    ):
        good = scheduled(here, recorder, ist(BUDGET_SUNDAY, "09:10"), ist(BUDGET_SUNDAY, "09:17"))
        assert good[0] == "09:15:00"
        late = scheduled(here, recorder, ist(BUDGET_SUNDAY, "15:29"), ist(BUDGET_SUNDAY, "15:37"))
        assert late[-2:] == ["15:29:40", "15:35:00"]


@pytest.mark.parametrize(
    ("day", "text", "spans", "expected"),
    [
        (
            SATURDAY,
            "2026-09-19 09:15-10:00, 2026-09-19 11:30-12:30",
            ("09:14-09:16", "09:58-10:07", "11:28-11:32", "12:29-12:37"),
            ["09:15:00", "09:59:40", "10:05:00", "11:30:00", "12:29:40", "12:35:00"],
        ),
        (
            TUESDAY,
            "2026-09-15 18:00-19:00",
            ("09:14-09:16", "15:39-15:47", "17:58-18:02", "18:59-19:06"),
            ["09:15:00", "15:39:40", "15:45:00", "18:00:00", "18:59:40", "19:05:00"],
        ),
    ],
)
def test_every_session_of_a_date_is_recorded_with_its_closing_tick(
    scene_at: SceneAt, day: date, text: str, spans: tuple[str, ...], expected: list[str]
) -> None:
    special = Settings.from_env({"MARKET_SPECIAL_SESSIONS": text}).market_special_sessions
    with (
        scene_at(
            ist(day, "09:00"),
            market_hours="exchange",
            nse_fetch_interval=EVERY,
            market_special_sessions=special,
        ) as here,
        here.recorder() as recorder,
    ):
        good = []
        for span in spans:
            since, until = span.split("-")
            good += scheduled(here, recorder, ist(day, since), ist(day, until))
    market = recorder.deps.calendar.at_hand()
    due = {f"{tick:%H:%M:%S}" for tick in market.due_ticks(day, timedelta(seconds=EVERY))}
    assert set(expected) <= set(good) <= due
    assert len(good) == len(set(good))


def test_a_year_without_any_list_counts_its_weekdays_as_open_and_says_so(scene_at: SceneAt) -> None:
    republic_day = date(2027, 1, 26)
    start = ist(republic_day, "09:00")
    with (
        scene_at(start, market_hours="exchange", nse_fetch_interval=EVERY) as here,
        here.recorder() as recorder,
    ):
        here.exchange.faults.add("server_error", path=HOLIDAYS)
        good = scheduled(here, recorder, ist(republic_day, "09:13"), ist(republic_day, "09:17"))
        assert good[0] == "09:15:00"
        assert notices(here) == ["holidays_unknown"]
        assert read(here, "/pipeline/status")["holidays"] == "none"
