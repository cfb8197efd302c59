"""What `make build` made is small, precompiled, for one processor, and holds no tools."""

import struct
from pathlib import Path

import pytest

MEGABYTE = 1_000_000
# The numbers of the ELF format for the processors.
MACHINES = {"build": 183, "x86_64": 62}
# Bit 0: the source's hash instead of its time; bit 1 would make Python compare it at start.
UNCHECKED_HASH = 0b01


@pytest.fixture(scope="module", params=MACHINES)
def artifact(request: pytest.FixtureRequest, root: Path) -> Path:
    folder: Path = root / ".aws-sam" / request.param
    if not (folder / "template.yaml").is_file():
        pytest.skip(f"not built: {folder.name}")
    return folder


def inside(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_all_parts_together_are_small(artifact: Path) -> None:
    size = sum(path.stat().st_size for path in artifact.rglob("*") if path.is_file())
    assert size <= 40 * MEGABYTE


def test_functions_hold_their_package_alone(artifact: Path) -> None:
    assert inside(artifact / "FetchFunction") == {"chain_fetch"}
    assert inside(artifact / "ApiFunction") == {"chain_api"}
    assert inside(artifact / "OptionChainLayer") == {"python"}
    assert inside(artifact / "OptionChainLayer" / "python") == {"optionchain"}


def test_layer_holds_no_tools_and_nothing_of_the_runtime(artifact: Path) -> None:
    names = inside(artifact / "DependenciesLayer" / "python")
    assert not names & {"bin", "boto3", "botocore", "s3transfer", "uvicorn", "pip", "numpy"}
    assert names >= {"pymongo", "fastapi", "pydantic_core", "orjson", "requests", "opengreeks"}
    assert not list(artifact.rglob("tests"))


def test_every_module_is_compiled_and_trusted_unread(artifact: Path) -> None:
    """A cold start compares neither the time nor the text of a source."""
    for source in artifact.rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        with compiled.open("rb") as file:
            (flags,) = struct.unpack("<4xI", file.read(8))
        assert flags == UNCHECKED_HASH, source


def test_compiled_modules_are_of_the_right_processor(artifact: Path) -> None:
    libraries = list(artifact.rglob("*.so"))
    assert libraries
    for library in libraries:
        with library.open("rb") as file:
            (machine,) = struct.unpack("<18xH", file.read(20))
        assert machine == MACHINES[artifact.name], library
