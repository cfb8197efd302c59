"""samconfig.toml sets parameters that exist to values that are allowed."""

import tomllib
from typing import Any

import pytest

from tests.infrastructure.files import text_of
from tests.infrastructure.stack import Stack, Template, allows, deployed

CONFIG = tomllib.loads(text_of("samconfig.toml"))
# The settings of a deployment of each stage.
STAGES: dict[str, dict[str, Any]] = {
    stage: CONFIG[stage]["global"]["parameters"] | CONFIG[stage]["deploy"]["parameters"]
    for stage in ("default", "dev", "prod")
}


def stack_of(stage: str, template: Template) -> Stack:
    overrides = dict(each.split("=", 1) for each in STAGES[stage]["parameter_overrides"])
    for name, value in overrides.items():
        assert allows(template["Parameters"][name], value), name
    return deployed(template, **overrides)


@pytest.mark.parametrize("stage", STAGES)
def test_stack_of_a_stage_can_be_made(translated: Template, stage: str) -> None:
    """Every rule holds with the stage's own values, and every function can be resolved."""
    stack = stack_of(stage, translated)
    assert all(stack.accepts(rule) for rule in stack.template["Rules"])
    assert stack.outputs["ApiUrl"].endswith(f"/{stack.parameters['Stage']}/")


def test_stages_differ_in_what_they_keep_and_whom_they_serve(translated: Template) -> None:
    dev, prod = stack_of("dev", translated), stack_of("prod", translated)
    assert int(dev.parameters["LogRetentionDays"]) < int(prod.parameters["LogRetentionDays"])
    variables = [stack.environment("ApiFunction") for stack in (dev, prod)]
    assert variables[0]["MONGODB_DATABASE"] != variables[1]["MONGODB_DATABASE"]
    assert variables[1]["LOG_LEVEL"] == "INFO"
    assert "ApiKey" in prod.resources


def test_stages_are_stacks_near_the_exchange_without_named_roles() -> None:
    for settings in STAGES.values():
        assert settings["region"] == "ap-south-1"
        assert settings["capabilities"] == "CAPABILITY_IAM"
        assert settings["resolve_s3"] is True
    assert len({settings["stack_name"] for settings in STAGES.values()}) == len(STAGES)
    assert STAGES["prod"]["confirm_changeset"] is True
