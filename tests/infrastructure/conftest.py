"""The files that a deployment is made of, as values."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infrastructure.stack import Stack, deployed


class CloudFormationLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, which become their long ones: `!Ref x`, `Ref: x`."""


def _intrinsic(loader: CloudFormationLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise TypeError(f"!{name} of a mapping is not understood here")
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


CloudFormationLoader.add_multi_constructor("!", _intrinsic)


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def template(root: Path) -> dict[str, Any]:
    text = (root / "template.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=CloudFormationLoader)
    return loaded


@pytest.fixture(scope="session")
def routes(template: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The properties of each route of the API by method and path."""
    events = template["Resources"]["ApiFunction"]["Properties"]["Events"].values()
    return {
        (event["Properties"]["Method"], event["Properties"]["Path"]): event["Properties"]
        for event in events
    }


@pytest.fixture(scope="session")
def translated(root: Path) -> dict[str, Any]:
    """The template as plain CloudFormation, which SAM makes of it."""
    python = root / ".tools" / "sam" / "bin" / "python"
    if not python.exists():
        pytest.skip("SAM is not here: `make test` brings it")
    command = [python, Path(__file__).with_name("translate.py"), root / "template.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def stack(translated: dict[str, Any]) -> Stack:
    """The stack that a deployment without overrides makes."""
    return deployed(translated)
