"""An exchange that answers, but with the numbers of an earlier moment: no tick of it is good."""

from datetime import date, timedelta
from typing import Any

import pytest

from optionchain.mongo.client import Document
from optionchain.mongo.tick_ledger import TickLedger
from tests.integration.conftest import Play
from tests.support.api import client
from tests.support.bodies import Json, chain_body
from tests.support.histories import ist
from tests.support.scripted_nse import STEP, Scene

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
MINUTE = timedelta(minutes=1)


def body(stamp: str, day: date = MONDAY, price: float = 101.35) -> Json:
    return chain_body(stamp=ist(day, stamp), last_price=price)


def reasons(entries: list[Document]) -> list[tuple[str, str | None]]:
    return [(entry["outcome"], entry.get("reason")) for entry in entries]


def asked(here: Scene, path: str, status: int = 200) -> Any:  # noqa: ANN401
    response = client(here.database, here.clock.now, here.settings).get(path)
    assert response.status_code == status, response.text
    return response.json()


def test_friday_s_body_all_monday_is_a_gap_everywhere(play: Play) -> None:
    """Each tick was answered in time; still nothing of this session was recorded."""
    friday = body("15:29:50", FRIDAY)
    start = ist(FRIDAY, "15:29:55")
    with play([friday], start=start, market_hours="exchange") as (here, recorder):
        assert reasons([recorder.tick()]) == [("stored", None)]
        here.clock.go_to(ist(MONDAY, "09:15"))
        early = [row for _ in range(5) for row in recorder.work(12)]
        late = recorder.work(24)
        assert reasons(early) == [("unchanged", None)] * 60
        assert reasons(late) == [("failed", "stale")] * 24
        assert {row["expiries"][0]["verdict"] for row in late} == {"earlier_session"}

        gaps = asked(here, "/option-chain/NIFTY/gaps")
        assert (gaps["ticks"]["failed"], gaps["ticks"]["unchanged"]) == (24, 60)
        assert gaps["coverage_percent"] == round(100 * 60 / 84, 3)
        assert [(gap["reason"], gap["ticks"]) for gap in gaps["gaps"]] == [("stale", 24)]
        assert asked(here, "/option-chain/NIFTY")["gap"] is True

        status = asked(here, "/pipeline/status")
        assert status["success_rate"] == round(60 / 84, 6)
        assert status["source"]["state"] == "ok"  # it is no refusal
        assert here.source() == {}
        ledger = TickLedger(here.database)
        assert ledger.last_good(["NIFTY"]) == early[-1]["tick"]
        assert not any(ledger.is_complete("NIFTY", row["tick"]) for row in late)

        health = asked(here, "/health", 503)
        codes = {reason["code"]: reason["detail"] for reason in health["reasons"]}
        assert list(codes) == ["not_confirmed", "stale"]
        stamp = "2026-06-19 15:29:50 IST"
        told = f"NIFTY: the body is of an earlier session: stamped {stamp}"
        assert codes["stale"] == told
        assert health["last_outcomes"]["NIFTY"]["reason"] == "stale"


def test_a_session_that_awakes_is_recorded_from_its_first_own_body(play: Play) -> None:
    friday, monday = body("15:30:00", FRIDAY), body("10:00:20")
    start = ist(MONDAY, "10:00:00")
    with play([*[friday] * 5, monday], start=start, market_hours="exchange") as (here, recorder):
        entries = recorder.work(8)
        assert asked(here, "/option-chain/NIFTY")["gap"] is False
        assert asked(here, "/health")["reasons"] == []
    assert (
        reasons(entries)
        == [("failed", "stale")] * 5 + [("stored", None)] + [("unchanged", None)] * 2
    )


def test_an_older_body_of_today_is_no_confirmation(play: Play) -> None:
    """A feed that goes back and stays there: the stored snapshot grows old, and says so."""
    newer, older = body("10:00:00"), body("09:58:00", price=7.0)
    start = ist(MONDAY, "10:00:05")
    with play([newer, older], start=start, market_hours="exchange") as (here, recorder):
        entries = recorder.work(24)
        chain = asked(here, "/option-chain/NIFTY")
        codes = [reason["code"] for reason in asked(here, "/health", 503)["reasons"]]
    assert reasons(entries) == [("stored", None), *[("failed", "stale")] * 23]
    assert (chain["gap"], chain["age_seconds"]) == (True, 120)
    assert codes == ["not_confirmed", "stale"]


@pytest.mark.parametrize("period", [2, 6])
def test_a_node_that_lags_now_and_then_costs_its_ticks_alone(play: Play, period: int) -> None:
    script = [
        body("10:00:00", price=9.0) if number % period == period - 1 else body("10:00:30")
        for number in range(24)
    ]
    start = ist(MONDAY, "10:00:35")
    with play(script, start=start, market_hours="exchange") as (here, recorder):
        entries = recorder.work(24)
        assert asked(here, "/option-chain/NIFTY")["gap"] is False
        assert asked(here, "/health")["reasons"] == []
    lagging = entries[period - 1 :: period]
    assert reasons(lagging) == [("failed", "stale")] * (24 // period)
    assert {row["outcome"] for row in entries if row not in lagging} == {"stored", "unchanged"}


def test_the_read_after_the_close_is_judged_as_before(play: Play) -> None:
    with play([body("15:29:50")], start=ist(MONDAY, "15:29:55"), market_hours="exchange") as (
        here,
        recorder,
    ):
        assert reasons([recorder.tick()]) == [("stored", None)]
        here.clock.go_to(ist(MONDAY, "15:35:00") - STEP)
        (settled,) = recorder.work(3)
    assert reasons([settled]) == [("unchanged", None)]


@pytest.mark.parametrize("ahead", ["1 day", "1 year", "9999"])
def test_one_lie_about_the_time_costs_one_tick(play: Play, ahead: str) -> None:
    """Stored, it would have put every good body after it out of order, through restarts."""
    lie = body("10:00:00")
    stamps = {"1 day": "23-Jun-2026 10:00:00", "1 year": "22-Jun-2027 10:00:00"}
    lie["records"]["timestamp"] = stamps.get(ahead, "31-Dec-9999 23:59:59")
    script = [body("10:00:00"), lie, body("10:00:30"), body("10:00:30")]
    with play(script, start=ist(MONDAY, "10:00:30"), market_hours="exchange") as (here, recorder):
        entries = recorder.work(2)
        with here.recorder() as restarted:
            entries += restarted.work(2)
        assert asked(here, "/health")["reasons"] == []
    assert reasons(entries) == [
        ("stored", None),
        ("failed", "invalid_payload"),
        ("stored", None),
        ("unchanged", None),
    ]
    assert "after the tick 2026-06-22 10:00:35 IST" in entries[1]["detail"]
    assert entries[1]["data_age_seconds"] is None


def test_a_chain_of_few_rows_costs_its_ticks_until_it_is_believed(play: Play) -> None:
    """For a minute, in which two execution environments may have seen it."""
    strikes = range(24_000, 26_000, 100)

    def cut(number: int, rows: int) -> Json:
        return chain_body(strikes[:rows], stamp=ist(MONDAY, "10:00:00") + number * STEP)

    script = [cut(0, 20), *(cut(number, 4) for number in range(1, 16)), cut(16, 20)]
    with play(script, start=ist(MONDAY, "10:00:05"), market_hours="exchange") as (here, recorder):
        entries = recorder.work(7)
        with here.recorder() as another:
            entries += another.work(10)
        rows = asked(here, "/option-chain/NIFTY/snapshots")["records"]
    refused = ("failed", "invalid_payload")
    assert reasons(entries) == [("stored", None), *[refused] * 12, *[("stored", None)] * 4]
    assert "4 of 20 rows, 8 of 40 contracts of 2026-06-22 10:00:05 IST" in entries[1]["detail"]
    assert [row["legs_missing"] for row in rows] == [None, 32, 0, 0, 0]
    assert here.source() == {}
