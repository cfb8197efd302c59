"""Functions are served by alias: what publishes a version, and how the alias moves to it."""

import pytest

from local.preflight.account import ALIAS
from local.preflight.release import FUNCTIONS
from tests.infrastructure.stack import Changes, Stack, Template, Translate, deployed


def versions(template: Template) -> dict[str, str]:
    """Return the logical id of the version of each function."""
    kind = "AWS::Lambda::Version"
    found = [name for name, each in template["Resources"].items() if each["Type"] == kind]
    return {function: name for function in FUNCTIONS for name in found if name.startswith(function)}


def test_everything_calls_the_alias(translated: Template) -> None:
    """What called the function itself would not follow a deployment that goes back."""
    stack = deployed(translated, Symbols2="RELIANCE", FetchConcurrency="7")
    fetch, api = (f"{name}Alias{ALIAS}" for name in FUNCTIONS)
    assert {fetch, api} == set(stack.of_type("AWS::Lambda::Alias"))
    targets = {each["Target"]["Arn"] for each in stack.of_type("AWS::Scheduler::Schedule").values()}
    assert targets == {fetch}
    callers = {each["FunctionName"] for each in stack.of_type("AWS::Lambda::Permission").values()}
    assert callers == {api}
    (asynchronous,) = stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert asynchronous["Qualifier"] == ALIAS


@pytest.mark.parametrize(
    ("canary", "fetch", "api"),
    [
        ("true", "Linear10PercentEvery2Minutes", "Canary10Percent15Minutes"),
        ("false", "AllAtOnce", "AllAtOnce"),
    ],
)
def test_deployment_goes_step_by_step_and_back_on_alarm(
    translated: Template, canary: str, fetch: str, api: str
) -> None:
    stack = deployed(translated, Canary=canary)
    expected = {
        "FetchFunction": (fetch, ["FetchDeploymentAlarm", "TickFailuresAlarm"]),
        "ApiFunction": (api, ["ApiDeploymentAlarm", "ApiErrorsAlarm"]),
    }
    for function, (steps, alarms) in expected.items():
        group = stack.properties(f"{function}DeploymentGroup")
        assert group["DeploymentConfigName"] == f"CodeDeployDefault.Lambda{steps}"
        assert [each["Name"] for each in group["AlarmConfiguration"]["Alarms"]] == alarms
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert group["ServiceRoleArn"] == "arn:DeployRole"
        policy = stack.resources[f"{function}Alias{ALIAS}"]["UpdatePolicy"]
        assert policy["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == (
            f"{function}DeploymentGroup"
        )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_alarm_of_a_deployment_looks_at_the_new_version_alone(stack: Stack, function: str) -> None:
    """An alarm that rings already would stop the deployment of its remedy."""
    alarm = stack.properties(f"{function.removesuffix('Function')}DeploymentAlarm")
    name = stack.properties(function)["FunctionName"]
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
        "FunctionName": name,
        "Resource": f"{name}:{ALIAS}",
        "ExecutedVersion": f"arn:{versions(stack.template)[function]}",
    }


def test_api_starts_from_a_snapshot_where_it_is_asked_for(translated: Template) -> None:
    for given, applied in (("false", "None"), ("true", "PublishedVersions")):
        stack = deployed(translated, SnapStart=given)
        assert stack.properties("ApiFunction")["SnapStart"] == {"ApplyOn": applied}
        assert "SnapStart" not in stack.properties("FetchFunction")


def of_both(**properties: object) -> Changes:
    """Return a change of both functions."""
    return dict.fromkeys(FUNCTIONS, properties)


ANOTHER = "s3://bucket/another"
CHANGES: dict[str, Changes] = {
    "the dependencies": {"DependenciesLayer": {"ContentUri": ANOTHER}},
    "the layer of ours": {"OptionChainLayer": {"ContentUri": ANOTHER}},
    "the code": of_both(CodeUri=ANOTHER),
    "a property": of_both(Timeout=28),
    # The hash of a build with its parameters, of which SAM does not see the values.
    "the release": of_both(AutoPublishCodeSha256="ab" * 32),
}


@pytest.mark.parametrize("what", CHANGES)
def test_change_publishes_a_version_of_both_functions(
    translated: Template, translate: Translate, what: str
) -> None:
    before, after = versions(translated), versions(translate(CHANGES[what]))
    assert set(before) == set(after) == set(FUNCTIONS)
    assert not set(before.values()) & set(after.values())


def test_new_release_changes_the_function_too(translate: Translate) -> None:
    """Lambda publishes no version of a function that has not changed."""
    changed = translate(CHANGES["the release"])
    for name in FUNCTIONS:
        assert changed["Resources"][name]["Properties"]["Description"].endswith("ab" * 32)
