"""Of a template, the rehearsal changes what its emulator refuses and nothing else."""

from pathlib import Path
from typing import Any

import yaml

from local.rehearsal.stand_ins import copy, rehearsable

MATH = {
    "Type": "AWS::CloudWatch::Alarm",
    "Condition": "KeyedData",
    "Properties": {"AlarmName": "x", "Threshold": 3, "Metrics": [{"Id": "a"}]},
}
PLAIN = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors"}}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Stage": {"Type": "String"}},
    "Resources": {"Math": MATH, "Plain": PLAIN, "Queue": {"Type": "AWS::SQS::Queue"}},
}


def test_alarm_on_an_expression_watches_a_plain_metric() -> None:
    changed_template, changed = rehearsable(TEMPLATE)
    alarm = changed_template["Resources"]["Math"]
    assert changed == ["Math"]
    assert "Metrics" not in alarm["Properties"]
    assert alarm["Properties"].items() >= {"AlarmName": "x", "Threshold": 3}.items()
    assert (alarm["Condition"], alarm["Properties"]["MetricName"]) == ("KeyedData", "StandIn")


def test_everything_else_stays() -> None:
    changed_template, _ = rehearsable(TEMPLATE)
    for name in ("Plain", "Queue"):
        assert changed_template["Resources"][name] == TEMPLATE["Resources"][name]
    assert changed_template["Parameters"] == TEMPLATE["Parameters"]
    assert "Metrics" in TEMPLATE["Resources"]["Math"]["Properties"]


def test_template_without_such_an_alarm_is_deployed_as_it_is_built(tmp_path: Path) -> None:
    built = tmp_path / "template.yaml"
    built.write_text(yaml.safe_dump({"Resources": {"Plain": PLAIN}}), encoding="utf-8")
    assert copy(built) == (built, [])


def test_copy_lies_beside_the_built_template(tmp_path: Path) -> None:
    built = tmp_path / "template.yaml"
    built.write_text(yaml.safe_dump(TEMPLATE), encoding="utf-8")
    path, changed = copy(built)
    assert (path.parent, changed) == (tmp_path, ["Math"])
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == rehearsable(TEMPLATE)[0]
