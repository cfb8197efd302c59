"""The template as CloudFormation gets it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.infrastructure.stack import Changes, Stack, Template, Translate, deployed


@pytest.fixture(scope="session")
def translate() -> Translate:
    """The translation of the template with some properties changed, by resource."""
    python = ROOT / ".tools" / "sam" / "bin" / "python"
    if not python.exists():
        pytest.skip("SAM is not here: `make test` brings it")

    def run(changes: Changes) -> Template:
        script = Path(__file__).with_name("translate.py")
        command = [str(each) for each in (python, script, ROOT / "template.yaml")]
        command.append(json.dumps(changes))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        found: Template = json.loads(done.stdout)
        return found

    return run


@pytest.fixture(scope="session")
def translated(translate: Translate) -> Template:
    """The template as plain CloudFormation, which SAM makes of it."""
    return translate({})


@pytest.fixture(scope="session")
def stack(translated: Template) -> Stack:
    """The stack that a deployment without overrides makes."""
    return deployed(translated)
