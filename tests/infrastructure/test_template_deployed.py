"""What SAM makes of the template: the facts of the deployed stack that must not change."""

import json
import re
from dataclasses import fields
from datetime import date, time
from fnmatch import fnmatch
from itertools import product

import pytest

from chain_api.aws.schedule import Schedule
from chain_fetch.sources import SOURCES
from optionchain.announced_days import SHIPPED_SESSIONS
from optionchain.market import Market
from optionchain.setting_values import EARLIEST_SPECIAL, LATEST_SPECIAL, special_sessions_of
from optionchain.settings import Settings
from tests.infrastructure.files import text_of
from tests.infrastructure.stack import Stack, Template, deployed

FUNCTIONS = {
    "FetchFunction": "FetchRole",
    "ApiFunction": "ApiRole",
    "ArchiveFunction": "ArchiveRole",
}
HANDLERS = {f"chain_{name}.handler.lambda_handler" for name in ("fetch", "api", "archive")}
# Read by Powertools, and by the API alone to switch its schedules.
NOT_SETTINGS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "SCHEDULE_NAME"}
# A stack has secrets instead of the URI and the tokens, and the vendors' own addresses.
NOT_DEPLOYED = {"MONGODB_URI", "NSE_BASE_URL", "SOURCE_TOKENS", "SOURCE_URLS"}
EIGHT_GROUPS = {"Groups": "8", "FetchConcurrency": "25"}
GROUPS = range(1, 9)
WRITE_LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
SWITCH = {"scheduler:GetSchedule", "scheduler:UpdateSchedule"}
MOVE_ALIAS = {
    "lambda:GetAlias",
    "lambda:UpdateAlias",
    "lambda:GetProvisionedConcurrencyConfig",
}
FUNCTION_ARN = "arn:aws:lambda:ap-south-1:123456789012:function:nse-test"
TRACES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
READ_ARCHIVE = {("s3:GetObject", "arn:ArchiveBucket/*"), ("s3:ListBucket", "arn:ArchiveBucket")}
WRITE_ARCHIVE = set(product({"s3:PutObject", "s3:DeleteObject"}, {"arn:ArchiveBucket/*"}))
FIRST = "arn:FetchFunctionEveryMinute"
FURTHER = "arn:aws:scheduler:ap-south-1:123456789012:schedule/default/nse-test-group-?"
SPECIAL_SESSIONS = {
    "": True,
    "2026-11-08 18:00-19:00": True,
    "2024-03-02 09:15-10:00, 2024-03-02 11:30-12:30": True,
    "2024-03-02 09:15-10:00,2026-11-08 18:00-19:00": True,
    "2026-11-08 09:01-20:54": True,
    "2026-11-08 09:00-20:54": False,
    "2026-11-08 09:01-20:55": False,
    "2026-11-08 08:00-09:30": False,
    "2026-11-08 20:00-21:00": False,
    "2026-11-08 18:00-24:00": False,
    "2026-11-08 18:60-19:00": False,
    "2026-11-08 1800-1900": False,
    ",2026-11-08 18:00-19:00": False,
    "2026-11-08 18:00-19:00,": False,
    "2026-11-08 18:00-19:002026-11-09 18:00-19:00": False,
}
ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:atlas-AbCd12"
READER_ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:atlas-reader-AbCd12"
TOKENS_ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:tokens-AbCd12"
UPSTOX = {"Source": "upstox,nse", "SourceSecretArn": TOKENS_ARN}
DHAN = {"Source": "upstox,dhan", "SourceSecretArn": TOKENS_ARN}
KEY_ARN = "arn:aws:kms:ap-south-1:123456789012:key/00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def eight_groups(translated: Template) -> Stack:
    return deployed(translated, **EIGHT_GROUPS)


def of_groups(translated: Template, groups: int, executions: int | None = None) -> Stack:
    """Return a stack of several groups; by default with the executions that they need."""
    given = 3 * groups + 1 if executions is None else executions
    return deployed(translated, Groups=str(groups), FetchConcurrency=str(given))


def schedules_of(stack: Stack) -> list[Template]:
    """Return the schedules that start the recorder, that of the first group first."""
    schedules = stack.of_type("AWS::Scheduler::Schedule").values()
    found = [each for each in schedules if each["Target"]["Arn"] == "FetchFunctionAliaslive"]
    return sorted(found, key=lambda each: str(each["Name"]))


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allowed(stack: Stack, role: str) -> set[tuple[str, str]]:
    """Return each action that a role allows, with its resource."""
    return {
        pair
        for policy in stack.properties(role)["Policies"]
        for each in policy["PolicyDocument"]["Statement"]
        for pair in product(listed(each["Action"]), listed(each["Resource"]))
    }


def test_functions_and_layers_are_of_the_runtime_developers_work_in(stack: Stack) -> None:
    runtime = "python" + text_of(".python-version").strip()
    functions = stack.of_type("AWS::Lambda::Function")
    assert set(functions) == set(FUNCTIONS)
    assert {each["Handler"] for each in functions.values()} == HANDLERS
    for function in functions.values():
        assert (function["Runtime"], function["Architectures"]) == (runtime, ["arm64"])
    for layer in stack.of_type("AWS::Lambda::LayerVersion").values():
        assert layer["CompatibleRuntimes"] == [runtime]
        assert layer["CompatibleArchitectures"] == ["arm64"]


def test_time_outs_and_memory_are_those_of_each_function(translated: Template) -> None:
    """A time-out holds a relayed shift, what API Gateway waits for, or what Lambda allows."""
    stack = deployed(translated, FetchMemory="300", ApiMemory="700")
    assert 120 < stack.properties("FetchFunction")["Timeout"] <= 150
    assert stack.properties("ApiFunction")["Timeout"] <= 29
    assert [stack.properties(name)["MemorySize"] for name in FUNCTIONS] == ["300", "700", 1769]
    assert stack.properties("ArchiveFunction")["Timeout"] == 900


def test_reserved_executions_hold_overlapping_shifts_of_each_group(translated: Template) -> None:
    stack, reserved = deployed(translated), "ReservedConcurrentExecutions"
    overlapping = -(-stack.properties("FetchFunction")["Timeout"] // 60)
    assert int(stack.properties("FetchFunction")[reserved]) == overlapping + 1
    for function in ("ApiFunction", "ArchiveFunction"):
        assert reserved not in stack.properties(function)
    for groups, given in product(GROUPS[1:], range(51)):
        enough = given == 0 or given >= groups * overlapping + 1
        found = of_groups(translated, groups, given)
        assert found.accepts("GroupsHaveExecutions") is enough, (groups, given)
    assert all(of_groups(translated, 1, each).accepts("GroupsHaveExecutions") for each in range(51))
    new_account = deployed(translated, FetchConcurrency="0")
    assert reserved not in new_account.properties("FetchFunction")


def test_nothing_is_traced_unless_it_is_asked_for(translated: Template) -> None:
    for trace, mode in (("false", "PassThrough"), ("true", "Active")):
        stack = deployed(translated, Trace=trace)
        for function in FUNCTIONS:
            assert stack.properties(function)["TracingConfig"] == {"Mode": mode}
        assert stack.properties("ApiStage")["TracingEnabled"] is (trace == "true")


def test_variables_are_the_settings_and_their_defaults(stack: Stack) -> None:
    """Every setting that a stack can have is set on purpose, and every variable is read."""
    deployable = {each.name.upper() for each in fields(Settings)} - NOT_DEPLOYED
    expected = {
        "ApiFunction": deployable - {"SOURCE_SECRET_ARN"},
        "FetchFunction": deployable - {"CORS_ORIGINS"},
        "ArchiveFunction": deployable - {"CORS_ORIGINS", "SOURCE_SECRET_ARN"},
    }
    for function, settings in expected.items():
        variables = stack.environment(function)
        assert variables.pop("MONGODB_URI") == ""  # `sam local invoke` passes on what has a name
        assert set(variables) - NOT_SETTINGS == settings
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "OptionChain/nse-test"
        assert variables.pop("ARCHIVE_URL") == "s3://nse-test-archivebucket"
        del variables["MONGODB_SECRET_ARN"]
        assert Settings.from_env(variables) == Settings.from_env({})


def test_schedules_cover_the_sessions_in_the_exchange_s_zone(translated: Template) -> None:
    """From 09:14 to 15:45, the evening's rounds, and every session that a setting may name."""
    schedules = schedules_of(deployed(translated, **EIGHT_GROUPS))
    assert [each["ScheduleExpression"] for each in schedules] == ["cron(* 9-21 ? * * *)"] * 8
    assert {each["ScheduleExpressionTimezone"] for each in schedules} == {"Asia/Kolkata"}
    assert time(9, EARLIEST_SPECIAL.minute - 1) == time(9)
    *_, last = Market().evening_rounds(date(2026, 11, 26))
    assert time(20, LATEST_SPECIAL.minute + 5) < last.begins.time()  # its tick after the close
    assert last.ends.time() < time(22)
    for sessions in SHIPPED_SESSIONS.values():
        for opens, closes in sessions:
            assert EARLIEST_SPECIAL <= opens < closes <= LATEST_SPECIAL


@pytest.mark.parametrize("text", SPECIAL_SESSIONS)
def test_template_allows_the_special_sessions_that_the_setting_allows(
    translated: Template, text: str
) -> None:
    """All but their order and their overlap, which a pattern cannot tell; `make preflight` does."""
    pattern = translated["Parameters"]["SpecialSessions"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, text)) is SPECIAL_SESSIONS[text]
    if not SPECIAL_SESSIONS[text]:
        with pytest.raises(ValueError, match=r"not like|not within"):
            special_sessions_of(text)
    elif text:
        special_sessions_of(text)


def test_late_start_is_dropped_not_retried_and_kept_as_a_dead_letter(eight_groups: Stack) -> None:
    limits = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    for schedule in schedules_of(eight_groups):
        assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert schedule["Target"]["RetryPolicy"] == limits
        assert schedule["Target"]["DeadLetterConfig"] == {"Arn": "arn:DeadLetters"}
    asynchronous = eight_groups.properties("FetchFunctionEventInvokeConfig")
    assert {name: asynchronous[name] for name in limits} == limits
    function = eight_groups.properties("FetchFunction")
    assert function["DeadLetterConfig"] == {"TargetArn": "arn:DeadLetters"}


def test_each_group_has_a_schedule_that_says_which_share_it_records(translated: Template) -> None:
    """The event of one group is the one of old, which an older version understands, too."""
    for groups in GROUPS:
        schedules = schedules_of(of_groups(translated, groups))
        inputs = [json.loads(each["Target"]["Input"]) for each in schedules]
        shares = [{"group": str(number), "groups": groups} for number in GROUPS[:groups]]
        assert inputs == (shares if groups > 1 else [{}])
        names = [each["Name"] for each in schedules]
        further = [f"nse-test-group-{number}" for number in GROUPS[1:groups]]
        assert names == ["nse-test-every-minute", *further]
    assert json.loads(text_of("events/schedule.json")) == {}


def test_all_functions_have_the_words_of_the_symbols_and_the_tiers(translated: Template) -> None:
    given = {"Symbols": "ALL,-IDEA", "Tiers": "INDICES=5,STOCKS=60", "Addresses": "2"}
    stack = deployed(translated, **given, **EIGHT_GROUPS)
    for function in FUNCTIONS:
        settings = Settings.from_env(stack.environment(function))
        assert settings.nse_symbols == ("ALL", "-IDEA")
        assert [tuple(tier) for tier in settings.nse_tiers] == [("INDICES", 5), ("STOCKS", 60)]
        assert settings.nse_addresses == 2


def test_api_switches_every_schedule_of_its_stack(translated: Template) -> None:
    for groups in GROUPS:
        made = of_groups(translated, groups)
        names = [each["Name"] for each in schedules_of(made)]
        assert len(names) == groups
        switch = Schedule.from_env(made.environment("ApiFunction"))
        assert switch is not None
        assert list(switch._names) == names
        assert made.outputs["ScheduleNames"].split(",") == names
        further = [name for name in names if fnmatch(name, FURTHER.rpartition("/")[2])]
        assert further == names[1:], "the API's role may switch them"


def test_each_function_has_a_role_of_its_own_and_sam_adds_nothing(stack: Stack) -> None:
    used = {name: stack.properties(name)["Role"].removeprefix("arn:") for name in FUNCTIONS}
    assert used == FUNCTIONS
    roles = stack.of_type("AWS::IAM::Role")
    others = {"ScheduleRole", "ArchiveScheduleRole", "DeployRole", "GatewayLogRole"}
    assert set(roles) == {*FUNCTIONS.values(), *others}
    assert not stack.of_type("AWS::IAM::ManagedPolicy") | stack.of_type("AWS::IAM::Policy")
    managed = {name for name, role in roles.items() if "ManagedPolicyArns" in role}
    assert managed == {"GatewayLogRole"}


def tokens_of(overrides: dict[str, str]) -> set[tuple[str, str]]:
    """Return what the recorder may do with the secret of the tokens: write it if it renews one."""
    if "SourceSecretArn" not in overrides:
        return set()
    renews = "dhan" in overrides.get("Source", "")
    encrypts = renews and "MongoSecretKeyArn" in overrides
    return (
        {("secretsmanager:GetSecretValue", TOKENS_ARN)}
        | ({("secretsmanager:PutSecretValue", TOKENS_ARN)} if renews else set())
        | ({("kms:GenerateDataKey", KEY_ARN)} if encrypts else set())
    )


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        EIGHT_GROUPS,
        {"MongoSecretArn": ARN},
        {"MongoReaderSecretArn": READER_ARN},
        {"MongoSecretArn": ARN, "MongoReaderSecretArn": READER_ARN, "MongoSecretKeyArn": KEY_ARN},
        {"MongoSecretKeyArn": KEY_ARN},
        {"Trace": "true"},
        UPSTOX,
        DHAN,
        {**DHAN, "MongoSecretKeyArn": KEY_ARN},
        {"Source": "dhan"},
        {"SourceSecretArn": TOKENS_ARN},
        {"Archive": "false"},
    ],
)
def test_roles_allow_what_each_part_does_and_no_more(
    translated: Template, overrides: dict[str, str]
) -> None:
    """Only traces and the look at alarms have a wildcard, because they know no resources."""
    stack = deployed(translated, **overrides)
    secret = overrides.get("MongoSecretArn", "MongoSecret")
    reader = overrides.get("MongoReaderSecretArn", secret)
    secrets = {"FetchFunction": secret, "ApiFunction": reader, "ArchiveFunction": secret}
    reads = {name: ("secretsmanager:GetSecretValue", arn) for name, arn in secrets.items()}
    traces = TRACES if "Trace" in overrides else set()
    shared = set(product(traces, "*"))
    shared |= {("kms:Decrypt", KEY_ARN)} if "MongoSecretKeyArn" in overrides else set()
    letters = {("sqs:SendMessage", "arn:DeadLetters")}
    switch = {*product(SWITCH, {FIRST, FURTHER}), ("iam:PassRole", "arn:ScheduleRole")}
    fetch, api = (set(product(WRITE_LOG, [f"arn:{log}"])) for log in ("FetchLogs", "ApiLogs"))
    assert allowed(stack, "FetchRole") == (
        fetch | shared | letters | tokens_of(overrides) | {reads["FetchFunction"]}
    )
    archived = set() if "Archive" in overrides else READ_ARCHIVE
    assert allowed(stack, "ApiRole") == api | shared | switch | archived | {reads["ApiFunction"]}
    if archived:
        own = set(product(WRITE_LOG, ["arn:ArchiveLogs"])) | {reads["ArchiveFunction"]}
        assert allowed(stack, "ArchiveRole") == own | shared | letters | archived | WRITE_ARCHIVE
        start_archive = {("lambda:InvokeFunction", "ArchiveFunctionAliaslive")}
        assert allowed(stack, "ArchiveScheduleRole") == start_archive | letters
    start = {("lambda:InvokeFunction", "FetchFunctionAliaslive")}
    assert allowed(stack, "ScheduleRole") == start | letters
    functions = [f"{FUNCTION_ARN}-{name}:*" for name in ("fetch", "api")]
    move = set(product(MOVE_ALIAS, functions)) | {("cloudwatch:DescribeAlarms", "*")}
    assert allowed(stack, "DeployRole") == move
    for name in stack.of_type("AWS::Lambda::Function"):
        assert stack.environment(name)["MONGODB_SECRET_ARN"] == secrets[name]
    assert ("MongoSecret" in stack.resources) is (secret == "MongoSecret")


def test_key_of_ones_own_opens_secrets_and_nothing_else(translated: Template) -> None:
    """The condition holds for each role. The stack's own secret is encrypted with the key, too."""
    stack = deployed(translated, MongoSecretKeyArn=KEY_ARN)
    assert stack.properties("MongoSecret")["KmsKeyId"] == KEY_ARN
    for role in FUNCTIONS.values():
        policies = {each["PolicyName"]: each for each in stack.properties(role)["Policies"]}
        (statement,) = policies["decrypt-secret"]["PolicyDocument"]["Statement"]
        via = {"kms:ViaService": "secretsmanager.ap-south-1.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": via}
    assert "KmsKeyId" not in deployed(translated).properties("MongoSecret")


@pytest.mark.parametrize(
    ("overrides", "accepted"),
    [({}, True), (UPSTOX, True), ({"Source": "upstox"}, False), ({"Source": "nse,dhan"}, False)],
)
def test_source_that_needs_a_token_needs_the_secret(
    translated: Template, overrides: dict[str, str], accepted: bool
) -> None:
    assert deployed(translated, **overrides).accepts("SourceHasTokens") is accepted


@pytest.mark.parametrize(("check", "source", "accepted"), [
    ("true", "upstox,nse", True),
    ("true", "upstox", False),
    ("true", "nse", False),
    ("false", "upstox", True),
])  # fmt: skip
def test_a_cross_check_needs_two_sources(
    translated: Template, check: str, source: str, *, accepted: bool
) -> None:
    given = {**UPSTOX, "CrossCheck": check, "Source": source}
    assert deployed(translated, **given).accepts("CrossCheckHasTwoSources") is accepted


def test_settings_of_a_source_reach_the_functions_and_the_secret_the_recorder_alone(
    translated: Template,
) -> None:
    stack = deployed(translated, **UPSTOX, CrossCheck="true", UpstoxQuotes="true")
    for function in FUNCTIONS:
        settings = Settings.from_env(stack.environment(function))
        assert (settings.source, settings.cross_check) == (("upstox", "nse"), True)
        assert settings.upstox_quotes
    assert stack.environment("FetchFunction")["SOURCE_SECRET_ARN"] == TOKENS_ARN
    assert TOKENS_ARN not in json.dumps(stack.environment("ApiFunction"))


def test_template_takes_every_source_by_its_name(translated: Template) -> None:
    pattern = translated["Parameters"]["Source"]["AllowedPattern"]
    for names in (*SOURCES, ",".join(SOURCES)):
        assert re.fullmatch(pattern, names), names
    for other in ("", "NSE", "upstox, nse", "upstox;nse", ",nse", "nse,"):
        assert not re.fullmatch(pattern, other), other


def test_api_passes_the_schedule_s_role_to_the_scheduler_alone(eight_groups: Stack) -> None:
    policies = eight_groups.properties("ApiRole")["Policies"]
    (switch,) = (each for each in policies if each["PolicyName"] == "switch-schedule")
    assert switch["PolicyDocument"]["Statement"][1]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }
    roles = {schedule["Target"]["RoleArn"] for schedule in schedules_of(eight_groups)}
    assert roles == {"arn:ScheduleRole"}


def test_secret_has_no_value_and_the_queue_is_encrypted(stack: Stack) -> None:
    secret = stack.properties("MongoSecret")
    assert not secret.keys() & {"SecretString", "GenerateSecretString"}
    (queue,) = stack.of_type("AWS::SQS::Queue").values()
    assert queue["SqsManagedSseEnabled"] is True


def test_logs_expire_and_are_json(translated: Template) -> None:
    stack = deployed(translated, LogRetentionDays="3")
    groups = stack.of_type("AWS::Logs::LogGroup")
    assert {each["RetentionInDays"] for each in groups.values()} == {"3"}
    used = [stack.properties(name)["LoggingConfig"] for name in FUNCTIONS]
    assert all(config["LogFormat"] == "JSON" for config in used)
    written = {config["LogGroup"] for config in used} | {groups["AccessLogs"]["LogGroupName"]}
    assert written == {each["LogGroupName"] for each in groups.values()}


def test_nothing_is_left_behind_but_what_others_may_need(stack: Stack) -> None:
    """CloudFormation keeps log groups and secrets by default, and they cost money for ever."""
    policies = {name: each.get("DeletionPolicy") for name, each in stack.resources.items()}
    kept = {name for name, policy in policies.items() if policy == "Retain"}
    assert kept == {"GatewayAccount", "GatewayLogRole", "ArchiveBucket", "ArchiveBucketPolicy"}
    replaced = {name: each.get("UpdateReplacePolicy") for name, each in stack.resources.items()}
    assert {name for name, policy in replaced.items() if policy == "Retain"} == kept
    for kind in ("AWS::Logs::LogGroup", "AWS::SecretsManager::Secret", "AWS::SQS::Queue"):
        assert {policies[name] for name in stack.of_type(kind)} == {"Delete"}


def test_outputs_say_where_everything_is_and_what_to_do(translated: Template) -> None:
    outputs = deployed(translated).outputs
    assert {"ApiUrl", "SecretArn", *(f"{name}Name" for name in FUNCTIONS)} <= set(outputs)
    assert outputs["ArchiveUrl"] == "s3://nse-test-archivebucket"
    assert outputs["ApiUrl"] == "https://Api.execute-api.ap-south-1.amazonaws.com/dev/"
    assert outputs["DashboardUrl"].endswith("#dashboards/dashboard/nse-test")
    assert outputs["ReadKeyCommand"].startswith("aws apigateway get-api-key ")
    assert f"--secret-id {outputs['SecretArn']} " in outputs["SetSecretCommand"]
    assert "mongodb" not in outputs["SetSecretCommand"], "a shell keeps what is typed"
    assert not {"ApiKeyId", "ReadKeyCommand"} & set(deployed(translated, OpenData="true").outputs)
