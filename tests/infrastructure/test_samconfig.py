"""samconfig.toml sets parameters that exist to values that are allowed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.stack import deployed


def deployment(root: Path, stage: str) -> dict[str, Any]:
    config = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    shared: dict[str, Any] = config[stage]["global"]["parameters"]
    own: dict[str, Any] = config[stage]["deploy"]["parameters"]
    return shared | own


def is_allowed(parameter: dict[str, Any], value: str) -> bool:
    if allowed := parameter.get("AllowedValues"):
        return value in map(str, allowed)
    if pattern := parameter.get("AllowedPattern"):
        return re.fullmatch(pattern, value) is not None
    return bool(parameter["MinValue"] <= int(value) <= parameter["MaxValue"])


@pytest.mark.parametrize("stage", ["default", "dev", "prod"])
def test_overrides_are_allowed(root: Path, template: dict[str, Any], stage: str) -> None:
    for override in deployment(root, stage)["parameter_overrides"]:
        name, value = override.split("=")
        assert is_allowed(template["Parameters"][name], value), override


def overrides(root: Path, stage: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in deployment(root, stage)["parameter_overrides"])


@pytest.mark.parametrize("stage", ["default", "dev", "prod"])
def test_stack_of_a_stage_can_be_made(root: Path, translated: dict[str, Any], stage: str) -> None:
    """Every condition and rule holds with the stage's own values, and nothing is left over."""
    stack = deployed(translated, **overrides(root, stage))
    assert all(stack.accepts(rule) for rule in translated["Rules"])
    assert stack.outputs["ApiUrl"].endswith(f"/{overrides(root, stage)['Stage']}/")


def test_stages_differ_in_what_they_keep_and_whom_they_serve(
    root: Path, translated: dict[str, Any]
) -> None:
    dev, prod = (deployed(translated, **overrides(root, stage)) for stage in ("dev", "prod"))
    kept = {
        name: {
            int(each["RetentionInDays"]) for each in stack.of_type("AWS::Logs::LogGroup").values()
        }
        for name, stack in (("dev", dev), ("prod", prod))
    }
    assert max(kept["dev"]) < min(kept["prod"])
    databases = {stack.environment("ApiFunction")["MONGODB_DATABASE"] for stack in (dev, prod)}
    assert len(databases) == 2
    assert "ApiKey" in prod.resources
    assert prod.environment("ApiFunction")["LOG_LEVEL"] == "INFO"


@pytest.mark.parametrize("stage", ["default", "dev", "prod"])
def test_stack_is_deployed_near_the_exchange_without_named_roles(root: Path, stage: str) -> None:
    values = deployment(root, stage)
    assert values["region"] == "ap-south-1"
    assert values["capabilities"] == "CAPABILITY_IAM"
    assert values["resolve_s3"] is True


def test_stages_are_stacks_of_their_own(root: Path) -> None:
    names = {deployment(root, stage)["stack_name"] for stage in ("default", "dev", "prod")}
    assert len(names) == 3


def test_change_of_production_is_confirmed(root: Path) -> None:
    assert deployment(root, "prod")["confirm_changeset"] is True
