"""The workflow of a fork runs the one gate and may only read the repository."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.browser.screens import SCREENSHOTS

type Workflow = dict[str, Any]


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def workflow(text: str) -> Workflow:
    # BaseLoader: in YAML 1.1 the key `on` would be the value true.
    loaded: Workflow = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


@pytest.fixture(scope="module")
def job(workflow: Workflow) -> Workflow:
    (only,) = workflow["jobs"].values()
    found: Workflow = only
    return found


def test_it_runs_the_gate_and_nothing_beside_it(job: Workflow, root: Path) -> None:
    """What CI judges, `make check` judges on any machine."""
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands == [".ci/run"]
    assert (root / commands[0]).is_file()


def test_it_runs_for_every_push_and_pull_request(workflow: Workflow) -> None:
    """Not pull_request_target, which would lend a stranger's code the repository's rights."""
    assert set(workflow["on"]) == {"push", "pull_request"}
    assert not any(workflow["on"].values())


def test_an_audit_that_cannot_look_fails_there(job: Workflow) -> None:
    (gate,) = (step for step in job["steps"] if "run" in step)
    assert gate["env"] == {"AUDIT": "required"}


def test_it_may_read_the_code_and_nothing_else(text: str, workflow: Workflow) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert text.count("permissions:") == 1
    assert "secrets." not in text


def test_a_newer_push_ends_an_older_run_and_none_runs_for_ever(
    workflow: Workflow, job: Workflow
) -> None:
    assert "github.ref" in workflow["concurrency"]["group"]
    assert workflow["concurrency"]["cancel-in-progress"] == "true"
    assert 0 < int(job["timeout-minutes"]) <= 60


def test_every_action_is_pinned_by_its_commit_and_names_its_version(text: str) -> None:
    used = re.findall(r"uses:.*", text)
    pinned = re.compile(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert used
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_python_is_the_version_of_the_functions(job: Workflow) -> None:
    (setup,) = (each for each in job["steps"] if "setup-python" in each.get("uses", ""))
    assert setup["with"] == {"python-version-file": ".python-version"}


def kept(step: Workflow) -> str:
    """Return the folder that a step uploads, hidden files included."""
    assert "upload-artifact" in step["uses"]
    assert step["with"]["include-hidden-files"] == "true"
    path: str = step["with"]["path"]
    return path


def test_what_would_be_deployed_is_kept(job: Workflow) -> None:
    """`make build` puts it where `sam deploy` looks."""
    step = job["steps"][-1]
    assert kept(step) == ".aws-sam/build"
    assert step["with"]["if-no-files-found"] == "error"


def test_what_the_page_looked_like_is_kept_of_a_failure_too(job: Workflow) -> None:
    """The browser tests put their pictures where `tests.browser.screens` says."""
    (step,) = (each for each in job["steps"] if each.get("with", {}).get("name") == "screenshots")
    assert kept(step) == str(SCREENSHOTS.relative_to(SCREENSHOTS.parents[1]))
    assert step["if"] == "always()"
