"""What CloudWatch makes of an alarm: its metric math, its periods, and how many of them are bad."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.infrastructure.metrics import Metric, of_alarm
from tests.infrastructure.stack import Template

# What a minute has: a value by metric. A metric without a point is missing.
type Minute = Mapping[Metric, float]

_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "p99": max,  # of few requests it is the slowest one
}


def rings(alarm: Template, at: datetime, **metrics: float) -> bool:
    """Tell whether an alarm counts a minute as bad that has these values by metric id."""
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    assert metrics.keys() <= {name for name, each in queries.items() if "MetricStat" in each}
    (result,) = (name for name, each in queries.items() if each["ReturnData"])
    found = value(queries, result, at, metrics)
    return found is not None and found >= alarm["Threshold"]


def value(
    queries: Mapping[str, Template], name: str, at: datetime, metrics: Mapping[str, float]
) -> float | None:
    """Return a query's value at a minute by CloudWatch's rules; None where it has no point.

    A missing value is 0 beside a value that is there. An expression has no point where all its
    values are missing or where it divides by 0.
    """
    if "MetricStat" in queries[name]:
        return metrics.get(name)
    expression = queries[name]["Expression"]
    asked = [each for each in queries if re.search(rf"\b{each}\b", expression)]
    values = {each: value(queries, each, at, metrics) for each in asked}
    if values and all(each is None for each in values.values()):
        return None
    functions = {
        "TIME_SERIES": float,
        "HOUR": lambda _: at.hour,
        "MINUTE": lambda _: at.minute,
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
        "MAX": max,
    }
    python = re.sub(r"\b(AND|OR)\b", lambda word: word[0].lower(), expression)
    try:
        return float(eval(python, functions | {k: v or 0 for k, v in values.items()}))
    except ZeroDivisionError:
        return None


def ever_rings(alarm: Template, start: datetime, minutes: Sequence[Minute]) -> bool:
    """Tell whether an alarm rings at any time within these minutes.

    It rings when enough of its last periods are bad; a period without a point is not.
    """
    bad = list(_bad_periods(alarm, start, minutes))
    last, enough = alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]
    return any(sum(bad[end - last : end]) >= enough for end in range(last, len(bad) + 1))


def _bad_periods(alarm: Template, start: datetime, minutes: Sequence[Minute]) -> Iterator[bool]:
    queries = _queries(alarm)
    metrics = dict(zip(queries, of_alarm(alarm), strict=True))
    seconds = {each["Period"] for each in queries.values()}
    (period,) = (each // 60 for each in seconds)
    for first in range(0, len(minutes), period):
        found = {}
        for name, query in queries.items():
            points = [
                each[metrics[name]]
                for each in minutes[first : first + period]
                if metrics[name] in each
            ]
            if points:
                found[name] = _STATISTICS[query["Stat"]](points)
        at = start + timedelta(minutes=first)
        if "Metrics" in alarm:
            yield rings(alarm, at, **found)
        else:
            yield found.get("only", float("-inf")) >= alarm["Threshold"]


def _queries(alarm: Template) -> dict[str, dict[str, Any]]:
    """Return period and statistic of each metric by its id."""
    if "Metrics" not in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return {"only": {"Period": alarm["Period"], "Stat": statistic}}
    return {each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each}
