"""What SAM makes of the template: the facts of the deployed stack that must never vanish."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chain_api.aws.schedule import Schedule
from optionchain.settings import Settings, symbols_of
from tests.infrastructure.stack import Stack, deployed

type Template = dict[str, Any]
FUNCTIONS = {"FetchFunction": "FetchRole", "ApiFunction": "ApiRole"}
# Read by Powertools, and by the API alone to switch its schedules.
NOT_SETTINGS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "SCHEDULE_NAME"}
# A stack has the secret instead of the URI, and one exchange.
NOT_DEPLOYED = {"mongodb_uri", "nse_base_url"}
TWO_GROUPS = {"Symbols2": "RELIANCE,M&M", "FetchConcurrency": "7"}
SWITCH = {"scheduler:GetSchedule", "scheduler:UpdateSchedule"}
TRACES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@pytest.fixture(scope="module")
def two_groups(translated: Template) -> Stack:
    return deployed(translated, **TWO_GROUPS)


def statements(stack: Stack, role: str) -> list[Template]:
    policies = stack.properties(role)["Policies"]
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def actions(stack: Stack, role: str) -> set[str]:
    return {action for each in statements(stack, role) for action in listed(each["Action"])}


def resources_of(stack: Stack, role: str, action: str) -> list[str]:
    (found,) = (each for each in statements(stack, role) if action in listed(each["Action"]))
    return listed(found["Resource"])


# ── functions ────────────────────────────────────────────────────────────────────────────────


def test_there_are_two_functions_on_the_runtime_developers_work_in(
    stack: Stack, root: Path
) -> None:
    version = (root / ".python-version").read_text(encoding="utf-8").strip()
    functions = stack.of_type("AWS::Lambda::Function")
    assert set(functions) == set(FUNCTIONS)
    for function in functions.values():
        assert function["Runtime"] == f"python{version}"
        assert function["Architectures"] == ["arm64"]


def test_timeouts_hold_a_relayed_shift_and_the_gateway_s_patience(stack: Stack) -> None:
    assert 120 < stack.properties("FetchFunction")["Timeout"] <= 150
    assert stack.properties("ApiFunction")["Timeout"] <= 29


def test_memory_is_a_parameter_of_each_function(translated: Template) -> None:
    stack = deployed(translated, FetchMemory="300", ApiMemory="700")
    assert stack.properties("FetchFunction")["MemorySize"] == "300"
    assert stack.properties("ApiFunction")["MemorySize"] == "700"


def test_reserved_executions_hold_overlapping_shifts_of_each_group(translated: Template) -> None:
    stack = deployed(translated)
    overlapping = -(-stack.properties("FetchFunction")["Timeout"] // 60)
    reserved = int(stack.properties("FetchFunction")["ReservedConcurrentExecutions"])
    assert reserved == overlapping + 1
    assert "ReservedConcurrentExecutions" not in stack.properties("ApiFunction")
    for given in range(21):
        two = deployed(translated, Symbols2="RELIANCE", FetchConcurrency=str(given))
        allowed = given == 0 or given >= 2 * overlapping + 1
        assert two.accepts("SecondGroupHasExecutions") is allowed, given
    assert stack.accepts("SecondGroupHasExecutions")


def test_new_account_can_reserve_nothing(translated: Template) -> None:
    function = deployed(translated, FetchConcurrency="0").properties("FetchFunction")
    assert "ReservedConcurrentExecutions" not in function


@pytest.mark.parametrize(("trace", "mode"), [("false", "PassThrough"), ("true", "Active")])
def test_nothing_is_traced_unless_it_is_asked_for(
    translated: Template, trace: str, mode: str
) -> None:
    stack = deployed(translated, Trace=trace)
    for function, role in FUNCTIONS.items():
        assert stack.properties(function)["TracingConfig"] == {"Mode": mode}
        assert (actions(stack, role) >= TRACES) is (trace == "true")
    assert stack.properties("ApiStage")["TracingEnabled"] is (trace == "true")


# ── environment ──────────────────────────────────────────────────────────────────────────────


def test_variables_are_the_settings(stack: Stack) -> None:
    """Every setting that a stack can have is set on purpose, and nothing that nobody reads."""
    given = {name: set(stack.environment(name)) - NOT_SETTINGS for name in FUNCTIONS}
    settings = {field.upper() for field in Settings.model_fields.keys() - NOT_DEPLOYED}
    assert given["ApiFunction"] == settings
    assert given["FetchFunction"] == settings - {"CORS_ORIGINS"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_default_parameters_are_the_settings_own_defaults(stack: Stack, function: str) -> None:
    variables = stack.environment(function)
    del variables["MONGODB_SECRET_ARN"]
    assert Settings.from_env(variables) == Settings.from_env({})


def test_metrics_are_of_this_stack_alone(stack: Stack) -> None:
    for function in FUNCTIONS:
        assert stack.environment(function)["POWERTOOLS_METRICS_NAMESPACE"] == "OptionChain/nse-test"


# ── schedules ────────────────────────────────────────────────────────────────────────────────


def test_schedule_covers_the_session_in_the_exchange_s_zone(translated: Template) -> None:
    """By default on weekdays; every day, into the evening, where special sessions are named."""
    special = {"SpecialSessions": "2026-11-08 18:00-19:00"}
    for more, days, closes in (({}, "MON-FRI", (15, 45)), (special, "*", (19, 50))):
        stack = deployed(translated, **TWO_GROUPS, **more)
        schedules = stack.of_type("AWS::Scheduler::Schedule")
        assert len(schedules) == 2
        for schedule in schedules.values():
            expression = schedule["ScheduleExpression"]
            hours = re.fullmatch(r"cron\(\* (\d+)-(\d+) \? \* (\S+) \*\)", expression)
            assert hours is not None
            assert (int(hours[1]), 0) <= (9, 14)
            assert (int(hours[2]), 59) >= closes
            assert hours[3] == days
            assert schedule["ScheduleExpressionTimezone"] == "Asia/Kolkata"


def test_late_start_is_dropped_not_retried_and_kept_as_a_dead_letter(two_groups: Stack) -> None:
    limits = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    for schedule in two_groups.of_type("AWS::Scheduler::Schedule").values():
        assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert schedule["Target"]["RetryPolicy"] == limits
        assert schedule["Target"]["DeadLetterConfig"] == {"Arn": "arn:DeadLetters"}
    (asynchronous,) = two_groups.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert {name: asynchronous[name] for name in limits} == limits
    function = two_groups.properties("FetchFunction")
    assert function["DeadLetterConfig"] == {"TargetArn": "arn:DeadLetters"}


def test_schedule_sends_the_default_event(stack: Stack, root: Path) -> None:
    event = json.loads((root / "events" / "schedule.json").read_text(encoding="utf-8"))
    (schedule,) = stack.of_type("AWS::Scheduler::Schedule").values()
    assert json.loads(schedule["Target"]["Input"]) == event


def test_second_group_has_its_symbols_and_a_schedule_of_its_own(two_groups: Stack) -> None:
    sent = json.loads(two_groups.properties("SecondGroupEveryMinute")["Target"]["Input"])
    assert sent == {"symbols": ["RELIANCE", "M&M"]}
    assert symbols_of(sent["symbols"]) == ("RELIANCE", "M&M")
    first = Settings.from_env(two_groups.environment("FetchFunction")).nse_symbols
    both = Settings.from_env(two_groups.environment("ApiFunction")).nse_symbols
    assert both == (*first, "RELIANCE", "M&M")


@pytest.mark.parametrize("groups", [1, 2])
def test_api_may_switch_the_schedules_of_its_stack_alone(translated: Template, groups: int) -> None:
    stack = deployed(translated, **(TWO_GROUPS if groups == 2 else {}))
    schedules = dict(sorted(stack.of_type("AWS::Scheduler::Schedule").items()))
    assert len(schedules) == groups
    assert resources_of(stack, "ApiRole", "scheduler:UpdateSchedule") == [
        f"arn:{name}" for name in schedules
    ]
    switch = Schedule.from_env(stack.environment("ApiFunction"))
    assert switch is not None
    assert switch._names == [schedule["Name"] for schedule in schedules.values()]
    assert resources_of(stack, "ApiRole", "iam:PassRole") == ["arn:ScheduleRole"]
    (passing,) = (each for each in statements(stack, "ApiRole") if "PassRole" in str(each))
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }
    for schedule in schedules.values():
        assert schedule["Target"]["RoleArn"] == "arn:ScheduleRole"


# ── who may do what ──────────────────────────────────────────────────────────────────────────


def test_each_function_has_a_role_of_its_own_and_sam_adds_nothing(stack: Stack) -> None:
    for function, role in FUNCTIONS.items():
        assert stack.properties(function)["Role"] == f"arn:{role}"
    assert set(stack.of_type("AWS::IAM::Role")) == {
        *FUNCTIONS.values(),
        "ScheduleRole",
        "GatewayLogRole",
    }
    assert not stack.of_type("AWS::IAM::ManagedPolicy")
    assert not stack.of_type("AWS::IAM::Policy")


@pytest.mark.parametrize("trace", ["false", "true"])
def test_no_role_has_a_wildcard(translated: Template, trace: str) -> None:
    """But for traces, whose two actions know no resources, and API Gateway's own policy."""
    stack = deployed(translated, **TWO_GROUPS, Trace=trace)
    roles = stack.of_type("AWS::IAM::Role")
    assert [name for name, role in roles.items() if "ManagedPolicyArns" in role] == [
        "GatewayLogRole"
    ]
    for role in roles.keys() - {"GatewayLogRole"}:
        for each in statements(stack, role):
            assert "*" not in json.dumps(each) or set(listed(each["Action"])) == TRACES


def test_fetch_may_log_read_the_secret_and_leave_a_dead_letter(stack: Stack) -> None:
    assert actions(stack, "FetchRole") == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    }
    assert actions(stack, "ApiRole") - actions(stack, "FetchRole") == SWITCH | {"iam:PassRole"}
    assert actions(stack, "ScheduleRole") == {"lambda:InvokeFunction", "sqs:SendMessage"}


@pytest.mark.parametrize("role", FUNCTIONS.values())
@pytest.mark.parametrize(
    "given", ["", "arn:aws:secretsmanager:ap-south-1:123456789012:secret:atlas-AbCd12"]
)
def test_only_the_one_secret_is_readable(translated: Template, role: str, given: str) -> None:
    stack = deployed(translated, MongoSecretArn=given)
    read = resources_of(stack, role, "secretsmanager:GetSecretValue")
    assert read == [given or "MongoSecret"]
    assert {stack.environment(name)["MONGODB_SECRET_ARN"] for name in FUNCTIONS} == set(read)
    assert ("MongoSecret" in stack.resources) is not bool(given)


def test_stack_never_knows_the_secret_s_value(stack: Stack) -> None:
    secret = stack.properties("MongoSecret")
    assert not secret.keys() & {"SecretString", "GenerateSecretString"}


# ── what is kept ─────────────────────────────────────────────────────────────────────────────


def test_queue_and_topic_are_encrypted(stack: Stack) -> None:
    for queue in stack.of_type("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
    for topic in stack.of_type("AWS::SNS::Topic").values():
        assert topic["KmsMasterKeyId"] == "AlarmKey"
    assert stack.properties("AlarmKey")["EnableKeyRotation"] is True


def test_logs_expire_and_are_json(translated: Template) -> None:
    stack = deployed(translated, LogRetentionDays="3")
    groups = stack.of_type("AWS::Logs::LogGroup")
    assert {each["RetentionInDays"] for each in groups.values()} == {"3"}
    used = [stack.properties(name)["LoggingConfig"] for name in FUNCTIONS]
    assert all(config["LogFormat"] == "JSON" for config in used)
    written = {config["LogGroup"] for config in used}
    written.add(groups["AccessLogs"]["LogGroupName"])
    assert written == {each["LogGroupName"] for each in groups.values()}


def test_nothing_is_left_behind_but_what_others_may_need(stack: Stack) -> None:
    """What is kept by default, a log group or a secret, is paid for after the stack is gone."""
    kept = {
        name for name, each in stack.resources.items() if each.get("DeletionPolicy") == "Retain"
    }
    assert kept == {"GatewayAccount", "GatewayLogRole"}
    for kind in ("AWS::Logs::LogGroup", "AWS::SecretsManager::Secret", "AWS::SQS::Queue"):
        for name in stack.of_type(kind):
            assert stack.resources[name]["DeletionPolicy"] == "Delete"


def test_outputs_say_where_everything_is_and_what_to_do(translated: Template) -> None:
    outputs = deployed(translated).outputs
    assert {"ApiUrl", "SecretArn", "FetchFunctionName", "ApiFunctionName"} <= set(outputs)
    assert outputs["ApiUrl"] == "https://Api.execute-api.ap-south-1.amazonaws.com/dev/"
    assert outputs["DashboardUrl"].endswith("#dashboards/dashboard/nse-test")
    assert outputs["ReadKeyCommand"].startswith("aws apigateway get-api-key ")
    assert f"--secret-id {outputs['SecretArn']} " in outputs["SetSecretCommand"]
    assert "mongodb" not in outputs["SetSecretCommand"], "a shell keeps what is typed"
    assert not {"ApiKeyId", "ReadKeyCommand"} & set(deployed(translated, OpenData="true").outputs)
