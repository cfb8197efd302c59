"""README.md and docs/ name only what exists, and leave out nothing that a user must find there."""

import json
import re
from ast import literal_eval
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from chain_api.problems.catalogue import _TITLES
from chain_fetch.recording.reports.telemetry import _COUNTS, _DURATIONS, _OUTCOME_METRICS
from local.costs.__main__ import main as print_costs
from tests.conftest import ROOT
from tests.infrastructure.files import text_of
from tests.infrastructure.runbook import runbook_name

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
HOOKS = ROOT / ".pre-commit-config.yaml"
# A path in the repository, wherever it stands in a text.
PATH = re.compile(
    r"(?<![\w./-])((?:functions|layers|local|tests|docs|events|findings|\.github|\.ci)/[\w./-]*)"
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


def anchors(document: Path) -> set[str]:
    """Return the anchors that a Markdown page gives its headings; what is code has none."""
    prose = "".join(re.split(r"^ *```", text_of(document), flags=re.MULTILINE)[::2])
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_document
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for link in LINK.findall(text_of(document)):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@every_document
def test_every_path_exists(document: Path) -> None:
    missing = [path for path in PATH.findall(text_of(document)) if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("document", [*DOCUMENTS, HOOKS], ids=name_of)
def test_every_make_target_exists(document: Path) -> None:
    targets = " ".join(re.findall(r"^\.PHONY:(.*)$", text_of("Makefile"), re.MULTILINE)).split()
    # In code alone: "make" is a word of every sentence's language too.
    code = re.findall(r"`[^`\n]+`|^(?: *|.*entry: )make .*$", text_of(document), re.MULTILINE)
    named = re.findall(r"\bmake (?:--silent )?([a-z0-9-]+)", "\n".join(code))
    assert set(named) <= set(targets)


@every_document
def test_every_module_that_is_run_exists(document: Path) -> None:
    modules = re.findall(r"python -m ((?:local|tests)[\w.]*)", text_of(document))
    assert [name for name in modules if find_spec(f"{name}.__main__") is None] == []


@every_document
def test_every_block_of_code_ends(document: Path) -> None:
    """Where one does not, all that follows is shown as code, and the code as text."""
    fences = re.findall(r"^ *```(.*)$", text_of(document), re.MULTILINE)
    assert len(fences) % 2 == 0
    assert not any(fences[1::2])


def test_readme_is_read_in_five_minutes() -> None:
    assert len(text_of("README.md").splitlines()) <= 200


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        reached.add(document)
        files = (link.partition("#")[0] for link in LINK.findall(text_of(document)))
        links = {(document.parent / file).resolve() for file in files if file.endswith(".md")}
        waiting += links - reached
    assert set(DOCUMENTS) <= reached


def test_every_setting_is_described_with_its_default() -> None:
    settings = json.loads(text_of("tests/infrastructure/public_surface.json"))["settings"]
    rows = re.findall(r"^\| `([A-Z_]+)` \|(.*?)\|", text_of("docs/operations.md"), re.MULTILINE)
    assert {name: default.strip(" `") for name, default in rows} == {
        name: ",".join(default) if isinstance(default, tuple) else str(default or "")
        for name, default in ((name, literal_eval(text)) for name, text in settings.items())
    }


def test_every_route_is_described() -> None:
    paths = json.loads(text_of("functions/api/openapi.json"))["paths"]
    routes = {f"{method.upper()} {path}" for path, ways in paths.items() for method in ways}
    described = set(re.findall(r"`((?:GET|POST) /[^`?]*)(?:\?[^`]*)?`", text_of("docs/api.md")))
    asked = {f"GET /option-chain/{{symbol}}/{name}" for name in ("strikes", "expiry-dates")}
    assert routes <= described | asked


def test_every_problem_is_described() -> None:
    described = set(re.findall(r"`([a-z-]+)`", text_of("docs/api.md")))
    assert set(_TITLES) <= described


def test_every_metric_is_described() -> None:
    folders = ("functions/fetch/chain_fetch", "functions/archive/chain_archive")
    code = "".join(path.read_text() for each in folders for path in (ROOT / each).rglob("*.py"))
    reported = re.findall(r"(?:count|add_metric|_report)\(\s*\"([A-Z]\w+)\"", code)
    of_ticks = [name for each in (_OUTCOME_METRICS, _COUNTS, _DURATIONS) for name in each.values()]
    assert len(reported) > 25
    described = set(re.findall(r"`([A-Z]\w+)`", text_of("docs/operations.md")))
    assert {*reported, *of_ticks} <= described


def test_every_collection_is_described() -> None:
    surface = json.loads(text_of("tests/infrastructure/public_surface.json"))
    names = {*(name for name, *_ in surface["indexes"]), *surface["collections_without_indexes"]}
    described = re.findall(r"^\| `([a-z_]+)` \|", text_of("docs/api.md"), re.MULTILINE)
    assert names <= set(described)


def test_every_alarm_is_in_the_runbook() -> None:
    named = r"AlarmName: !Sub\s+(?:- )?\${AWS::StackName}-(\S+)"
    alarms = [runbook_name(name) for name in re.findall(named, text_of("template.yaml"))]
    assert len(alarms) == text_of("template.yaml").count("Type: AWS::CloudWatch::Alarm") > 0
    assert [name for name in alarms if f"`{name}`" not in text_of("docs/operations.md")] == []


def test_every_decision_is_in_the_list_by_its_number() -> None:
    folder = ROOT / "docs" / "decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    listed = re.findall(r"\]\((0[^)]+)\)", text_of(folder / "README.md"))
    assert listed == files
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    for name in files:
        assert text_of(folder / name).startswith(f"# {name[:4]}. ")


def test_costs_are_those_that_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    print_costs([])
    assert capsys.readouterr().out in text_of("docs/operations.md")


def test_every_finding_is_in_the_list_and_can_be_run() -> None:
    for script in (ROOT / "findings").iterdir():
        assert f"`findings/{script.name}`" in text_of("docs/development.md")
        assert script.stat().st_mode & 0o111


def test_hooks_call_make_and_download_nothing() -> None:
    (repository,) = yaml.safe_load(text_of(HOOKS))["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert re.fullmatch(r"make --silent [a-z]+", hook["entry"])
