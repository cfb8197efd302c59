"""POST /pipeline/start and /pipeline/stop: what they switch, in which order, and who may."""

import logging
from typing import Any

import pytest
from fastapi import Request
from httpx2 import Response

from chain_api import schemas
from chain_api.aws.caller import authorised_caller
from chain_api.aws.schedule import Schedule, State
from chain_api.problems.catalogue import schedule_unavailable
from optionchain.mongo.recorder_switch import NOBODY, RecorderSwitch, SwitchState
from optionchain.mongo.shift_register import ShiftRegister
from tests.support.api import NOW, Log, client, problem
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock

START, STOP = "/pipeline/start", "/pipeline/stop"


class FakeSchedule(Schedule):
    """A schedule that notes how it is switched, and whether the recorder was on then."""

    def __init__(self, database: AnyDatabase, broken: bool = False) -> None:
        super().__init__("fake")
        self._control = RecorderSwitch(database)
        self._broken = broken
        self.switched: list[tuple[bool, bool]] = []

    def switch(self, *, enabled: bool) -> State:
        if self._broken:
            raise schedule_unavailable(["fake"], "Denied") from RuntimeError("arn of a role")
        self.switched.append((enabled, self._control.enabled()))
        return "ENABLED" if enabled else "DISABLED"


def post(
    database: AnyDatabase,
    path: str,
    schedule: Schedule | None = None,
    headers: dict[str, str] | None = None,
    host: str = "127.0.0.1",
) -> Response:
    return client(database, schedule=schedule, host=host).post(path, headers=headers)


def switched(response: Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    schemas.PipelineState.model_validate(body)
    assert list(body) == list(schemas.PipelineState.model_fields)
    return body


def test_stop_and_start_answer_with_the_new_state(database: AnyDatabase) -> None:
    for path, enabled in ((STOP, False), (START, True)):
        state = {"enabled": enabled, "schedule": "local", "timestamp": "2026-06-19T09:32:32Z"}
        assert switched(post(database, path)) == state
        assert RecorderSwitch(database).read() == SwitchState(enabled, NOW)


@pytest.mark.parametrize(("path", "enabled"), [(START, True), (STOP, False)])
def test_repeated_request_changes_nothing(database: AnyDatabase, path: str, enabled: bool) -> None:
    first = switched(post(database, path))
    before = list(database["control"].find())
    assert switched(post(database, path)) == first
    assert list(database["control"].find()) == before
    assert RecorderSwitch(database).enabled() is enabled


def test_stop_relieves_the_shifts_of_all_symbols(database: AnyDatabase) -> None:
    """Those of another schedule as well, because there is one switch for all."""
    register, symbols = ShiftRegister(database), ["NIFTY", "BANKNIFTY", "IDEA"]
    register.take_over(symbols, "shift-1", TICK)
    switched(post(database, STOP))
    assert {shift["owner"] for shift in register.owners().values()} == {NOBODY}
    assert register.held_by("shift-1", symbols) == []


def test_start_does_not_relieve_the_shift_on_duty(database: AnyDatabase) -> None:
    register = ShiftRegister(database)
    register.take_over(["NIFTY"], "shift-1", TICK)
    switched(post(database, START))
    assert register.held_by("shift-1", ["NIFTY"]) == ["NIFTY"]


def test_schedule_goes_off_after_the_switch_and_on_before_it(database: AnyDatabase) -> None:
    """If either fails, the recorder is off."""
    schedule = FakeSchedule(database)
    assert switched(post(database, STOP, schedule))["schedule"] == "DISABLED"
    assert switched(post(database, START, schedule))["schedule"] == "ENABLED"
    assert schedule.switched == [(False, False), (True, False)]


@pytest.mark.parametrize("path", [START, STOP])
def test_schedule_that_cannot_be_switched_leaves_the_recorder_off(
    database: AnyDatabase, log: Log, path: str
) -> None:
    if path == START:
        RecorderSwitch(database).switch([], TICK, enabled=False)
    response = post(database, path, FakeSchedule(database, broken=True))
    body = problem(response, 502, "schedule-unavailable")
    assert body["detail"] == (
        "The schedule fake was not switched: Denied. The recorder's own switch is off. Try again."
    )
    assert (body["enabled"], body["code"]) == (False, "Denied")
    assert RecorderSwitch(database).enabled() is False
    (error,) = [record for record in log if record.levelno == logging.ERROR]
    assert error.getMessage() == "schedule_unavailable"
    assert vars(error)["error"] == "arn of a role"


def test_switch_that_was_on_is_said_to_be_on_where_the_schedule_cannot_be_enabled(
    database: AnyDatabase,
) -> None:
    """Somebody disabled the schedule by hand, and a start cannot enable it."""
    response = post(database, START, FakeSchedule(database, broken=True))
    body = problem(response, 502, "schedule-unavailable")
    assert body["enabled"] is True
    assert "switch is on" in body["detail"]


@pytest.mark.parametrize(
    ("path", "switched", "said"),
    [
        (START, [(True, False)], "The schedule is ENABLED, but the recorder may still be off"),
        (STOP, [], "Its schedule was not touched."),
    ],
)
def test_switch_that_the_database_does_not_take_is_a_503_that_says_what_was_touched(
    path: str, switched: list[tuple[bool, bool]], said: str, log: Log
) -> None:
    database = memory_database()
    RecorderSwitch(database).switch([], TICK, enabled=path == STOP)
    schedule, away = FakeSchedule(database), ShakyDatabase(database)
    away.away = True
    response = post(away, path, schedule)
    body = problem(response, 503, "database-unavailable")
    assert said in body["detail"]
    assert response.headers["retry-after"]
    assert schedule.switched == switched
    assert any(record.getMessage() == "database_unavailable" for record in log)


def test_the_caller_is_logged(database: AnyDatabase, log: Log) -> None:
    post(database, STOP)
    line = vars(next(record for record in log if record.msg == "pipeline_switched"))
    assert (line["enabled"], line["caller"]) == (False, "127.0.0.1")


@pytest.mark.parametrize("path", [START, STOP])
@pytest.mark.parametrize("host", ["203.0.113.7", "10.0.0.2", "0.0.0.0", "testclient", "::2"])
def test_another_machine_may_not(database: AnyDatabase, path: str, host: str) -> None:
    problem(post(database, path, host=host), 403, "forbidden")
    assert database.list_collection_names() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
def test_this_machine_may(database: AnyDatabase, host: str) -> None:
    switched(post(database, STOP, host=host))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_page_of_another_site_may_not(database: AnyDatabase, site: str) -> None:
    """A browser on this machine sends its POST, and says where it comes from."""
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": site}
    problem(post(database, STOP, headers=headers), 403, "forbidden")
    assert RecorderSwitch(database).enabled()


@pytest.mark.parametrize("path", [START, STOP])
@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "",
    "localhost.", "8.8.8.8", "[2001:db8::1]", "evil@127.0.0.1", "127.0.0.1, evil.example", "[::1",
    "0.0.0.0", "2130706433", "127.1", "localhost:99999999", "localhost:x",
])  # fmt: skip
def test_page_whose_name_resolves_to_this_machine_may_not(
    database: AnyDatabase, path: str, host: str
) -> None:
    """Its requests come from this machine, and to its own site: only the Host header tells."""
    headers = {"Host": host, "Sec-Fetch-Site": "same-origin"}
    body = problem(post(database, path, headers=headers), 403, "forbidden")
    assert body["detail"] == "Its Host header must be localhost, 127.0.0.1 or [::1]."
    assert database.list_collection_names() == []


@pytest.mark.parametrize("host", ["localhost", "LocalHost:8000", "127.0.0.1:80", "[::1]:8000"])
def test_every_name_of_this_machine_may(database: AnyDatabase, host: str) -> None:
    switched(post(database, STOP, headers={"Host": host, "Origin": f"http://{host}"}))


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1.example"])
def test_page_of_another_site_in_an_old_browser_may_not(database: AnyDatabase, origin: str) -> None:
    """It sends no Sec-Fetch-Site."""
    problem(post(database, STOP, headers={"Origin": origin}), 403, "forbidden")


def test_request_from_aws_is_judged_by_its_signature_alone() -> None:
    identity = {"userArn": "arn:aws:iam::1:user/op"}
    event = {"requestContext": {"identity": identity}}
    headers = [(b"host", b"abc.execute-api.ap-south-1.amazonaws.com")]
    scope = {"type": "http", "headers": headers, "client": None, "aws.event": event}
    assert authorised_caller(Request(scope)) == "arn:aws:iam::1:user/op"


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_page_of_this_site_may(database: AnyDatabase, site: str) -> None:
    switched(post(database, STOP, headers={"Sec-Fetch-Site": site}))
