"""POST /pipeline/start and /pipeline/stop: what they switch, in which order, and for whom."""

import logging
from typing import Any

import pytest
from httpx2 import Response
from pymongo.database import Database

from chain_api import schemas
from chain_api.aws.schedule import Schedule, State
from chain_api.problems.catalogue import schedule_unavailable
from optionchain.mongo.client import Document
from optionchain.mongo.recorder_switch import NOBODY, RecorderSwitch, SwitchState
from optionchain.mongo.shift_register import ShiftRegister
from tests.support.api import NOW, client, logged, problem
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock

START, STOP = "/pipeline/start", "/pipeline/stop"


class FakeSchedule(Schedule):
    """A schedule that notes how it is switched, and how the database stood then."""

    def __init__(self, database: Database[Document], broken: bool = False) -> None:
        super().__init__("fake")
        self._control = RecorderSwitch(database)
        self._broken = broken
        self.switched: list[tuple[bool, bool]] = []

    def switch(self, *, enabled: bool) -> State:
        if self._broken:
            raise schedule_unavailable("fake", "Denied") from RuntimeError("arn of a role")
        self.switched.append((enabled, self._control.enabled()))
        return "ENABLED" if enabled else "DISABLED"


@pytest.fixture
def database() -> Database[Document]:
    return memory_database()


def post(
    database: Database[Document],
    path: str,
    schedule: Schedule | None = None,
    headers: dict[str, str] | None = None,
    host: str = "127.0.0.1",
) -> Response:
    api = client(database, schedule=schedule, host=host)
    return api.post(path, headers=headers)


def switched(response: Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    schemas.PipelineState.model_validate(body)
    assert list(body) == list(schemas.PipelineState.model_fields)
    return body


def test_stop_and_start_answer_with_the_new_state(database: Database[Document]) -> None:
    for path, enabled in ((STOP, False), (START, True)):
        assert switched(post(database, path)) == {
            "enabled": enabled,
            "schedule": "local",
            "timestamp": "2026-06-19T09:32:32Z",
        }
        assert RecorderSwitch(database).read() == SwitchState(enabled, NOW)


@pytest.mark.parametrize(("path", "enabled"), [(START, True), (STOP, False)])
def test_doing_it_again_changes_nothing(
    database: Database[Document], path: str, enabled: bool
) -> None:
    first = switched(post(database, path))
    before = list(database["control"].find())
    assert switched(post(database, path)) == first
    assert list(database["control"].find()) == before
    assert RecorderSwitch(database).enabled() is enabled


def test_stop_relieves_who_is_on_duty_for_any_symbol(database: Database[Document]) -> None:
    """Another schedule's group as well: there is one switch for all."""
    register = ShiftRegister(database)
    register.take_over(["NIFTY", "BANKNIFTY", "IDEA"], "shift-1", TICK)
    switched(post(database, STOP))
    assert {shift["owner"] for shift in register.owners().values()} == {NOBODY}
    assert register.held_by("shift-1", ["NIFTY", "BANKNIFTY", "IDEA"]) == []


def test_start_leaves_who_is_on_duty_alone(database: Database[Document]) -> None:
    register = ShiftRegister(database)
    register.take_over(["NIFTY"], "shift-1", TICK)
    switched(post(database, START))
    assert register.held_by("shift-1", ["NIFTY"]) == ["NIFTY"]


def test_schedule_goes_off_after_the_switch_and_on_before_it(database: Database[Document]) -> None:
    """Whatever fails in between, the recorder is off."""
    schedule = FakeSchedule(database)
    assert switched(post(database, STOP, schedule))["schedule"] == "DISABLED"
    assert switched(post(database, START, schedule))["schedule"] == "ENABLED"
    assert schedule.switched == [(False, False), (True, False)]


@pytest.mark.parametrize("path", [START, STOP])
def test_schedule_that_cannot_be_switched_leaves_the_recorder_off(
    database: Database[Document], path: str
) -> None:
    if path == START:
        RecorderSwitch(database).switch([], TICK, enabled=False)
    with logged() as records:
        response = post(database, path, FakeSchedule(database, broken=True))
    body = problem(response, 502, "schedule-unavailable")
    assert body["detail"] == "The schedule fake was not switched: Denied."
    assert RecorderSwitch(database).enabled() is False
    (error,) = [record for record in records if record.levelno == logging.ERROR]
    assert error.getMessage() == "schedule_unavailable"
    assert vars(error)["error"] == "arn of a role"


def test_log_tells_who_switched_it(database: Database[Document]) -> None:
    with logged() as records:
        post(database, STOP)
    line = vars(next(record for record in records if record.msg == "pipeline_switched"))
    assert (line["enabled"], line["caller"]) == (False, "127.0.0.1")


# ── authority ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", [START, STOP])
@pytest.mark.parametrize("host", ["203.0.113.7", "10.0.0.2", "0.0.0.0", "testclient", "::2"])
def test_another_machine_has_no_authority(
    database: Database[Document], path: str, host: str
) -> None:
    problem(post(database, path, host=host), 403, "forbidden")
    assert database.list_collection_names() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
def test_this_machine_has_it(database: Database[Document], host: str) -> None:
    switched(post(database, STOP, host=host))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_page_of_another_site_has_no_authority(database: Database[Document], site: str) -> None:
    """A browser on this machine sends its POST, and says where it comes from."""
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": site}
    problem(post(database, STOP, headers=headers), 403, "forbidden")
    assert RecorderSwitch(database).enabled()


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_page_of_our_own_has_it(database: Database[Document], site: str) -> None:
    switched(post(database, STOP, headers={"Sec-Fetch-Site": site}))


@pytest.mark.parametrize("path", [START, STOP])
def test_reading_does_not_switch(database: Database[Document], path: str) -> None:
    problem(client(database).get(path), 405, "method-not-allowed")
