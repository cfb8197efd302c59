"""The release of a deployment: which build it is of, with which parameters.

SAM publishes a new version of a function only where the text of the template has changed. The
values of parameters are not in it. So a deployment writes a hash of both into the built template,
where SAM looks for AutoPublishCodeSha256.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import yaml

FUNCTIONS = ("FetchFunction", "ApiFunction", "ArchiveFunction")
_PROPERTY = "AutoPublishCodeSha256"
_TEMPLATE = "template.yaml"


def release_of(build: Path, parameters: Mapping[str, str]) -> str:
    """Return the release of a build with parameters: the same for the same content, in hex."""
    digest = hashlib.sha256()
    for path in sorted(path for path in build.rglob("*") if path.is_file()):
        content = _unstamped(path) if path == build / _TEMPLATE else path.read_bytes()
        digest.update(f"{path.relative_to(build)} {len(content)}\n".encode() + content)
    for name, value in sorted(parameters.items()):
        digest.update(f"{name}={value}\n".encode())
    return digest.hexdigest()


def stamp(build: Path, release: str) -> None:
    """Write a release into every function of a built template."""
    template = yaml.safe_load((build / _TEMPLATE).read_text(encoding="utf-8"))
    for name in FUNCTIONS:
        template["Resources"][name]["Properties"][_PROPERTY] = release
    text = yaml.safe_dump(template, sort_keys=False)
    (build / _TEMPLATE).write_text(text, encoding="utf-8")


def _unstamped(path: Path) -> bytes:
    template = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in FUNCTIONS:
        template["Resources"][name]["Properties"].pop(_PROPERTY, None)
    return yaml.safe_dump(template, sort_keys=False).encode()
