"""The report of a part of the audit, and how a scanner is run."""

import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_TOOLS = ROOT / ".tools"
_SECONDS = 240


class Report(NamedTuple):
    """The findings of a part, a line each; `not_done` is why it could not check everything."""

    findings: list[str]
    not_done: str = ""


class ToolResult(NamedTuple):
    """The exit code of a scanner, its output, and the last line of its errors."""

    code: int
    out: str
    complaint: str


def print_report(name: str, report: Report, *, required: bool) -> bool:
    """Print a part's report; return whether it fails the audit."""
    for finding in report.findings:
        print(f"  {finding}")
    if report.findings:
        print(f"{name}: {len(report.findings)} to fix")
    if report.not_done:
        print(f"{name}: NOT AUDITED: {report.not_done}")
    if not any(report):
        print(f"{name}: clean")
    return bool(report.findings) or (required and bool(report.not_done))


def run(tool: str, *words: object, folder: Path = ROOT) -> ToolResult:
    """Run a tool by its path under .tools, else by its name on the PATH."""
    own = _TOOLS / tool
    command = [str(own) if own.exists() else tool, *map(str, words)]
    try:
        ran = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return ToolResult(-1, "", f"{tool}: {error}")
    lines = ran.stderr.strip().splitlines()
    return ToolResult(
        ran.returncode, ran.stdout, lines[-1] if lines else f"{tool} printed no error"
    )
