"""Compares the pinned packages with published advisories."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.audit.report import Report, run

# A release with many published faults. A service that knows none of them has no advisories: some
# mirrors of the registry leave them out, and everything would look clean.
CANARY = "django"
_CANARY_PIN = f"{CANARY}==2.0.0"
# Accepted advisories, each with its reason and an end date.
_ACCEPTED: tuple[str, ...] = ()


def dependencies(requirements: Path, *options: str) -> Report:
    """Audit every pin of a requirements file."""
    with TemporaryDirectory() as folder:
        listing = Path(folder) / "requirements.txt"
        # Only the installer needs hashes. The canary is never installed.
        listing.write_text("\n".join([*_pins(requirements), _CANARY_PIN]), encoding="utf-8")
        accepted = [word for name in _ACCEPTED for word in ("--ignore-vuln", name)]
        command = ["audit/bin/pip-audit", "--requirement", str(listing), "--no-deps"]
        command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
        ran = run(*command, *accepted, *options)
    if not ran.out.strip():
        return Report([], ran.complaint)
    return report_of(json.loads(ran.out)["dependencies"])


def report_of(packages: Iterable[Mapping[str, Any]]) -> Report:
    """Return the report of pip-audit's results; pip-audit itself ignores unknown packages."""
    known = {each["name"]: each for each in packages}
    canary = known.pop(CANARY, {})
    if not canary.get("vulns"):
        why = canary.get("skip_reason", "it has many faults, but none was found")
        return Report([], f"no advisories can be reached ({_CANARY_PIN}: {why})")
    findings = [
        f"{name} {each['version']}: {fault['id']}, mended in {_versions(fault)}"
        for name, each in sorted(known.items())
        for fault in each.get("vulns", ())
    ]
    skipped = sorted(name for name, each in known.items() if "skip_reason" in each)
    return Report(findings, f"no advisory service knows {', '.join(skipped)}" if skipped else "")


def _pins(requirements: Path) -> list[str]:
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return [line.rstrip(" \\") for line in lines if "==" in line and not line.startswith("#")]


def _versions(fault: Mapping[str, Any]) -> str:
    return " or ".join(fault.get("fix_versions") or ["no version yet"])
