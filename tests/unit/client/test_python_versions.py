"""The client runs on every Python that it says it runs on."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "clients" / "python"
MODULES = sorted((FOLDER / "optionchain_client").glob("*.py"))


def oldest() -> tuple[int, int]:
    """Return the oldest version of Python that the package allows."""
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    match = re.fullmatch(r">=(\d+)\.(\d+)", project["requires-python"])
    assert match
    return int(match[1]), int(match[2])


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module_is_of_the_oldest_python(module: Path) -> None:
    assert ast.parse(module.read_text(), feature_version=oldest())


def test_the_version_before_cannot_read_it() -> None:
    """So the bound is no guess; and the test above would notice newer syntax."""
    before = oldest()[0], oldest()[1] - 1
    (dates,) = (module for module in MODULES if module.name == "dates.py")
    with pytest.raises(SyntaxError):
        ast.parse(dates.read_text(), feature_version=before)
