"""The files that a deployment is made of, as values."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infrastructure.stack import Stack, Template, deployed


class CloudFormationLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, which become their long ones: `!Ref x`, `Ref: x`."""


def _intrinsic(loader: CloudFormationLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    else:
        assert isinstance(node, yaml.SequenceNode), f"!{name} of a mapping is not understood here"
        value = loader.construct_sequence(node, deep=True)
    if name == "GetAtt":
        value = value.split(".", 1)
    return {name if name == "Ref" else f"Fn::{name}": value}


CloudFormationLoader.add_multi_constructor("!", _intrinsic)


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def template(root: Path) -> Template:
    """template.yaml as it is written."""
    text = (root / "template.yaml").read_text(encoding="utf-8")
    loaded: Template = yaml.load(text, Loader=CloudFormationLoader)
    return loaded


@pytest.fixture(scope="session")
def operations(template: Template) -> dict[tuple[str, str], Template]:
    """The operations of the API by method and path, as API Gateway gets them."""
    paths = template["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
    return {
        (method, path): operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


@pytest.fixture(scope="session")
def translated(root: Path) -> Template:
    """The template as plain CloudFormation, which SAM makes of it."""
    python = root / ".tools" / "sam" / "bin" / "python"
    if not python.exists():
        pytest.skip("SAM is not here: `make test` brings it")
    command = [python, Path(__file__).with_name("translate.py"), root / "template.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: Template = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def stack(translated: Template) -> Stack:
    """The stack that a deployment without overrides makes."""
    return deployed(translated)
