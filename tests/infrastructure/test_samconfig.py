"""samconfig.toml sets parameters that exist to values that are allowed."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.stack import Stack, Template, allows, deployed

STAGES = ("default", "dev", "prod")


@pytest.fixture(scope="module")
def stages(root: Path) -> dict[str, dict[str, Any]]:
    """The settings of a deployment of each stage."""
    config = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    return {
        stage: config[stage]["global"]["parameters"] | config[stage]["deploy"]["parameters"]
        for stage in STAGES
    }


@pytest.fixture(scope="module")
def stacks(stages: dict[str, dict[str, Any]], translated: Template) -> dict[str, Stack]:
    return {stage: deployed(translated, **overrides(stages[stage])) for stage in STAGES}


def overrides(settings: dict[str, Any]) -> dict[str, str]:
    return dict(each.split("=", 1) for each in settings["parameter_overrides"])


@pytest.mark.parametrize("stage", STAGES)
def test_overrides_are_allowed(
    stages: dict[str, dict[str, Any]], template: Template, stage: str
) -> None:
    for name, value in overrides(stages[stage]).items():
        assert allows(template["Parameters"][name], value), name


@pytest.mark.parametrize("stage", STAGES)
def test_stack_of_a_stage_can_be_made(stacks: dict[str, Stack], stage: str) -> None:
    """Every rule holds with the stage's own values, and every function can be resolved."""
    stack = stacks[stage]
    assert all(stack.accepts(rule) for rule in stack.template["Rules"])
    assert stack.outputs["ApiUrl"].endswith(f"/{stack.parameters['Stage']}/")


def test_stages_differ_in_what_they_keep_and_whom_they_serve(stacks: dict[str, Stack]) -> None:
    dev, prod = stacks["dev"], stacks["prod"]
    assert int(dev.parameters["LogRetentionDays"]) < int(prod.parameters["LogRetentionDays"])
    variables = [stack.environment("ApiFunction") for stack in (dev, prod)]
    assert variables[0]["MONGODB_DATABASE"] != variables[1]["MONGODB_DATABASE"]
    assert variables[1]["LOG_LEVEL"] == "INFO"
    assert "ApiKey" in prod.resources


@pytest.mark.parametrize("stage", STAGES)
def test_stack_is_deployed_near_the_exchange_without_named_roles(
    stages: dict[str, dict[str, Any]], stage: str
) -> None:
    assert stages[stage]["region"] == "ap-south-1"
    assert stages[stage]["capabilities"] == "CAPABILITY_IAM"
    assert stages[stage]["resolve_s3"] is True


def test_stages_are_stacks_of_their_own_and_a_change_of_production_is_confirmed(
    stages: dict[str, dict[str, Any]],
) -> None:
    assert len({settings["stack_name"] for settings in stages.values()}) == len(STAGES)
    assert stages["prod"]["confirm_changeset"] is True
