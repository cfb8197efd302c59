"""Checks the template and the workflow with checkov and the exceptions of .checkov.yaml."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.audit.report import ROOT, Report, run

TEMPLATE = ROOT / "template.yaml"
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
CONFIG = ROOT / ".checkov.yaml"
# Runs in the environment of the SAM CLI. Checkov cannot merge Globals with a variable of the same
# name, and it does not see the resources that SAM creates for an API.
_PLAIN = """
import sys
from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse

class NoPolicies:
    def load(self):
        return {}

template = yaml_parse(open(sys.argv[1], encoding="utf-8").read())
validator = SamTemplateValidator(template, NoPolicies(), region="ap-south-1")
print(validator.get_translated_template_if_valid())
"""


def infrastructure(
    template: Path = TEMPLATE, workflow: Path = WORKFLOW, config: Path = CONFIG
) -> Report:
    """Check the template in the form that CloudFormation gets, and the workflow."""
    with TemporaryDirectory() as folder:
        plain = Path(folder) / "template.yaml"
        ran = run("sam/bin/python", "-c", _PLAIN, template)
        if ran.code:
            return Report([], f"{template.name} cannot be transformed: {ran.complaint}")
        plain.write_text(ran.out, encoding="utf-8")
        return _checked([plain, workflow], config)


def _checked(files: list[Path], config: Path) -> Report:
    words = [word for file in files for word in ("--file", file)]
    # Run in the folder of the configuration: checkov also reads the one of the current folder.
    options = ["--config-file", config, "--output", "json"]
    ran = run("checkov/bin/checkov", *options, *words, folder=config.parent)
    try:
        answer = json.loads(ran.out)
    except json.JSONDecodeError:
        return Report([], f"checkov: {ran.complaint}")
    # The answer is a list where checks of several frameworks apply.
    scans = answer if isinstance(answer, list) else [answer]
    checks = [check for scan in scans for check in _results(scan)]
    looked_at = {Path(check["file_path"]).name for check in checks}
    unread = sorted(file.name for file in files if file.name not in looked_at)
    findings = [
        f"{check['check_id']} {check['resource']}: {check['check_name']}"
        for check in checks
        if check["check_result"]["result"] == "FAILED"
    ]
    return Report(findings, f"checkov checked nothing in {', '.join(unread)}" if unread else "")


def _results(scan: dict[str, Any]) -> list[dict[str, Any]]:
    results = scan.get("results", {})
    return [*results.get("passed_checks", ()), *results.get("failed_checks", ())]
