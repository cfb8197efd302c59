"""What `make build` made is small, precompiled, for one processor, and holds no tools."""

import struct
from pathlib import Path

import pytest
import yaml

from local.lambda_emulator.artifact import Artifact
from tests.conftest import ROOT

MEGABYTE = 1_000_000
# The numbers of the ELF format for the processors.
MACHINES = {"build": 183, "x86_64": 62}
# Bit 0: the source's hash instead of its time; bit 1 would make Python compare it at start.
UNCHECKED_HASH = 0b01
# The parts of each function, and the megabytes that they may have together. Lambda allows 250.
SHARED = ("DependenciesLayer", "OptionChainLayer")
MOST = {
    ("FetchFunction", *SHARED): 40,
    ("ApiFunction", *SHARED, "ArchiveLayer"): 150,
    ("ArchiveFunction", *SHARED, "ArchiveLayer"): 150,
}


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


@pytest.mark.parametrize("parts", MOST, ids=lambda parts: parts[0])
def test_function_with_its_layers_is_small(artifact: Path, parts: tuple[str, ...]) -> None:
    files = (path for part in parts for path in (artifact / part).rglob("*"))
    size = sum(path.stat().st_size for path in files if path.is_file())
    assert 0 < size <= MOST[parts] * MEGABYTE


def test_function_has_the_layers_that_are_counted(artifact: Path) -> None:
    template = yaml.safe_load((artifact / "template.yaml").read_text(encoding="utf-8"))
    built = Artifact(artifact, template, Path(), Path())
    for name, *layers in MOST:
        path = [str(each.relative_to(artifact)) for each in built.function(name).path]
        assert path == [name, *(f"{layer}/python" for layer in layers)]


def test_parts_hold_their_packages_and_no_tools(artifact: Path) -> None:
    def inside(folder: str) -> set[str]:
        return {path.name for path in (artifact / folder).iterdir()}

    assert inside("FetchFunction") == {"chain_fetch"}
    assert inside("ApiFunction") == {"chain_api"}
    assert inside("ArchiveFunction") == {"chain_archive"}
    assert inside("OptionChainLayer") == {"python"}
    assert inside("OptionChainLayer/python") == {"optionchain"}
    names, of_archive = inside("DependenciesLayer/python"), inside("ArchiveLayer/python")
    assert of_archive >= {"arro3", "duckdb"}
    assert not names & of_archive
    for tools in (names, of_archive):
        assert not tools & {"bin", "boto3", "botocore", "s3transfer", "uvicorn", "pip", "numpy"}
        assert not tools & {"pyarrow", "polars", "datafusion", "pandas"}
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
