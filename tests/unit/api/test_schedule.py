"""The schedule in AWS, switched through its API as moto simulates it."""

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
# Every field that can be set: what an update leaves out would be reset.
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
# What moto 5.2 does not keep of a schedule at all.
NOT_IN_MOTO = {"ActionAfterCompletion"}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lambda's environment, and no AWS behind it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


class Counted:
    """A client of the Scheduler that notes what it is asked."""

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

    def kept(self) -> dict[str, Any]:
        """Return the schedule but for what AWS alone sets."""
        found: dict[str, Any] = self._client.get_schedule(Name=NAME)
        theirs = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")
        return {name: value for name, value in found.items() if name not in theirs}


@pytest.fixture
def client() -> Counted:
    return Counted()


@pytest.fixture
def schedule(client: Counted) -> Schedule:
    return Schedule(NAME, lambda: client)


def test_switching_changes_the_state_and_nothing_else(client: Counted, schedule: Schedule) -> None:
    before = client.kept()
    assert before.keys() >= FIELDS.keys() - NOT_IN_MOTO, "moto keeps what the test is about"
    assert schedule.switch(enabled=False) == "DISABLED"
    assert client.kept() == before | {"State": "DISABLED"}
    assert schedule.switch(enabled=True) == "ENABLED"
    assert client.kept() == before


def test_every_field_that_is_set_is_sent_back(client: Counted, schedule: Schedule) -> None:
    schedule.switch(enabled=False)
    (sent,) = client.updates
    assert {name: sent.get(name) for name in FIELDS.keys() - NOT_IN_MOTO} == {
        name: value for name, value in FIELDS.items() if name not in NOT_IN_MOTO
    }
    assert sent["State"] == "DISABLED"


def test_a_field_that_only_aws_sets_is_not_sent(client: Counted, schedule: Schedule) -> None:
    """boto3 refuses such a field, and says so before anything is sent."""
    schedule.switch(enabled=False)
    (sent,) = client.updates
    assert not sent.keys() & {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata"}


def test_what_is_in_that_state_already_is_left_alone(client: Counted, schedule: Schedule) -> None:
    assert schedule.switch(enabled=True) == "ENABLED"
    assert schedule.switch(enabled=False) == schedule.switch(enabled=False) == "DISABLED"
    assert len(client.updates) == 1


def states(client: Counted) -> list[str]:
    found: list[dict[str, Any]] = [
        client._client.get_schedule(Name=name) for name in (NAME, SECOND)
    ]
    return [each["State"] for each in found]


def test_schedules_of_all_groups_are_switched_as_one(client: Counted) -> None:
    schedule = Schedule(f"{NAME}, {SECOND}", lambda: client)
    assert schedule.switch(enabled=False) == "DISABLED"
    assert states(client) == ["DISABLED", "DISABLED"]
    assert schedule.switch(enabled=True) == "ENABLED"
    assert states(client) == ["ENABLED", "ENABLED"]


def test_schedule_that_is_missing_is_named_and_those_before_it_are_switched(
    client: Counted,
) -> None:
    with pytest.raises(Problem, match="The schedule another was not switched"):
        Schedule(f"{NAME},another,{SECOND}", lambda: client).switch(enabled=False)
    assert states(client) == ["DISABLED", "ENABLED"]


def test_slow_scheduler_is_given_up_while_the_caller_still_waits() -> None:
    """The four questions of two schedules, each tried twice, within API Gateway's 29 s."""
    with mock_aws():
        patience = _scheduler().meta.config
    attempts = patience.retries["total_max_attempts"]
    assert attempts == 2
    assert 4 * attempts * (patience.connect_timeout + patience.read_timeout) < 29


@pytest.mark.usefixtures("client")
def test_client_is_made_from_lambda_s_environment() -> None:
    assert Schedule(NAME).switch(enabled=False) == "DISABLED"
    assert boto3.client("scheduler").get_schedule(Name=NAME)["State"] == "DISABLED"


@pytest.mark.usefixtures("client")
def test_wrong_name_is_a_problem_that_says_so() -> None:
    with pytest.raises(Problem) as caught:
        Schedule("another").switch(enabled=False)
    body = caught.value.body("/pipeline/stop")
    assert (body["status"], body["code"]) == (502, "ResourceNotFoundException")
    assert body["detail"] == "The schedule another was not switched: ResourceNotFoundException."


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "arn"}}, "x"),
            "AccessDeniedException",
        ),
        (EndpointConnectionError(endpoint_url="https://x"), "EndpointConnectionError"),
    ],
)
def test_aws_that_refuses_or_is_away_is_a_problem(error: Exception, code: str) -> None:
    def connect() -> object:
        raise error

    with pytest.raises(Problem, match=f"was not switched: {code}.$") as caught:
        Schedule(NAME, connect).switch(enabled=True)
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, False),
        ({"SCHEDULE_NAME": " "}, False),
        ({"SCHEDULE_NAME": " , "}, False),
        ({"SCHEDULE_NAME": "x"}, True),
        ({"SCHEDULE_NAME": "x,y"}, True),
    ],
)
def test_schedule_is_named_by_the_environment(env: dict[str, str], named: bool) -> None:
    assert (Schedule.from_env(env) is not None) is named
