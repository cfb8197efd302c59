"""Each session proves the settled chains of the day before: real recorder, API and mongod."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from local.nse_simulator.market import SimulatedMarket
from tests.integration.conftest import Play, SceneAt
from tests.support.api import client
from tests.support.bodies import Json, chain_body
from tests.support.captured import as_v3
from tests.support.histories import ist
from tests.support.scripted_nse import LockstepClock, Recorder, Scene

type Captured = Callable[[str], dict[str, Any]]

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)


def asked(here: Scene, path: str) -> Any:  # noqa: ANN401
    response = client(here.database, here.clock.now, here.settings).get(path)
    assert response.status_code == 200, response.text
    return response.json()


def settlement(here: Scene, day: date = FRIDAY) -> Any:  # noqa: ANN401
    return asked(here, f"/option-chain/NIFTY/gaps?date={day}")["settlement"]


def codes(here: Scene) -> list[str]:
    return [notice["code"] for notice in asked(here, "/health")["notices"]]


def morning(stamp: str, change: int) -> Json:
    return chain_body(stamp=ist(MONDAY, stamp), open_interest=1200, change_in_oi=change)


CLOSE = chain_body(stamp=ist(FRIDAY, "15:30:00"), open_interest=1200)
EVENING = chain_body(stamp=ist(FRIDAY, "15:30:00"), open_interest=1166)


def begin(here: Scene, recorder: Recorder) -> None:
    """Read Friday after its close and in its evening, and come to Monday's second minute."""
    recorder.work()
    here.clock.go_to(ist(FRIDAY, "19:45"))
    recorder.work()
    here.clock.go_to(ist(MONDAY, "09:16"))


def test_friday_is_matched_on_monday_by_whoever_is_on_duty(play: Play) -> None:
    script = [CLOSE, EVENING, morning("09:15:50", 34)]
    with play(script, start=ist(FRIDAY, "15:35"), market_hours="exchange") as (here, recorder):
        begin(here, recorder)
        assert settlement(here) is None
        recorder.work(2)
        with here.recorder() as another:
            another.work(2)
        found = settlement(here)
        assert (found["status"], found["expiries"], found["legs_differing"]) == ("matched", 1, 0)
        assert found["checked_at"] == "2026-06-22T03:46:00Z"
        assert codes(here) == []
        assert here.database["settlements"].count_documents({}) == 1


def test_a_difference_is_doubted_by_one_environment_and_confirmed_by_another(play: Play) -> None:
    script = [CLOSE, EVENING, *[morning("09:15:50", 30)] * 2, morning("09:20:50", 30)]
    with play(script, start=ist(FRIDAY, "15:35"), market_hours="exchange") as (here, recorder):
        begin(here, recorder)
        recorder.work(2)
        assert (settlement(here), codes(here)) == (None, [])
        here.clock.go_to(ist(MONDAY, "09:21"))
        with here.recorder() as another:
            another.work(1)
        found = settlement(here)
        assert (found["status"], found["legs_differing"], found["legs"]) == ("differs", 6, 6)
        assert found["contracts_differing"] == 24
        assert codes(here) == ["settlement_differs"]


def test_a_day_whose_evening_was_not_read_is_missing(play: Play) -> None:
    script = [CLOSE, morning("09:15:50", 34)]
    with play(script, start=ist(FRIDAY, "15:35"), market_hours="exchange") as (here, recorder):
        recorder.work()
        here.clock.go_to(ist(MONDAY, "09:16"))
        recorder.work()
        found = settlement(here)
        assert (found["status"], found["missing"]) == ("missing", ["23-Jun-2026"])
        assert codes(here) == ["settlement_missing"]


def test_every_expiry_of_a_simulated_day_is_matched(scene_at: SceneAt) -> None:
    """The simulated exchange rewrites the day in its evening, and counts from there."""
    monday, tuesday = date(2026, 9, 21), date(2026, 9, 22)

    def exchange(clock: LockstepClock) -> SimulatedMarket:
        return SimulatedMarket(clock=clock.true, hours="exchange")

    start, symbols = ist(monday, "15:45"), ("IDEA",)
    with (
        scene_at(start, exchange, market_hours="exchange", nse_symbols=symbols) as here,
        here.recorder() as recorder,
    ):
        recorder.work()
        for moment in (ist(monday, "19:45"), ist(tuesday, "09:16")):
            here.clock.go_to(moment)
            recorder.work()
        found = asked(here, f"/option-chain/IDEA/gaps?date={monday}")["settlement"]
    assert (found["status"], found["expiries"], found["missing"]) == ("matched", 2, [])
    assert found["legs"] > 60


NOVEMBER = date(2025, 11, 4)
THURSDAY, NEXT = date(2025, 10, 16), date(2025, 10, 17)
NEW_STRIKES = "legacy/new-strikes-2025-10-17"


# A chain that is not rewritten by 19:45 is final at 21:00.
EVENINGS = {"matched": ist(THURSDAY, "19:45"), "differs": ist(THURSDAY, "21:00")}
AFTERNOON = "legacy/settled-2025-10-16/16-oct-1616-ist.json.gz"


@pytest.mark.parametrize(
    ("evening", "status", "differing"),
    [
        (f"{NEW_STRIKES}/day-before-20251016T134838Z.json.gz", "matched", 0),
        (AFTERNOON, "differs", 77),  # an exchange that rewrites its chains later than they are read
    ],
)
def test_a_captured_morning_proves_the_captured_evening_and_no_earlier_chain(
    evening: str, status: str, differing: int, play: Play, captured_body: Captured
) -> None:
    names = [
        AFTERNOON,
        evening,
        *(f"{NEW_STRIKES}/20251017T{at}Z.json.gz" for at in ("035513", "074150")),
    ]
    script = [as_v3(captured_body(name))[NOVEMBER] for name in names]
    start = ist(THURSDAY, "15:35")
    with play(script, start=start, expiry=NOVEMBER, market_hours="exchange") as (here, recorder):
        recorder.work()
        for moment in EVENINGS[status], ist(NEXT, "09:23"), ist(NEXT, "13:10"):
            here.clock.go_to(moment)
            recorder.work()
        found = settlement(here, THURSDAY)
    assert (found["status"], found["legs_differing"]) == (status, differing)
    assert found["legs"] >= 170
