"""What checks the page's scripts is pinned, from any registry, and knows the library they use."""

import json
import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "local" / "javascript"


def test_lock_names_versions_and_digests_but_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    (own,) = (each for name, each in packages.items() if not name)
    installed = [each for name, each in packages.items() if name]
    assert (
        own["devDependencies"]
        == json.loads((folder / "package.json").read_text("utf-8"))["devDependencies"]
    )
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in own["devDependencies"].values())
    assert all({"version", "integrity"} <= set(each) for each in installed)
    assert not any("resolved" in each for each in installed)


def test_types_are_of_the_chart_library_that_is_served(root: Path, folder: Path) -> None:
    version = json.loads((folder / "package.json").read_text("utf-8"))["devDependencies"]["uplot"]
    vendored = root / "functions/api/chain_api/dashboard/vendor/uplot/README.md"
    assert vendored.read_text("utf-8").startswith(f"# uPlot {version}\n")
