"""Which routes are open, keyed and signed, as API Gateway gets them."""

import json
import re

import pytest

from chain_api.openapi.operations import is_data
from chain_api.site.docs_page import router as docs_routes
from local.openapi.document import DOCUMENT
from tests.infrastructure.files import text_of
from tests.infrastructure.stack import Stack, Template, deployed, routes

type Security = list[dict[str, list[str]]]

KEY: Security = [{"api_key": []}]
SIGNATURE: Security = [{"AWS_IAM": []}]
# An OPTIONS asks what is allowed.
READING_METHODS = {"get", "head", "options"}
OPEN = {"/", "/health", "/docs", "/docs/{proxy+}", "/openapi.json"}
OPEN |= {"/dashboard", "/dashboard/{proxy+}"}
KEYED = {"/{proxy+}", "/option-chain/{proxy+}", "/pipeline/{proxy+}"}
CONTROL = {"/pipeline/start", "/pipeline/stop"}
POSTED = CONTROL | {"/option-chain/filter"}
SPELLINGS_OF_DATA = """
    //option-chain/NIFTY /Option-Chain/NIFTY /%6fption-chain/NIFTY /option-chain/ /%73ymbols
    /symbols/ /stats /whatever/comes /healthy /pipeline/../symbols /pipeline/status
"""


def security(stack: Stack) -> dict[tuple[str, str], Security]:
    return {route: operation.get("security", []) for route, operation in routes(stack).items()}


def security_of(stack: Stack, method: str, asked: str) -> Security:
    """Return what API Gateway asks for: by the exact route, or else by the longest greedy one."""
    found = security(stack)
    paths = {path for had, path in found if had == method}
    greedy = [path for path in paths if path.endswith("{proxy+}")]
    fitting = [path for path in greedy if asked.startswith(path.removesuffix("{proxy+}"))]
    return found[method, asked if asked in paths else max(fitting, key=len)]


def test_every_route_leads_to_the_function(stack: Stack) -> None:
    for route, operation in routes(stack).items():
        integration = operation["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        assert "functions/ApiFunctionAliaslive/invocations" in integration["uri"], route


def test_data_are_keyed_control_is_signed_and_the_rest_is_open(stack: Stack) -> None:
    """HEAD goes with GET, a preflight with every path, and POST reaches three paths alone."""
    expected: dict[tuple[str, str], Security] = {
        (method, path): KEY if path in KEYED and method != "options" else []
        for method in READING_METHODS
        for path in OPEN | KEYED
    }
    expected |= {("options", path): [] for path in POSTED}
    expected |= {("post", path): SIGNATURE if path in CONTROL else KEY for path in POSTED}
    assert security(stack) == expected


def test_open_data_need_no_key_and_control_is_signed_all_the_same(translated: Template) -> None:
    stack = deployed(translated, OpenData="true")
    assert {route: each for route, each in security(stack).items() if each} == {
        ("post", path): SIGNATURE for path in CONTROL
    }
    kinds = {"AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::ApiKey"}
    assert not kinds & {each["Type"] for each in stack.resources.values()}


def test_documented_keys_are_those_that_are_asked_for(stack: Stack) -> None:
    paths = json.loads(text_of(DOCUMENT))["paths"]
    documented = [(method, path) for path, each in paths.items() for method in each]
    assert len(documented) > 10
    for method, path in documented:
        asked = security_of(stack, method, path.replace("{symbol}", "NIFTY"))
        assert (asked == KEY) is is_data(path), path


def test_pages_and_their_parts_are_open(stack: Stack) -> None:
    paths = [route.path for route in docs_routes().routes if hasattr(route, "path")]
    assert len(paths) >= 4
    for path in (*paths, "/dashboard", "/openapi.json", "/health", "/"):
        assert security_of(stack, "get", path) == [], path


@pytest.mark.parametrize("path", SPELLINGS_OF_DATA.split())
def test_data_are_keyed_however_their_path_is_spelled(stack: Stack, path: str) -> None:
    assert security_of(stack, "get", path) == KEY


def test_gateway_may_call_the_function_on_each_route_and_for_no_other_post(stack: Stack) -> None:
    """Lambda refuses a POST that API Gateway might pass on from any other path."""
    allowed = set()
    for each in stack.of_type("AWS::Lambda::Permission").values():
        assert each["Principal"] == "apigateway.amazonaws.com"
        found = re.fullmatch(r"arn:aws:execute-api:.*?:Api/\*/(\w+)(/.*)", each["SourceArn"])
        assert found is not None, each
        allowed.add((found[1].lower(), found[2]))
    anywhere = {(method, "/*") for method in READING_METHODS}
    assert allowed == anywhere | {("post", path) for path in POSTED}


def test_answers_are_compressed_and_logged_without_query_and_key(stack: Stack) -> None:
    assert stack.properties("Api")["MinimumCompressionSize"] == 1024
    log = stack.properties("ApiStage")["AccessLogSetting"]
    assert log["DestinationArn"] == "arn:AccessLogs"
    line = json.loads(log["Format"])
    assert {"request_id", "key_id", "method", "path", "status", "latency_ms"} <= set(line)
    assert all(value.startswith("$context.") for value in line.values())
    secrets = {"$context.identity.apiKey", "$context.requestOverride.querystring"}
    assert not secrets & set(line.values())


def test_each_route_of_data_and_control_has_a_throttle_of_its_own(stack: Stack) -> None:
    """What is open to everyone shares the default, so it cannot use up what keys pay for."""
    default, *own = stack.properties("ApiStage")["MethodSettings"]
    assert (default["ResourcePath"], default["HttpMethod"]) == ("/*", "*")
    found = {(each["HttpMethod"].lower(), each["ResourcePath"].replace("~1", "/")) for each in own}
    assert all(each["ResourcePath"].startswith("/~1") for each in own)
    guarded = {route for route, needed in security(stack).items() if needed}
    assert {(method, path.replace("//", "/")) for method, path in found} == guarded
    assert {each["ThrottlingRateLimit"] for each in own} == {50}
    assert default["ThrottlingRateLimit"] < 50


def test_throttle_of_one_client_fits_into_that_of_a_route(translated: Template) -> None:
    _, route, *_ = deployed(translated).properties("ApiStage")["MethodSettings"]
    bounds = translated["Parameters"]
    assert bounds["ThrottleRate"]["MaxValue"] == route["ThrottlingRateLimit"] > 0
    assert bounds["ThrottleBurst"]["MaxValue"] == route["ThrottlingBurstLimit"] > 0
    assert bounds["ThrottleRate"]["Default"] * 5 == route["ThrottlingRateLimit"]
    assert bounds["QuotaPerDay"]["Default"] >= 5 * 2 * 385 * 60 // 5


def test_client_has_a_throttle_and_a_quota_of_its_own(translated: Template) -> None:
    stack = deployed(translated, ThrottleRate="7", ThrottleBurst="9", QuotaPerDay="1000")
    plan = stack.properties("UsagePlan")
    assert plan["ApiStages"] == [{"ApiId": "Api", "Stage": "ApiStage"}]
    assert plan["Throttle"] == {"RateLimit": "7", "BurstLimit": "9"}
    assert plan["Quota"] == {"Limit": "1000", "Period": "DAY"}
    key = stack.properties("UsagePlanKey")
    assert (key["KeyId"], key["UsagePlanId"]) == ("ApiKey", "UsagePlan")
    assert "Value" not in stack.properties("ApiKey"), "a value would stand in the template"


def test_log_has_its_role_before_the_stage_is_made(translated: Template) -> None:
    assert translated["Resources"]["Api"]["DependsOn"] == "GatewayAccount"
    stack = deployed(translated)
    assert stack.properties("ApiStage")["RestApiId"] == "Api"
    assert stack.properties("GatewayAccount")["CloudWatchRoleArn"] == "arn:GatewayLogRole"
    without = deployed(translated, GatewayLogs="false")
    assert not {"GatewayAccount", "GatewayLogRole"} & set(without.resources)
