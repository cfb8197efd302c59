"""The Makefile lists its targets, and the gate is one of them."""

import re
import subprocess

from tests.conftest import ROOT
from tests.infrastructure.files import text_of


def test_help_lists_every_target() -> None:
    targets = re.findall(r"^\.PHONY:(.*)$", text_of("Makefile"), re.MULTILINE)
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    listed = re.findall(r"^  ([a-z0-9-]+) +\S", shown.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(" ".join(targets).split())


def test_ci_runs_the_gate_that_developers_run() -> None:
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert text_of(".ci/run").rstrip().endswith("\nmake check")
