"""samconfig.toml sets parameters that exist to values that are allowed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest


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
