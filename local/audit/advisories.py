"""Pinned packages against the advisories that were published about them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.audit.report import Report, run

# A release with many published faults. Who finds none in it has no advisories: a mirror of the
# registry, for one, often leaves them out, and would call everything clean.
CANARY = "django"
_CANARY_PIN = f"{CANARY}==2.0.0"
# Advisories that we live with, each with its reason and until when.
_ACCEPTED: tuple[str, ...] = ()


def dependencies(requirements: Path, *options: str) -> Report:
    """Audit every pin of a requirements file."""
    with TemporaryDirectory() as folder:
        listing = Path(folder) / "requirements.txt"
        # Hashes are the installer's business, and the canary is never installed.
        listing.write_text("\n".join([*_pins(requirements), _CANARY_PIN]), encoding="utf-8")
        accepted = [word for name in _ACCEPTED for word in ("--ignore-vuln", name)]
        ran = run(
            *("audit/bin/pip-audit", "--requirement", listing, "--no-deps", "--disable-pip"),
            *("--format", "json", "--progress-spinner", "off", *accepted, *options),
        )
    if not ran.out.strip():
        return Report([], ran.complaint)
    return report_of(json.loads(ran.out)["dependencies"])


def report_of(packages: Iterable[Mapping[str, Any]]) -> Report:
    """Judge what pip-audit says of each package; by itself it passes over what it cannot find."""
    known = {each["name"]: each for each in packages}
    canary = known.pop(CANARY, {})
    if not canary.get("vulns"):
        why = canary.get("skip_reason", "full of faults, came back without one")
        return Report([], f"no advisories within reach ({_CANARY_PIN}: {why})")
    findings = [
        f"{name} {each['version']}: {fault['id']}, mended in {_versions(fault)}"
        for name, each in sorted(known.items())
        for fault in each.get("vulns", ())
    ]
    skipped = sorted(name for name, each in known.items() if "skip_reason" in each)
    return Report(findings, f"nothing is known of {', '.join(skipped)}" if skipped else "")


def _pins(requirements: Path) -> list[str]:
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return [line.rstrip(" \\") for line in lines if "==" in line and not line.startswith("#")]


def _versions(fault: Mapping[str, Any]) -> str:
    return " or ".join(fault.get("fix_versions") or ["no version yet"])
