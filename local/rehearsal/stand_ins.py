"""What the emulator refuses of a template, and what stands in for it in the rehearsal's copy."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_ALARM = "AWS::CloudWatch::Alarm"
# The rest of the alarm stays as it is: its actions, its threshold, what refers to it.
_PLAIN = {"Namespace": "Rehearsal", "MetricName": "StandIn", "Statistic": "Sum", "Period": 60}


def rehearsable(template: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a template that the emulator takes, and the alarms that were changed for it.

    ministack 1.5 knows no metric math: an alarm on an expression watches a plain metric instead.
    """
    resources = dict(template["Resources"])
    changed = [name for name, resource in resources.items() if _is_metric_math(resource)]
    for name in changed:
        properties = dict(resources[name]["Properties"])
        del properties["Metrics"]
        resources[name] = {**resources[name], "Properties": properties | _PLAIN}
    return {**template, "Resources": resources}, changed


def copy(built: Path) -> tuple[Path, list[str]]:
    """Write what can be rehearsed beside a built template, whose folders it refers to.

    Returns the template to deploy, which is the built one where nothing stands in, and the names.
    """
    template, changed = rehearsable(yaml.safe_load(built.read_text(encoding="utf-8")))
    if not changed:
        return built, changed
    path = built.with_name("rehearsed.json")
    path.write_text(json.dumps(template, default=str), encoding="utf-8")
    return path, changed


def _is_metric_math(resource: Mapping[str, Any]) -> bool:
    return resource["Type"] == _ALARM and "Metrics" in resource["Properties"]
