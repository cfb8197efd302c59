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
    stack = deployed(translated, Groups="2", FetchConcurrency="7")
    fetch, api, archive = (f"{name}Alias{ALIAS}" for name in FUNCTIONS)
    assert {fetch, api, archive} == set(stack.of_type("AWS::Lambda::Alias"))
    targets = {each["Target"]["Arn"] for each in stack.of_type("AWS::Scheduler::Schedule").values()}
    assert targets == {fetch, archive}
    callers = {each["FunctionName"] for each in stack.of_type("AWS::Lambda::Permission").values()}
    assert callers == {api}
    asynchronous = stack.of_type("AWS::Lambda::EventInvokeConfig")
    assert {name: each["Qualifier"] for name, each in asynchronous.items()} == {
        f"{name}EventInvokeConfig": ALIAS for name in ("FetchFunction", "ArchiveFunction")
    }


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


def test_alias_of_the_archive_function_moves_at_once(stack: Stack) -> None:
    """It is invoked twice a day: no share of its invocations can be tried first."""
    assert "UpdatePolicy" not in stack.resources[f"ArchiveFunctionAlias{ALIAS}"]
    groups = stack.of_type("AWS::CodeDeploy::DeploymentGroup")
    assert set(groups) == {"FetchFunctionDeploymentGroup", "ApiFunctionDeploymentGroup"}


@pytest.mark.parametrize("function", ["FetchFunction", "ApiFunction"])
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
        for function in ("FetchFunction", "ArchiveFunction"):
            assert "SnapStart" not in stack.properties(function)


def of_all(**properties: object) -> Changes:
    """Return a change of every function."""
    return dict.fromkeys(FUNCTIONS, properties)


ANOTHER = "s3://bucket/another"
CHANGES: dict[str, Changes] = {
    "the dependencies": {"DependenciesLayer": {"ContentUri": ANOTHER}},
    "the layer of ours": {"OptionChainLayer": {"ContentUri": ANOTHER}},
    "the code": of_all(CodeUri=ANOTHER),
    "a property": of_all(Timeout=28),
    # The hash of a build with its parameters, of which SAM does not see the values.
    "the release": of_all(AutoPublishCodeSha256="ab" * 32),
}


@pytest.mark.parametrize("what", CHANGES)
def test_change_publishes_a_version_of_every_function(
    translated: Template, translate: Translate, what: str
) -> None:
    before, after = versions(translated), versions(translate(CHANGES[what]))
    assert set(before) == set(after) == set(FUNCTIONS)
    assert not set(before.values()) & set(after.values())


def test_layer_of_the_archive_publishes_a_version_of_its_function_alone(
    translated: Template, translate: Translate
) -> None:
    """SAM does not see a layer within a condition: the release of `make deploy` moves the API."""
    before = versions(translated)
    after = versions(translate({"ArchiveLayer": {"ContentUri": ANOTHER}}))
    assert {name for name in FUNCTIONS if before[name] != after[name]} == {"ArchiveFunction"}


def test_new_release_changes_the_function_too(translate: Translate) -> None:
    """Lambda publishes no version of a function that has not changed."""
    changed = translate(CHANGES["the release"])
    for name in FUNCTIONS:
        assert changed["Resources"][name]["Properties"]["Description"].endswith("ab" * 32)
