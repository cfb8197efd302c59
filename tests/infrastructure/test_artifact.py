"""What `make build` made is small, precompiled, for one processor, and holds no tools."""

import struct
from pathlib import Path

import pytest

from tests.conftest import ROOT

MEGABYTE = 1_000_000
# The numbers of the ELF format for the processors.
MACHINES = {"build": 183, "x86_64": 62}
# Bit 0: the source's hash instead of its time; bit 1 would make Python compare it at start.
UNCHECKED_HASH = 0b01


@pytest.fixture(scope="module", params=MACHINES)
def artifact(request: pytest.FixtureRequest) -> Path:
    folder: Path = ROOT / ".aws-sam" / request.param
    if not (folder / "template.yaml").is_file():
        pytest.skip(f"not built: {folder.name}")
    return folder


def number_in(file: Path, place: str) -> int:
    """Return the number at a place of a binary file."""
    with file.open("rb") as opened:
        (number,) = struct.unpack(place, opened.read(struct.calcsize(place)))
    return int(number)


def test_all_parts_together_are_small(artifact: Path) -> None:
    size = sum(path.stat().st_size for path in artifact.rglob("*") if path.is_file())
    assert size <= 40 * MEGABYTE


def test_parts_hold_their_packages_and_no_tools(artifact: Path) -> None:
    def inside(folder: str) -> set[str]:
        return {path.name for path in (artifact / folder).iterdir()}

    assert inside("FetchFunction") == {"chain_fetch"}
    assert inside("ApiFunction") == {"chain_api"}
    assert inside("OptionChainLayer") == {"python"}
    assert inside("OptionChainLayer/python") == {"optionchain"}
    names = inside("DependenciesLayer/python")
    assert not names & {"bin", "boto3", "botocore", "s3transfer", "uvicorn", "pip", "numpy"}
    assert names >= {"pymongo", "fastapi", "pydantic_core", "orjson", "requests", "opengreeks"}
    assert not list(artifact.rglob("tests"))


def test_every_module_is_compiled_and_its_source_is_not_compared_at_a_start(artifact: Path) -> None:
    for source in artifact.rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert number_in(compiled, "<4xI") == UNCHECKED_HASH, source


def test_compiled_libraries_are_of_the_right_processor(artifact: Path) -> None:
    libraries = list(artifact.rglob("*.so"))
    assert libraries
    for library in libraries:
        assert number_in(library, "<18xH") == MACHINES[artifact.name], library
