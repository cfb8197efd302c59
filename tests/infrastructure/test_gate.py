"""The gate is one `make` target, and the workflow of a fork runs it and may only read the code."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.browser.screens import SCREENSHOTS
from tests.conftest import ROOT
from tests.infrastructure.files import text_of

type Workflow = dict[str, Any]

TEXT = text_of(".github/workflows/ci.yml")
# BaseLoader: in YAML 1.1 the key `on` would be the value true.
WORKFLOW: Workflow = yaml.load(TEXT, Loader=yaml.BaseLoader)


@pytest.fixture
def job() -> Workflow:
    (only,) = WORKFLOW["jobs"].values()
    found: Workflow = only
    return found


def test_it_runs_the_gate_and_nothing_beside_it(job: Workflow) -> None:
    """What CI judges, `make check` judges on any machine. An audit that cannot look fails here."""
    (gate,) = (step for step in job["steps"] if "run" in step)
    assert gate["run"] == ".ci/run"
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert text_of(".ci/run").rstrip().endswith("\nmake check")
    assert gate["env"] == {"AUDIT": "required"}


def test_it_runs_for_every_push_and_pull_request() -> None:
    """Not pull_request_target, which would lend a stranger's code the repository's rights."""
    assert set(WORKFLOW["on"]) == {"push", "pull_request"}
    assert not any(WORKFLOW["on"].values())


def test_it_may_read_the_code_and_nothing_else() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert TEXT.count("permissions:") == 1
    assert "secrets." not in TEXT


def test_a_newer_push_ends_an_older_run_and_none_runs_for_ever(job: Workflow) -> None:
    assert "github.ref" in WORKFLOW["concurrency"]["group"]
    assert WORKFLOW["concurrency"]["cancel-in-progress"] == "true"
    assert 0 < int(job["timeout-minutes"]) <= 60


def test_every_action_is_pinned_by_its_commit_and_names_its_version() -> None:
    used = re.findall(r"uses:.*", TEXT)
    pinned = re.compile(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert used
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_python_is_the_version_of_the_functions(job: Workflow) -> None:
    (setup,) = (each for each in job["steps"] if "setup-python" in each.get("uses", ""))
    assert setup["with"] == {"python-version-file": ".python-version"}


def test_it_keeps_what_would_be_deployed_and_the_screenshots_of_a_failure_too(
    job: Workflow,
) -> None:
    """`make build` and `tests.browser.screens` say where both are."""
    (shots,) = (each for each in job["steps"] if each.get("with", {}).get("name") == "screenshots")
    build = job["steps"][-1]
    assert shots["if"] == "always()"
    assert build["with"]["if-no-files-found"] == "error"
    pictures = str(SCREENSHOTS.relative_to(SCREENSHOTS.parents[1]))
    for step, path in ((shots, pictures), (build, ".aws-sam/build")):
        assert "upload-artifact" in step["uses"]
        assert step["with"]["include-hidden-files"] == "true"
        assert step["with"]["path"] == path


def test_help_lists_every_target() -> None:
    targets = re.findall(r"^\.PHONY:(.*)$", text_of("Makefile"), re.MULTILINE)
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    listed = re.findall(r"^  ([a-z0-9-]+) +\S", shown.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(" ".join(targets).split())
