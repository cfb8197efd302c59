"""The build of this machine's processor, and the tools that run it here."""

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
# AWS's name of each processor, by Python's name.
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}
# The functions, by their names in template.yaml.
FETCH, API, ARCHIVE = "FetchFunction", "ApiFunction", "ArchiveFunction"


class RuntimeUnavailable(Exception):
    """The built functions cannot run here; the message says what is missing."""


@dataclass(frozen=True)
class BuiltFunction:
    """A function as the built template describes it.

    `path` has the folders that Python imports from, the function's own first. `env` has the
    variables that name no resource of AWS. `timeout` in seconds, `memory` in MB.
    """

    name: str
    handler: str
    path: tuple[Path, ...]
    timeout: int
    memory: int
    env: Mapping[str, str]


@dataclass(frozen=True)
class Artifact:
    """A build with its template, the emulator, and a Python with Lambda's runtime client."""

    folder: Path
    template: Mapping[str, Any]
    emulator: Path
    python: Path

    def function(self, name: str) -> BuiltFunction:
        """Return a function by its name in the template."""
        shared = self.template["Globals"]["Function"]
        properties = self.template["Resources"][name]["Properties"]
        named = (self._layer(each) for each in (*shared["Layers"], *properties.get("Layers", ())))
        layers = (self.folder / layer / "python" for layer in named)
        variables = shared["Environment"]["Variables"] | properties["Environment"]["Variables"]
        return BuiltFunction(
            name=name,
            handler=properties["Handler"],
            path=(self.folder / properties["CodeUri"], *layers),
            timeout=int(self._text(properties["Timeout"])),
            memory=int(self._text(properties["MemorySize"])),
            env={key: text for key, value in variables.items() if (text := self._text(value))},
        )

    @property
    def routes(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Return the OpenAPI operation of each of the API's routes by method and path."""
        return {
            (method.upper(), path): operation
            for path, operations in self._openapi["paths"].items()
            for method, operation in operations.items()
        }

    @property
    def gateway_responses(self) -> Mapping[str, Any]:
        """Return the gateway responses, from the file that the template includes."""
        included = self._openapi["x-amazon-apigateway-gateway-responses"]["Fn::Transform"]
        file = self.folder / included["Parameters"]["Location"]
        found: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        return found

    @property
    def _openapi(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = self.template["Resources"]["Api"]["Properties"]["DefinitionBody"]
        return body

    @staticmethod
    def _layer(value: Mapping[str, Any]) -> str:
        """Return the name of a layer, which is the first way of a condition where it has one."""
        _, found, _ = value.get("Fn::If", (None, value, None))
        return str(found["Ref"])

    def _text(self, value: object) -> str:
        """Return a value as text: of a parameter its default, of other references nothing."""
        if isinstance(value, dict):
            value = self.template["Parameters"].get(value.get("Ref"), {}).get("Default", "")
        return str(value)


def find_artifact(architecture: str | None = None) -> Artifact:
    """Return the build for this machine; raise RuntimeUnavailable with what is missing."""
    architecture = architecture or architecture_here()
    folder = ROOT / ".aws-sam" / ("build" if architecture == "arm64" else architecture)
    suffix = f"samcli/local/rapid/aws-lambda-rie-{architecture}"
    emulator = next((ROOT / ".tools/sam/lib").glob(f"python3*/site-packages/{suffix}"), Path())
    python = ROOT / ".tools/lambda/bin/python"
    for path, made_by in (
        (folder / "template.yaml", f"make build ARCH={architecture}"),
        (emulator, "make .tools/sam/bin/sam"),
        (python, "make .tools/lambda/bin/python"),
    ):
        if not path.is_file():
            raise RuntimeUnavailable(f"{path.name} is not here: {made_by}")
    text = (folder / "template.yaml").read_text(encoding="utf-8")
    return Artifact(folder, yaml.safe_load(text), emulator, python)


def architecture_here() -> str:
    """Return AWS's name of this machine's processor; raise RuntimeUnavailable where it has none."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES:
        raise RuntimeUnavailable(f"Lambda's emulator is for Linux, not {sys.platform} on {machine}")
    return _ARCHITECTURES[machine]
