"""The patched ministack creates alarms on metric math, and all others unchanged."""

from collections.abc import Mapping
from typing import Any

from local.rehearsal.patched_ministack import accept_metric_math


def record(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Create an alarm as ministack does: not one on an expression."""
    assert not properties.get("Metrics")
    assert properties["Namespace"]
    return {"AlarmName": name, **properties}


keep = accept_metric_math(record)


def test_alarm_on_an_expression_is_kept_under_a_name_that_says_so() -> None:
    alarm = {"Threshold": 3, "AlarmActions": ["topic"], "Metrics": [{"Id": "a"}]}
    kept = keep("no-good-tick", alarm)
    assert kept == {
        "AlarmName": "no-good-tick",
        "Threshold": 3,
        "AlarmActions": ["topic"],
        "Namespace": "Rehearsal",
        "MetricName": "MetricMath",
        "Statistic": "Sum",
    }
    assert "Metrics" in alarm


def test_alarm_on_a_plain_metric_is_kept_as_it_is() -> None:
    plain = {"Namespace": "AWS/SQS", "MetricName": "Visible", "Threshold": 0}
    assert keep("dead-letters", plain) == {"AlarmName": "dead-letters", **plain}
