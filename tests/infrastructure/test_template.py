"""The facts of template.yaml that must never vanish."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chain_api.middleware.body_bound import MOST_BYTES
from chain_api.problems import MEDIA_TYPE, Problem
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

Template = dict[str, Any]
FUNCTIONS = {
    "FetchFunction": ("functions/fetch", "chain_fetch.handler.lambda_handler"),
    "ApiFunction": ("functions/api", "chain_api.handler.lambda_handler"),
}
# An OPTIONS asks what is allowed.
READING_METHODS = {"GET", "HEAD", "OPTIONS"}
# Read by Powertools, and by the API alone to switch its schedule.
NOT_SETTINGS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "SCHEDULE_NAME"}


def of_type(template: Template, kind: str) -> dict[str, Template]:
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def properties(template: Template, name: str) -> Template:
    found: Template = template["Resources"][name]["Properties"]
    return found


def schedule(template: Template) -> Template:
    found: Template = properties(template, "FetchFunction")["Events"]["EveryMinute"]["Properties"]
    return found


def environment(template: Template, function: str) -> Template:
    """The variables a function gets, those of Globals included."""
    shared: Template = template["Globals"]["Function"]["Environment"]["Variables"]
    own: Template = properties(template, function)["Environment"]["Variables"]
    return shared | own


def statements(template: Template, role: str) -> list[Template]:
    policies = properties(template, role)["Policies"]
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def actions(template: Template, role: str) -> set[str]:
    found: set[str] = set()
    for statement in statements(template, role):
        action = statement["Action"]
        found |= {action} if isinstance(action, str) else set(action)
    return found


def test_runtime_is_the_version_developers_work_in(template: Template, root: Path) -> None:
    version = (root / ".python-version").read_text(encoding="utf-8").strip()
    assert template["Globals"]["Function"]["Runtime"] == f"python{version}"
    for layer in of_type(template, "AWS::Serverless::LayerVersion").values():
        assert layer["Properties"]["CompatibleRuntimes"] == [f"python{version}"]


def test_what_is_deployed_runs_on_arm64(template: Template) -> None:
    assert template["Parameters"]["Architecture"]["Default"] == "arm64"
    assert template["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_handler_is_the_public_one(template: Template, name: str) -> None:
    function = properties(template, name)
    assert (function["CodeUri"], function["Handler"]) == FUNCTIONS[name]


def test_functions_and_layers_are_built_by_their_makefiles(template: Template, root: Path) -> None:
    parts = of_type(template, "AWS::Serverless::Function") | of_type(
        template, "AWS::Serverless::LayerVersion"
    )
    assert len(parts) == 4
    for name, part in parts.items():
        folder = part["Properties"].get("CodeUri") or part["Properties"]["ContentUri"]
        makefile = (root / folder / "Makefile").read_text(encoding="utf-8")
        assert part["Metadata"]["BuildMethod"] == "makefile"
        assert f"\nbuild-{name}:" in makefile


@pytest.mark.parametrize("name", FUNCTIONS)
def test_variables_are_settings(template: Template, name: str) -> None:
    known = {field.upper() for field in Settings.model_fields}
    assert set(environment(template, name)) <= known | NOT_SETTINGS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_default_parameters_are_valid_settings(template: Template, function: str) -> None:
    """A stack without overrides starts, with what the settings themselves have as defaults."""
    parameters = template["Parameters"]
    variables = {
        name: parameters[value["Ref"]]["Default"] if isinstance(value, dict) else value
        for name, value in environment(template, function).items()
        if name not in NOT_SETTINGS | {"MONGODB_SECRET_ARN"}
    }
    given = Settings.from_env({name: str(value) for name, value in variables.items()})
    assert given == Settings.from_env({})


@pytest.mark.parametrize("interval", range(1, 61))
def test_interval_is_a_divisor_of_a_minute(template: Template, interval: int) -> None:
    allowed = template["Parameters"]["FetchInterval"]["AllowedValues"]
    assert (interval in allowed) is (60 % interval == 0)


@pytest.mark.parametrize("symbols", ["NIFTY", "NIFTY,BANKNIFTY", "M&M,BAJAJ-AUTO", "360ONE"])
def test_symbols_of_the_exchange_are_accepted(template: Template, symbols: str) -> None:
    assert re.fullmatch(template["Parameters"]["Symbols"]["AllowedPattern"], symbols)


@pytest.mark.parametrize(
    "symbols", ["", "nifty", "NIFTY,", "NIFTY, BANKNIFTY", "NIFTY;X", "A" * 21]
)
def test_other_symbols_are_refused(template: Template, symbols: str) -> None:
    assert not re.fullmatch(template["Parameters"]["Symbols"]["AllowedPattern"], symbols)


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("", True),
        ("*", True),
        ("https://desk.example", True),
        ("https://a.example,http://localhost:3000", True),
        ("https://a.example, http://127.0.0.1:8080", True),
        ("*,https://desk.example", False),
        ("https://desk.example/", False),
        ("https://a.example,", False),
        (",https://a.example", False),
        (", https://a.example", False),
        ("https://a.examplehttps://b.example", False),
        ("https://a.example  ,https://b.example;", False),
        ("http://desk.example", False),
        ("null", False),
    ],
)
def test_origins_are_allowed_as_the_setting_allows_them(
    template: Template, origins: str, allowed: bool
) -> None:
    pattern = template["Parameters"]["CorsOrigins"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, origins)) is allowed
    try:
        Settings.from_env({"CORS_ORIGINS": origins})
        assert allowed
    except SettingInvalid:
        assert not allowed


def test_every_parameter_is_bounded_and_described(template: Template) -> None:
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"], name
        assert "Default" in parameter, name
        assert parameter.keys() & {"AllowedValues", "AllowedPattern", "MaxValue"}, name


def test_schedule_covers_the_session_in_the_exchange_s_zone(template: Template) -> None:
    """By default on weekdays; every day, into the evening, where special sessions are named."""
    condition, special, usual = schedule(template)["ScheduleExpression"]["Fn::If"]
    assert condition == "HasSpecialSessions"
    for expression, days, closes in ((usual, "MON-FRI", (15, 45)), (special, "*", (19, 50))):
        hours = re.fullmatch(r"cron\(\* (\d+)-(\d+) \? \* (\S+) \*\)", expression)
        assert hours is not None
        assert (int(hours[1]), 0) <= (9, 14)
        assert (int(hours[2]), 59) >= closes
        assert hours[3] == days
    assert schedule(template)["ScheduleExpressionTimezone"] == "Asia/Kolkata"


def test_late_start_is_dropped_not_retried(template: Template) -> None:
    limits = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    assert schedule(template)["RetryPolicy"] == limits
    assert schedule(template)["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert properties(template, "FetchFunction")["EventInvokeConfig"] == limits


def test_schedule_sends_the_default_event(template: Template, root: Path) -> None:
    event = json.loads((root / "events" / "schedule.json").read_text(encoding="utf-8"))
    assert json.loads(schedule(template)["Input"]) == event


def test_timeouts_hold_a_relayed_shift_and_the_gateway_s_patience(template: Template) -> None:
    assert 120 < properties(template, "FetchFunction")["Timeout"] <= 150
    assert properties(template, "ApiFunction")["Timeout"] <= 29


def test_reserved_executions_hold_overlapping_shifts(template: Template) -> None:
    overlapping = -(-properties(template, "FetchFunction")["Timeout"] // 60)
    assert template["Parameters"]["FetchConcurrency"]["Default"] == overlapping + 1


def test_no_role_has_a_wildcard(template: Template) -> None:
    roles = of_type(template, "AWS::IAM::Role")
    assert set(roles) == {"FetchRole", "ApiRole", "ScheduleRole"}
    for role in roles:
        assert "*" not in json.dumps(statements(template, role))
        assert "ManagedPolicyArns" not in properties(template, role)


@pytest.mark.parametrize(
    ("function", "role"), [("FetchFunction", "FetchRole"), ("ApiFunction", "ApiRole")]
)
def test_each_function_has_a_role_of_its_own(template: Template, function: str, role: str) -> None:
    assert properties(template, function)["Role"] == {"Fn::GetAtt": [role, "Arn"]}
    assert "Policies" not in properties(template, function)


def test_fetch_may_only_log_and_read_the_secret(template: Template) -> None:
    assert actions(template, "FetchRole") == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
    }


def test_api_may_switch_its_own_schedule_alone(template: Template) -> None:
    assert actions(template, "ApiRole") - actions(template, "FetchRole") == {
        "scheduler:GetSchedule",
        "scheduler:UpdateSchedule",
        "iam:PassRole",
    }
    by_action = {str(each["Action"]): each for each in statements(template, "ApiRole")}
    switching = by_action["['scheduler:GetSchedule', 'scheduler:UpdateSchedule']"]
    assert switching["Resource"] == {"Fn::GetAtt": ["FetchFunctionEveryMinute", "Arn"]}
    passing = by_action["iam:PassRole"]
    assert passing["Resource"] == schedule(template)["RoleArn"]
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }


@pytest.mark.parametrize("role", ["FetchRole", "ApiRole"])
def test_only_the_one_secret_is_readable(template: Template, role: str) -> None:
    reading = [
        each
        for each in statements(template, role)
        if each["Action"] == "secretsmanager:GetSecretValue"
    ]
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    assert [each["Resource"] for each in reading] == [shared["MONGODB_SECRET_ARN"]]


def test_stack_never_knows_the_secret_s_value(template: Template) -> None:
    secret = template["Resources"]["MongoSecret"]
    assert secret["Condition"] == "CreateSecret"
    assert not secret["Properties"].keys() & {"SecretString", "GenerateSecretString"}


def test_control_routes_need_a_signature(
    routes: dict[tuple[str, str], dict[str, Any]],
) -> None:
    for path in ("/pipeline/start", "/pipeline/stop"):
        assert routes["POST", path]["Auth"] == {"Authorizer": "AWS_IAM", "InvokeRole": "NONE"}


def test_nothing_that_changes_anything_is_open_to_any_path(
    routes: dict[tuple[str, str], dict[str, Any]],
) -> None:
    """However a path is escaped, no other spelling of a control route reaches the function."""
    greedy = {method for method, path in routes if "+" in path}
    changing = {
        path: event for (method, path), event in routes.items() if method not in READING_METHODS
    }
    assert greedy == READING_METHODS
    assert {method for method, _ in routes} == READING_METHODS | {"POST"}
    assert set(changing) == {"/option-chain/filter", "/pipeline/start", "/pipeline/stop"}
    assert [path for path, event in changing.items() if "Auth" not in event] == [
        "/option-chain/filter"
    ]


def test_head_reaches_the_function_where_get_does(
    routes: dict[tuple[str, str], dict[str, Any]],
) -> None:
    served = {path for method, path in routes if method == "GET"}
    assert served == {path for method, path in routes if method == "HEAD"}
    assert len(served) == 4


def test_preflight_of_every_route_reaches_the_function_unsigned(
    routes: dict[tuple[str, str], dict[str, Any]],
) -> None:
    """A browser sends it without key and without signature."""
    asked = {path: event for (method, path), event in routes.items() if method == "OPTIONS"}
    assert set(asked) == {path for _, path in routes}
    assert not [path for path, event in asked.items() if "Auth" in event]


def refusals(template: Template) -> dict[str, Template]:
    found: dict[str, Template] = properties(template, "Api")["GatewayResponses"]
    return found


def test_api_gateway_refuses_in_the_words_of_the_api(template: Template) -> None:
    """Each of its own answers is the problem that the function would make of its slug."""
    for kind, response in refusals(template).items():
        (sent,) = response["ResponseTemplates"].values()
        said = json.loads(sent.replace("$context.path", "/dev/option-chain/NIFTY"))
        slug = said["type"].rpartition(":")[2]
        extra = {"field": "body", "max_bytes": MOST_BYTES} if slug == "body-too-large" else {}
        problem = Problem(response["StatusCode"], slug, said["detail"], **extra)
        assert said == problem.body("/dev/option-chain/NIFTY"), kind
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Content-Type"] == f"'{MEDIA_TYPE}'"
        assert ("Retry-After" in headers) is (response["StatusCode"] == 429)
        assert all(re.fullmatch(r"'[^']+'", value) for value in headers.values())


def test_refusal_is_what_it_is_named_for(template: Template) -> None:
    found = {kind: (each["StatusCode"], slug_of(each)) for kind, each in refusals(template).items()}
    assert found == {
        "MISSING_AUTHENTICATION_TOKEN": (403, "forbidden"),
        "ACCESS_DENIED": (403, "forbidden"),
        "UNAUTHORIZED": (403, "forbidden"),
        "INVALID_SIGNATURE": (403, "forbidden"),
        "EXPIRED_TOKEN": (403, "forbidden"),
        "WAF_FILTERED": (403, "forbidden"),
        "INVALID_API_KEY": (403, "invalid-api-key"),
        "RESOURCE_NOT_FOUND": (404, "not-found"),
        "REQUEST_TOO_LARGE": (413, "body-too-large"),
        "THROTTLED": (429, "too-many-requests"),
        "QUOTA_EXCEEDED": (429, "quota-exceeded"),
        "INTEGRATION_FAILURE": (502, "internal-error"),
        "INTEGRATION_TIMEOUT": (504, "timeout"),
        "DEFAULT_4XX": (400, "http-error"),
        "DEFAULT_5XX": (500, "internal-error"),
    }


def slug_of(response: Template) -> str:
    (sent,) = response["ResponseTemplates"].values()
    slug: str = json.loads(sent)["type"].rpartition(":")[2]
    return slug


def test_time_out_is_said_as_it_is(template: Template) -> None:
    (sent,) = refusals(template)["INTEGRATION_TIMEOUT"]["ResponseTemplates"].values()
    assert f"within {properties(template, 'ApiFunction')['Timeout']} seconds" in sent


def test_logs_expire_and_are_json(template: Template) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    used = {properties(template, name)["LoggingConfig"]["LogGroup"]["Ref"] for name in FUNCTIONS}
    assert used == set(groups)
    assert template["Globals"]["Function"]["LoggingConfig"]["LogFormat"] == "JSON"


def test_log_level_keeps_the_metrics(template: Template) -> None:
    """Lambda counts a line without a level, as those of metrics are, as INFO."""
    assert template["Parameters"]["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]


def test_outputs_say_where_everything_is(template: Template) -> None:
    assert {"ApiUrl", "SecretArn", "FetchFunctionName", "ApiFunctionName"} <= set(
        template["Outputs"]
    )
