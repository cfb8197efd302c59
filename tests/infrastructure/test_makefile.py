"""The Makefile lists its targets, and the gate is one of them."""

import re
import subprocess
from pathlib import Path


def test_help_lists_every_target(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)
    shown = subprocess.run(
        ["make", "help"], cwd=root, capture_output=True, text=True, check=True, timeout=30
    )
    listed = re.findall(r"^  ([a-z0-9-]+) +\S", shown.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(" ".join(targets).split())


def test_ci_runs_the_gate_that_developers_run(root: Path) -> None:
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").rstrip().endswith("\nmake check")
