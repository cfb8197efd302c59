"""The schedule of EventBridge Scheduler is switched through its API, which moto simulates."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from chain_api.aws.schedule import Schedule, _scheduler
from chain_api.problems.catalogue import Problem

NAME = "option-chain-dev-every-minute"
SECOND = "option-chain-dev-second-group"
# Every field that can be set. An update resets the fields that it leaves out.
FIELDS: dict[str, Any] = {
    "Name": NAME,
    "GroupName": "default",
    "Description": "Starts a shift of the option-chain recorder",
    "ScheduleExpression": "cron(* 9-15 ? * MON-FRI *)",
    "ScheduleExpressionTimezone": "Asia/Kolkata",
    "StartDate": datetime(2040, 1, 1, tzinfo=UTC),
    "EndDate": datetime(2041, 1, 1, tzinfo=UTC),
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "ActionAfterCompletion": "NONE",
    "KmsKeyArn": "arn:aws:kms:ap-south-1:123456789012:key/00000000-0000-4000-8000-000000000001",
    "Target": {
        "Arn": "arn:aws:lambda:ap-south-1:123456789012:function:option-chain-dev-fetch",
        "RoleArn": "arn:aws:iam::123456789012:role/schedule",
        "Input": '{"symbols": ["NIFTY", "M&M"]}',
        "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
    },
}
# What moto 5.2 does not store of a schedule.
NOT_IN_MOTO = {"ActionAfterCompletion"}
STORED = {name: value for name, value in FIELDS.items() if name not in NOT_IN_MOTO}
# Fields that only AWS sets. boto3 refuses to send them.
SET_BY_AWS = {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata"}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lambda's environment, with a simulated AWS."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


class Counted:
    """A client of the Scheduler that notes its updates of two schedules."""

    def __init__(self) -> None:
        self._client = boto3.client("scheduler")
        self._client.create_schedule(**FIELDS, State="ENABLED")
        self._client.create_schedule(**(FIELDS | {"Name": SECOND}), State="ENABLED")
        self.updates: list[dict[str, Any]] = []

    def update_schedule(self, **fields: object) -> object:
        self.updates.append(fields)
        return self._client.update_schedule(**fields)

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def stored(self, name: str = NAME) -> dict[str, Any]:
        """Return a schedule without the fields that only AWS sets."""
        found: dict[str, Any] = self._client.get_schedule(Name=name)
        return {name: value for name, value in found.items() if name not in SET_BY_AWS}

    def states(self) -> list[str]:
        return [self.stored(name)["State"] for name in (NAME, SECOND)]


@pytest.fixture
def client() -> Counted:
    return Counted()


@pytest.fixture
def schedule(client: Counted) -> Schedule:
    return Schedule(NAME, lambda: client)


def test_switching_changes_the_state_and_nothing_else(client: Counted, schedule: Schedule) -> None:
    before = client.stored()
    assert before.keys() >= STORED.keys()
    assert schedule.switch(enabled=False) == "DISABLED"
    assert client.stored() == before | {"State": "DISABLED"}
    (sent,) = client.updates
    assert {name: sent.get(name) for name in STORED} == STORED
    assert sent["State"] == "DISABLED"
    assert not sent.keys() & SET_BY_AWS
    assert schedule.switch(enabled=True) == "ENABLED"
    assert client.stored() == before


def test_a_schedule_in_that_state_is_not_updated(client: Counted, schedule: Schedule) -> None:
    assert schedule.switch(enabled=True) == "ENABLED"
    assert schedule.switch(enabled=False) == schedule.switch(enabled=False) == "DISABLED"
    assert len(client.updates) == 1


def test_schedules_of_all_groups_are_switched_as_one(client: Counted) -> None:
    schedule = Schedule(f"{NAME}, {SECOND}", lambda: client)
    assert schedule.switch(enabled=False) == "DISABLED"
    assert client.states() == ["DISABLED", "DISABLED"]
    assert schedule.switch(enabled=True) == "ENABLED"
    assert client.states() == ["ENABLED", "ENABLED"]


def test_missing_schedule_is_named_and_the_others_are_switched(client: Counted) -> None:
    with pytest.raises(Problem) as caught:
        Schedule(f"{NAME},another,{SECOND}", lambda: client).switch(enabled=False)
    body = caught.value.body("/pipeline/stop")
    assert (body["status"], body["code"]) == (502, "ResourceNotFoundException")
    assert body["detail"] == "The schedule another was not switched: ResourceNotFoundException."
    assert client.states() == ["DISABLED", "DISABLED"]


def test_state_is_disabled_if_any_schedule_is(client: Counted) -> None:
    schedule = Schedule(f"{NAME},{SECOND}", lambda: client)
    assert schedule.state() == "ENABLED"
    Schedule(SECOND, lambda: client).switch(enabled=False)
    assert Schedule(f"{NAME},{SECOND}", lambda: client).state() == "DISABLED"
    assert Schedule("another", lambda: client).state() == "UNKNOWN"


def test_state_is_read_twice_a_minute_and_after_a_switch(client: Counted) -> None:
    clock = [0.0]
    schedule = Schedule(NAME, lambda: client, lambda: clock[0])
    by_hand = Schedule(NAME, lambda: client)
    assert schedule.state() == "ENABLED"
    by_hand.switch(enabled=False)
    clock[0] = 29.9
    assert schedule.state() == "ENABLED"
    clock[0] = 30
    assert schedule.state() == "DISABLED"
    schedule.switch(enabled=True)
    assert schedule.state() == "ENABLED"


def test_four_requests_tried_twice_end_before_api_gateway_gives_up() -> None:
    """API Gateway waits 29 s, and two schedules take four requests."""
    config = _scheduler().meta.config
    attempts = config.retries["total_max_attempts"]
    assert attempts == 2
    assert 4 * attempts * (config.connect_timeout + config.read_timeout) < 29


@pytest.mark.usefixtures("client")
def test_client_is_made_from_the_environment_of_lambda() -> None:
    assert Schedule(NAME).switch(enabled=False) == "DISABLED"
    assert boto3.client("scheduler").get_schedule(Name=NAME)["State"] == "DISABLED"


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "arn"}}, "x")
AWAY = EndpointConnectionError(endpoint_url="https://x")


@pytest.mark.parametrize(
    ("error", "code"), [(DENIED, "AccessDeniedException"), (AWAY, "EndpointConnectionError")]
)
def test_aws_that_refuses_or_is_away_is_a_problem(error: Exception, code: str) -> None:
    def connect() -> object:
        raise error

    with pytest.raises(Problem, match=f"was not switched: {code}.$") as caught:
        Schedule(NAME, connect).switch(enabled=True)
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("name", "found"), [(None, False), (" ", False), (" , ", False), ("x", True), ("x,y", True)]
)
def test_schedule_is_named_by_the_environment(name: str | None, found: bool) -> None:
    env = {} if name is None else {"SCHEDULE_NAME": name}
    assert (Schedule.from_env(env) is not None) is found
