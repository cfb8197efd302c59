"""The state of this machine: tools, samconfig.toml and the build."""

import shutil
import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path

from local.preflight.observations import BuildState, Stage

# The numbers of the ELF format for the processors.
_PROCESSORS = {183: "arm64", 62: "x86_64"}
_MACHINE_AT, _MACHINE_ENDS = 18, 20
_SOURCES = ("functions", "layers")


class UnknownStage(Exception):
    """samconfig.toml has no such stage; the message names its stages."""


def stage_of(root: Path, name: str) -> Stage:
    """Read one stage of samconfig.toml; raise UnknownStage."""
    config = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    stages = [key for key, value in config.items() if isinstance(value, dict)]
    if name not in stages:
        raise UnknownStage(f"samconfig.toml has no stage {name!r}; it has {', '.join(stages)}")
    shared = config[name]["global"]["parameters"]
    given = config[name]["deploy"]["parameters"].get("parameter_overrides", [])
    overrides = dict(text.split("=", 1) for text in given)
    return Stage(name, shared["stack_name"], shared["region"], overrides)


def sam_command(root: Path) -> str | None:
    """Return the path of the SAM CLI: the project's own, else the one on PATH."""
    own = root / ".tools" / "sam" / "bin" / "sam"
    return str(own) if own.exists() else shutil.which("sam")


def build_state(root: Path) -> BuildState | None:
    """Return the build that `sam deploy` would upload; None where there is none."""
    folder = root / ".aws-sam" / "build"
    template = folder / "template.yaml"
    if not template.exists():
        return None
    built_at = template.stat().st_mtime
    newer = (path for path in _sources(root) if path.stat().st_mtime > built_at)
    outdated_by = next((str(path.relative_to(root)) for path in newer), None)
    return BuildState(_processor(folder / "DependenciesLayer"), outdated_by)


def _sources(root: Path) -> Iterator[Path]:
    yield root / "template.yaml"
    for folder in _SOURCES:
        files = sorted((root / folder).rglob("*"))
        yield from (path for path in files if path.is_file() and "__pycache__" not in path.parts)


def _processor(layer: Path) -> str:
    """Return the processor of a layer's compiled packages, by the first one found."""
    for library in sorted(layer.rglob("*.so")):
        with library.open("rb") as file:
            head = file.read(_MACHINE_ENDS)
        (number,) = struct.unpack("<H", head[_MACHINE_AT:])
        return _PROCESSORS.get(number, f"processor {number}")
    return "no processor"
