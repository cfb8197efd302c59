"""Alarms: each can ring, is quiet when all is well, and reaches somebody."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chain_fetch.recording.telemetry import _OUTCOME_METRICS as OUTCOMES
from optionchain.market import Market
from tests.infrastructure.metrics import of_alarm
from tests.infrastructure.stack import Stack, deployed

type Template = dict[str, Any]
ALARMS = {
    "NoGoodTickAlarm",
    "TickFailuresAlarm",
    "SourceBlockedAlarm",
    "ApiErrorsAlarm",
    "ApiLatencyAlarm",
    "DeadLettersAlarm",
    "FetchConcurrencyAlarm",
    "AccountConcurrencyAlarm",
    "ThrottlesAlarm",
}
THURSDAY, SATURDAY = date(2026, 11, 26), date(2026, 11, 28)
NOON = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)  # noon in India
NIGHT = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def alarms(stack: Stack) -> dict[str, Template]:
    return stack.of_type("AWS::CloudWatch::Alarm")


# ── metric math, of one minute ───────────────────────────────────────────────────────────────


def value(alarm: Template, at: datetime, **metrics: float) -> float | None:
    """Return what an alarm compares, at a minute with these values by id; None for no point.

    By CloudWatch's rules: a missing value is 0 beside a series that has one, an expression of
    missing values alone has none, what is divided by 0 is dropped.
    """
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    unknown = metrics.keys() - {name for name, each in queries.items() if "MetricStat" in each}
    assert not unknown, unknown
    (result,) = (name for name, each in queries.items() if each["ReturnData"])
    return _value(queries, result, at, metrics)


def _value(
    queries: Mapping[str, Template], name: str, at: datetime, metrics: Mapping[str, float]
) -> float | None:
    if "MetricStat" in queries[name]:
        return metrics.get(name)
    expression = queries[name]["Expression"]
    asked = [each for each in queries if re.search(rf"\b{each}\b", expression)]
    values = {each: _value(queries, each, at, metrics) for each in asked}
    if values and all(each is None for each in values.values()):
        return None
    functions = {
        "TIME_SERIES": float,
        "DAY": lambda _: at.isoweekday(),
        "HOUR": lambda _: at.hour,
        "MINUTE": lambda _: at.minute,
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
    }
    python = re.sub(r"\b(AND|OR)\b", lambda word: word[0].lower(), expression)
    try:
        return float(eval(python, functions | {k: v or 0 for k, v in values.items()}))
    except ZeroDivisionError:
        return None


def rings(alarm: Template, at: datetime, **metrics: float) -> bool:
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    found = value(alarm, at, **metrics)
    return found is not None and found >= alarm["Threshold"]


# ── no good tick ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "metrics",
    [
        {},  # the schedule is disabled, or is not there, or the function is throttled
        {"invocations": 1, "errors": 1},  # settings out of bounds, no secret
        {"invocations": 1, "errors": 0, "failed": 24},
        {"invocations": 1, "errors": 0, "skipped": 24},  # the source waits
        {"failed": 20, "skipped": 4},
    ],
)
def test_minute_of_a_session_without_a_good_tick_rings(
    alarms: dict[str, Template], metrics: dict[str, float]
) -> None:
    assert rings(alarms["NoGoodTickAlarm"], NOON, **metrics)


@pytest.mark.parametrize(
    ("at", "metrics"),
    [
        (NOON, {"invocations": 1, "errors": 0, "unchanged": 22, "stored": 2}),
        (NOON, {"unchanged": 1, "failed": 23}),  # that is of another alarm
        (NOON, {"stored": 24}),  # the invocation has not ended, so it has not been counted
        (NOON, {"invocations": 1, "errors": 0}),  # a holiday: it came and nothing was due
        (NIGHT, {}),
        (datetime(2026, 11, 28, 6, 30, tzinfo=UTC), {}),  # a Saturday
        (datetime(2026, 11, 26, 3, 30, tzinfo=UTC), {"invocations": 1, "errors": 0}),  # 09:00 IST
    ],
)
def test_minute_with_a_good_tick_or_out_of_session_is_quiet(
    alarms: dict[str, Template], at: datetime, metrics: dict[str, float]
) -> None:
    assert not rings(alarms["NoGoodTickAlarm"], at, **metrics)


def test_failures_of_a_special_session_ring_in_the_evening_too(
    alarms: dict[str, Template],
) -> None:
    evening = datetime(2026, 11, 8, 13, 0, tzinfo=UTC)  # a Sunday, 18:30 IST
    assert rings(alarms["NoGoodTickAlarm"], evening, failed=24)
    assert rings(alarms["NoGoodTickAlarm"], evening, invocations=1, errors=1)


@pytest.mark.parametrize("day", [THURSDAY, SATURDAY])
def test_hours_in_which_nobody_may_be_missing_are_those_of_the_session(
    alarms: dict[str, Template], day: date
) -> None:
    session = Market().session(day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for minute in range(24 * 60):
        at = midnight + timedelta(minutes=minute)
        due = session is not None and at in session
        assert rings(alarms["NoGoodTickAlarm"], at) is due, at


def test_it_takes_three_minutes(alarms: dict[str, Template]) -> None:
    alarm = alarms["NoGoodTickAlarm"]
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 3)
    periods = {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each}
    assert periods == {60}


def test_good_and_bad_ticks_are_all_ticks(alarms: dict[str, Template]) -> None:
    for name in ("NoGoodTickAlarm", "TickFailuresAlarm"):
        queries = {each["Id"]: each for each in alarms[name]["Metrics"]}
        for outcome, metric in OUTCOMES.items():
            assert queries[outcome]["MetricStat"]["Metric"]["MetricName"] == metric
            assert queries[outcome]["MetricStat"]["Stat"] == "Sum"


# ── the others ───────────────────────────────────────────────────────────────────────────────


def test_one_lost_symbol_of_forty_rings_and_a_passing_fault_does_not(
    alarms: dict[str, Template],
) -> None:
    alarm = alarms["TickFailuresAlarm"]
    assert rings(alarm, NOON, stored=39 * 10, unchanged=39 * 50, failed=60)
    assert rings(alarm, NOON, unchanged=117, skipped=3)
    assert not rings(alarm, NOON, stored=10, unchanged=108, failed=2)
    assert not rings(alarm, NIGHT)
    assert alarm["DatapointsToAlarm"] == 2


def test_errors_of_the_api_ring_by_share_and_number(alarms: dict[str, Template]) -> None:
    alarm = alarms["ApiErrorsAlarm"]
    assert rings(alarm, NOON, errors=5, requests=5)
    assert rings(alarm, NOON, errors=50, requests=1000)
    assert not rings(alarm, NOON, errors=1, requests=2)
    assert not rings(alarm, NOON, errors=40, requests=1000)
    assert not rings(alarm, NIGHT)


def test_latency_is_that_of_the_slowest_hundredth(alarms: dict[str, Template]) -> None:
    alarm = alarms["ApiLatencyAlarm"]
    assert (alarm["ExtendedStatistic"], alarm["MetricName"]) == ("p99", "Latency")
    assert 1_000 < alarm["Threshold"] < 29_000
    assert "EvaluateLowSampleCountPercentile" not in alarm, "few requests would never ring"


@pytest.mark.parametrize(
    ("symbols2", "reserved", "usual", "worst"), [("", "4", 2, 3), ("RELIANCE", "7", 4, 6)]
)
def test_shifts_near_the_reserved_executions_ring(
    translated: Template, symbols2: str, reserved: str, usual: int, worst: int
) -> None:
    """While one relieves the other two of a group run; a third is one too many."""
    stack = deployed(translated, Symbols2=symbols2, FetchConcurrency=reserved)
    alarm = stack.properties("FetchConcurrencyAlarm")
    assert not rings(alarm, NOON, running=usual)
    assert rings(alarm, NOON, running=worst)


def test_recorder_that_reserves_nothing_is_watched_with_the_account(
    translated: Template,
) -> None:
    stack = deployed(translated, FetchConcurrency="0", AccountConcurrency="10")
    assert set(stack.of_type("AWS::CloudWatch::Alarm")) == ALARMS - {"FetchConcurrencyAlarm"}
    alarm = stack.properties("AccountConcurrencyAlarm")
    assert not rings(alarm, NOON, claimed=7)
    assert rings(alarm, NOON, claimed=8)


def test_refusal_of_either_function_rings(alarms: dict[str, Template]) -> None:
    alarm = alarms["ThrottlesAlarm"]
    functions = {dict(metric.dimensions)["FunctionName"] for metric in of_alarm(alarm)}
    assert functions == {"nse-test-fetch", "nse-test-api"}
    assert rings(alarm, NOON, fetch=1)
    assert rings(alarm, NOON, api=1, fetch=0)
    assert not rings(alarm, NOON, api=0, fetch=0)


def test_single_dead_letter_and_a_block_that_lasts_ring(alarms: dict[str, Template]) -> None:
    letters, blocked = alarms["DeadLettersAlarm"], alarms["SourceBlockedAlarm"]
    for alarm in (letters, blocked):
        assert (alarm["Threshold"], alarm["Statistic"]) == (1, "Maximum")
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert letters["DatapointsToAlarm"] == 1
    assert (blocked["DatapointsToAlarm"], blocked["EvaluationPeriods"]) == (3, 5)


# ── who hears of it ──────────────────────────────────────────────────────────────────────────


def test_every_alarm_rings_and_ends_at_the_topic_and_says_what_to_do(
    alarms: dict[str, Template],
) -> None:
    assert set(alarms) == ALARMS
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopic"], name
        assert len(alarm["AlarmDescription"]) > 80, name
        assert alarm["AlarmName"].startswith("nse-test-"), name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"], name


def test_expressions_refer_to_what_is_there_and_one_is_compared(
    alarms: dict[str, Template],
) -> None:
    """At most 10 metrics, and no function that reads more points than the alarm asks for."""
    for alarm in alarms.values():
        queries = alarm.get("Metrics", [])
        ids = {each["Id"] for each in queries}
        assert len(ids) == len(queries)
        assert len([each for each in queries if "MetricStat" in each]) <= 10
        for each in queries:
            words = set(re.findall(r"[A-Za-z_]\w*", each.get("Expression", "")))
            names = {word for word in words if word.islower()}
            assert names <= ids
            assert words - names <= {"IF", "AND", "OR", "TIME_SERIES", "DAY", "HOUR", "MINUTE"}
            assert re.fullmatch(r"[a-z]\w*", each["Id"])


def test_topic_mails_the_address_where_one_is_given(translated: Template) -> None:
    assert not deployed(translated).of_type("AWS::SNS::Subscription")
    stack = deployed(translated, AlarmEmail="desk@example.com")
    (mail,) = stack.of_type("AWS::SNS::Subscription").values()
    assert mail == {"TopicArn": "AlarmTopic", "Protocol": "email", "Endpoint": "desk@example.com"}


def test_cloudwatch_of_this_account_may_encrypt_and_publish(stack: Stack) -> None:
    """It cannot use the account's default key, so without both no alarm would arrive."""
    (publish,) = stack.properties("AlarmTopicPolicy")["PolicyDocument"]["Statement"]
    (_, encrypt) = stack.properties("AlarmKey")["KeyPolicy"]["Statement"]
    for statement in (publish, encrypt):
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert publish["Action"] == "sns:Publish"
    assert encrypt["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert stack.properties("AlarmTopicPolicy")["Topics"] == ["AlarmTopic"]
