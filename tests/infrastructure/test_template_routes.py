"""Which routes are open, keyed and signed, as API Gateway gets them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from chain_api.openapi.operations import is_data
from chain_api.site.docs_page import router as docs_routes
from local.openapi.document import DOCUMENT
from tests.infrastructure.stack import Stack, deployed

KEY: list[dict[str, list[str]]] = [{"api_key": []}]
SIGNATURE: list[dict[str, list[str]]] = [{"AWS_IAM": []}]
# An OPTIONS asks what is allowed.
READING_METHODS = {"get", "head", "options"}
OPEN = {"/", "/health", "/docs", "/docs/{proxy+}", "/openapi.json"}
OPEN |= {"/dashboard", "/dashboard/{proxy+}"}
CONTROL = {"/pipeline/start", "/pipeline/stop"}


def methods(stack: Stack) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation of everything that API Gateway serves."""
    for path, operations in stack.properties("Api")["Body"]["paths"].items():
        for method, operation in operations.items():
            yield method, path, operation


def security(stack: Stack) -> dict[tuple[str, str], Any]:
    return {(method, path): each.get("security", []) for method, path, each in methods(stack)}


def path_that_serves(stack: Stack, method: str, asked: str) -> str:
    """Return the route that API Gateway chooses: the whole path, else the longest greedy one."""
    paths = {path for had, path, _ in methods(stack) if had == method}
    if asked in paths:
        return asked
    greedy = [path for path in paths if asked.startswith(path.removesuffix("{proxy+}"))]
    return max((path for path in greedy if path.endswith("{proxy+}")), key=len)


def test_every_route_leads_to_the_function(stack: Stack) -> None:
    for method, path, operation in methods(stack):
        integration = operation["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        assert "functions/arn:ApiFunction/invocations" in integration["uri"], (method, path)


def test_data_are_keyed_control_is_signed_and_the_rest_is_open(stack: Stack) -> None:
    for (method, path), asked in security(stack).items():
        if method == "options" or path in OPEN:
            assert asked == [], (method, path)
        elif path in CONTROL and method == "post":
            assert asked == SIGNATURE, (method, path)
        else:
            assert asked == KEY, (method, path)


def test_open_data_need_no_key_and_control_is_signed_all_the_same(
    translated: dict[str, Any],
) -> None:
    stack = deployed(translated, OpenData="true")
    asked = security(stack)
    assert {route: each for route, each in asked.items() if each} == {
        ("post", path): SIGNATURE for path in CONTROL
    }
    kinds = {"AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::ApiKey"}
    assert not kinds & {each["Type"] for each in stack.resources.values()}


def test_documented_keys_are_those_that_are_asked_for(stack: Stack) -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    asked = security(stack)
    routes = [(method, path) for path, each in document["paths"].items() for method in each]
    assert len(routes) > 10
    for method, path in routes:
        served = path_that_serves(stack, method, path.replace("{symbol}", "NIFTY"))
        assert (asked[method, served] == KEY) is is_data(path), path


def test_page_of_the_documentation_and_its_parts_are_open(stack: Stack) -> None:
    paths = [route.path for route in docs_routes().routes if hasattr(route, "path")]
    assert len(paths) >= 4
    for path in (*paths, "/dashboard", "/openapi.json", "/health", "/"):
        assert security(stack)["get", path_that_serves(stack, "get", path)] == [], path


@pytest.mark.parametrize(
    "path",
    [
        "//option-chain/NIFTY",
        "/Option-Chain/NIFTY",
        "/%6fption-chain/NIFTY",
        "/option-chain/",
        "/%73ymbols",
        "/symbols/",
        "/stats",
        "/whatever/comes",
        "/healthy",
        "/pipeline/../symbols",
        "/pipeline/status",
    ],
)
def test_data_are_keyed_however_their_path_is_spelled(stack: Stack, path: str) -> None:
    assert security(stack)["get", path_that_serves(stack, "get", path)] == KEY


def test_nothing_that_changes_anything_is_open_to_any_path(stack: Stack) -> None:
    """However a path is escaped, no other spelling of a control route reaches the function."""
    found = {(method, path) for method, path, _ in methods(stack)}
    assert {method for method, path in found if "+" in path} == READING_METHODS
    assert {method for method, _ in found} == READING_METHODS | {"post"}
    assert {path for method, path in found if method == "post"} == CONTROL | {
        "/option-chain/filter"
    }


def test_head_reaches_the_function_where_get_does(stack: Stack) -> None:
    paths = {
        method: {path for had, path, _ in methods(stack) if had == method}
        for method in ("get", "head")
    }
    assert (
        paths["get"]
        == paths["head"]
        == OPEN
        | {
            "/{proxy+}",
            "/option-chain/{proxy+}",
            "/pipeline/{proxy+}",
        }
    )


def test_preflight_of_every_route_reaches_the_function(stack: Stack) -> None:
    asked = {path for method, path, _ in methods(stack) if method == "options"}
    assert asked == {path for _, path, _ in methods(stack)}


def test_gateway_may_call_the_function_on_each_route_and_on_no_other(stack: Stack) -> None:
    permissions = stack.of_type("AWS::Lambda::Permission").values()
    allowed = set()
    for each in permissions:
        assert each["Principal"] == "apigateway.amazonaws.com"
        found = re.fullmatch(r"arn:aws:execute-api:.*?:Api/\*/(\w+)(/.*)", each["SourceArn"])
        assert found is not None, each
        allowed.add((found[1].lower(), found[2].replace("*", "{proxy+}")))
    assert allowed == {(method, path) for method, path, _ in methods(stack)}


def test_permissions_fit_into_the_policy_of_a_function(stack: Stack) -> None:
    """20,480 bytes at most; a statement has the whole ARNs and an id that CloudFormation makes."""
    statement = {
        "Sid": "x" * 100,
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:ap-south-1:123456789012:function:nse-option-chain-prod-api",
        "Condition": {"ArnLike": {"AWS:SourceArn": ""}},
    }
    size = sum(
        len(json.dumps(statement)) + len(each["SourceArn"]) + len("abcdefghij")
        for each in stack.of_type("AWS::Lambda::Permission").values()
    )
    assert size < 20_480


def test_answers_are_compressed_throttled_and_logged_without_query_and_key(stack: Stack) -> None:
    assert stack.properties("Api")["MinimumCompressionSize"] == 1024
    stage = stack.properties("ApiStage")
    (settings,) = stage["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] > 0
    assert settings["ThrottlingBurstLimit"] > 0
    assert stage["AccessLogSetting"]["DestinationArn"] == "arn:AccessLogs"
    line = json.loads(stage["AccessLogSetting"]["Format"])
    assert {"request_id", "key_id", "method", "path", "status", "latency_ms"} <= set(line)
    logged = {value.removeprefix("$context.") for value in line.values()}
    assert all(value.startswith("$context.") for value in line.values())
    assert not logged & {"identity.apiKey", "requestOverride.querystring"}


def test_client_has_a_throttle_and_a_quota_of_its_own(translated: dict[str, Any]) -> None:
    stack = deployed(translated, ThrottleRate="7", ThrottleBurst="9", QuotaPerDay="1000")
    plan = stack.properties("UsagePlan")
    assert plan["ApiStages"] == [{"ApiId": "Api", "Stage": "ApiStage"}]
    assert plan["Throttle"] == {"RateLimit": "7", "BurstLimit": "9"}
    assert plan["Quota"] == {"Limit": "1000", "Period": "DAY"}
    key = stack.properties("UsagePlanKey")
    assert (key["KeyId"], key["UsagePlanId"]) == ("ApiKey", "UsagePlan")
    assert "Value" not in stack.properties("ApiKey"), "a value would stand in the template"


def test_change_of_who_needs_a_key_is_deployed(template: dict[str, Any]) -> None:
    """SAM deploys an API anew where its text has changed, of which parameters are no part."""
    assert template["Resources"]["Api"]["Properties"]["AlwaysDeploy"] is True


def test_log_has_its_role_before_the_stage_is_made(translated: dict[str, Any]) -> None:
    assert translated["Resources"]["Api"]["DependsOn"] == "GatewayAccount"
    stack = deployed(translated)
    assert stack.properties("ApiStage")["RestApiId"] == "Api"
    assert stack.properties("GatewayAccount")["CloudWatchRoleArn"] == "arn:GatewayLogRole"
    without = deployed(translated, GatewayLogs="false")
    assert not {"GatewayAccount", "GatewayLogRole"} & set(without.resources)
