"""The files that a deployment is made of, as values."""

from pathlib import Path
from typing import Any

import pytest
import yaml


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
