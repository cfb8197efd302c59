"""The template as CloudFormation gets it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.infrastructure.stack import Stack, Template, deployed


@pytest.fixture(scope="session")
def translated() -> Template:
    """The template as plain CloudFormation, which SAM makes of it."""
    python = ROOT / ".tools" / "sam" / "bin" / "python"
    if not python.exists():
        pytest.skip("SAM is not here: `make test` brings it")
    command = [python, Path(__file__).with_name("translate.py"), ROOT / "template.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: Template = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def stack(translated: Template) -> Stack:
    """The stack that a deployment without overrides makes."""
    return deployed(translated)
