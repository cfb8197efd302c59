"""A deployment publishes a version for whatever has changed: code, a layer, a parameter."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from local.preflight.release import FUNCTIONS, release_of, stamp

PARAMETERS = {"Symbols": "NIFTY", "Stage": "prod"}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    functions = {name: {"Properties": {"CodeUri": name}} for name in FUNCTIONS}
    text = yaml.safe_dump({"Resources": functions | {"Api": {"Properties": {}}}})
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    for name in (*FUNCTIONS, "OptionChainLayer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "code.py").write_text(name, encoding="utf-8")
    return tmp_path


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


CHANGES: list[Callable[[Path], object]] = [
    lambda build: rewrite(build / "FetchFunction" / "code.py", "Fetch", "fetch"),
    lambda build: rewrite(build / "OptionChainLayer" / "code.py", "Layer", "layer"),
    lambda build: (build / "OptionChainLayer" / "code.py").rename(build / "OptionChainLayer" / "b"),
    lambda build: rewrite(build / "template.yaml", "CodeUri: ApiFunction", "CodeUri: Api"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_changed_build_is_another_release(build: Path, change: Callable[[Path], object]) -> None:
    before = release_of(build, PARAMETERS)
    change(build)
    assert release_of(build, PARAMETERS) != before


def test_changed_parameter_is_another_release(build: Path) -> None:
    releases = {
        release_of(build, parameters)
        for parameters in (PARAMETERS, {**PARAMETERS, "Symbols": "IDEA"}, {"Stage": "prod"}, {})
    }
    assert len(releases) == 4


def test_release_is_in_every_function_and_stays_the_same(build: Path) -> None:
    """To deploy the same once more publishes nothing."""
    release = release_of(build, PARAMETERS)
    stamp(build, release)
    template = yaml.safe_load((build / "template.yaml").read_text(encoding="utf-8"))
    stamped = {
        name: each["Properties"].get("AutoPublishCodeSha256")
        for name, each in template["Resources"].items()
    }
    assert stamped == {**dict.fromkeys(FUNCTIONS, release), "Api": None}
    assert release_of(build, dict(reversed(PARAMETERS.items()))) == release
