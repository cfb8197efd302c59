"""Alarms: each rings when it should, is quiet otherwise, and reaches somebody."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from chain_fetch.recording.telemetry import _OUTCOME_METRICS as OUTCOMES
from optionchain.market import Market
from tests.infrastructure.metrics import of_alarm
from tests.infrastructure.stack import Stack, Template, deployed

# An alarm waits for so many bad periods, out of so many, of so many seconds.
WAITS = {
    "NoGoodTickAlarm": (3, 3, 60),
    "TickFailuresAlarm": (2, 2, 300),
    "SourceBlockedAlarm": (3, 5, 60),
    "ApiErrorsAlarm": (2, 2, 300),
    "ApiLatencyAlarm": (3, 3, 300),
    "DeadLettersAlarm": (1, 1, 300),
    "FetchConcurrencyAlarm": (3, 5, 60),
    "AccountConcurrencyAlarm": (3, 5, 60),
    "ThrottlesAlarm": (1, 1, 300),
}
NOON = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)  # noon in India, on a Thursday
NINE = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)  # 09:00 in India
NIGHT = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)
MUHURAT = datetime(2026, 11, 8, 13, 0, tzinfo=UTC)  # 18:30 in India, on a Sunday


@pytest.fixture(scope="module")
def alarms(stack: Stack) -> dict[str, Template]:
    return stack.of_type("AWS::CloudWatch::Alarm")


# ── metric math, of one minute ───────────────────────────────────────────────────────────────


def value(alarm: Template, at: datetime, **metrics: float) -> float | None:
    """Return what an alarm compares at a minute with these values by id; None for no point.

    By CloudWatch's rules a missing value is 0 beside a value that is there. An expression has no
    point where all its values are missing or where it divides by 0.
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
    found = value(alarm, at, **metrics)
    return found is not None and found >= alarm["Threshold"]


# ── when they ring ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "at", "metrics", "bad"),
    [
        # The schedule is disabled, or is not there, or the function is throttled.
        ("NoGoodTick", NOON, {}, True),
        # Settings are out of bounds, or there is no secret.
        ("NoGoodTick", NOON, {"invocations": 1, "errors": 1}, True),
        ("NoGoodTick", NOON, {"invocations": 1, "errors": 0, "failed": 24}, True),
        # The source waits.
        ("NoGoodTick", NOON, {"invocations": 1, "errors": 0, "skipped": 24}, True),
        ("NoGoodTick", NOON, {"failed": 20, "skipped": 4}, True),
        ("NoGoodTick", MUHURAT, {"failed": 24}, True),
        ("NoGoodTick", MUHURAT, {"invocations": 1, "errors": 1}, True),
        # One symbol of forty is lost.
        ("TickFailures", NOON, {"stored": 390, "unchanged": 1950, "failed": 60}, True),
        ("TickFailures", NOON, {"unchanged": 117, "skipped": 3}, True),
        ("ApiErrors", NOON, {"errors": 5, "requests": 5}, True),
        ("ApiErrors", NOON, {"errors": 50, "requests": 1000}, True),
        ("Throttles", NOON, {"fetch": 1}, True),
        ("Throttles", NOON, {"api": 1, "fetch": 0}, True),
        ("NoGoodTick", NOON, {"invocations": 1, "errors": 0, "unchanged": 22, "stored": 2}, False),
        # The alarm on failures rings for this.
        ("NoGoodTick", NOON, {"unchanged": 1, "failed": 23}, False),
        # The invocation has not ended, so it is not counted yet.
        ("NoGoodTick", NOON, {"stored": 24}, False),
        # On a holiday the invocation came and nothing was due.
        ("NoGoodTick", NOON, {"invocations": 1, "errors": 0}, False),
        ("NoGoodTick", NINE, {"invocations": 1, "errors": 0}, False),
        ("NoGoodTick", NIGHT, {}, False),
        ("NoGoodTick", SATURDAY, {}, False),
        ("TickFailures", NOON, {"stored": 10, "unchanged": 108, "failed": 2}, False),
        ("TickFailures", NIGHT, {}, False),
        ("ApiErrors", NOON, {"errors": 1, "requests": 2}, False),
        ("ApiErrors", NOON, {"errors": 40, "requests": 1000}, False),
        ("ApiErrors", NIGHT, {}, False),
        ("Throttles", NOON, {"api": 0, "fetch": 0}, False),
    ],
)
def test_alarm_rings_in_a_bad_minute_and_is_quiet_otherwise(
    alarms: dict[str, Template], name: str, at: datetime, metrics: dict[str, float], bad: bool
) -> None:
    assert rings(alarms[f"{name}Alarm"], at, **metrics) is bad


@pytest.mark.parametrize("noon", [NOON, SATURDAY])
def test_hours_in_which_nobody_may_be_missing_are_those_of_the_session(
    alarms: dict[str, Template], noon: datetime
) -> None:
    session = Market().session(noon.date())
    midnight = noon.replace(hour=0, minute=0)
    for minute in range(24 * 60):
        at = midnight + timedelta(minutes=minute)
        due = session is not None and at in session
        assert rings(alarms["NoGoodTickAlarm"], at) is due, at


def test_a_passing_fault_is_no_alarm(alarms: dict[str, Template]) -> None:
    assert set(alarms) == set(WAITS)
    for name, alarm in alarms.items():
        queries = alarm.get("Metrics", [])
        periods = {each["MetricStat"]["Period"] for each in queries if "MetricStat" in each}
        waits = (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"])
        assert (*waits, *(periods or {alarm["Period"]})) == WAITS[name], name


def test_good_and_bad_ticks_are_all_ticks(alarms: dict[str, Template]) -> None:
    for name in ("NoGoodTickAlarm", "TickFailuresAlarm"):
        queries = {each["Id"]: each for each in alarms[name]["Metrics"]}
        for outcome, metric in OUTCOMES.items():
            assert queries[outcome]["MetricStat"]["Metric"]["MetricName"] == metric
            assert queries[outcome]["MetricStat"]["Stat"] == "Sum"


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
    """While one shift relieves another, two of a group run. A third one is too many."""
    stack = deployed(translated, Symbols2=symbols2, FetchConcurrency=reserved)
    alarm = stack.properties("FetchConcurrencyAlarm")
    assert not rings(alarm, NOON, running=usual)
    assert rings(alarm, NOON, running=worst)


def test_recorder_that_reserves_nothing_is_watched_with_the_account(
    translated: Template,
) -> None:
    stack = deployed(translated, FetchConcurrency="0", AccountConcurrency="10")
    assert set(stack.of_type("AWS::CloudWatch::Alarm")) == WAITS.keys() - {"FetchConcurrencyAlarm"}
    alarm = stack.properties("AccountConcurrencyAlarm")
    assert not rings(alarm, NOON, claimed=7)
    assert rings(alarm, NOON, claimed=8)


def test_refusals_of_both_functions_are_counted(alarms: dict[str, Template]) -> None:
    metrics = of_alarm(alarms["ThrottlesAlarm"])
    functions = {dict(metric.dimensions)["FunctionName"] for metric in metrics}
    assert functions == {"nse-test-fetch", "nse-test-api"}


def test_single_dead_letter_and_a_block_are_seen_at_their_maximum(
    alarms: dict[str, Template],
) -> None:
    for name in ("DeadLettersAlarm", "SourceBlockedAlarm"):
        assert (alarms[name]["Threshold"], alarms[name]["Statistic"]) == (1, "Maximum")


# ── who hears of it ──────────────────────────────────────────────────────────────────────────


def test_every_alarm_rings_and_ends_at_the_topic_and_says_what_to_do(
    alarms: dict[str, Template],
) -> None:
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopic"], name
        assert len(alarm["AlarmDescription"]) > 80, name
        assert alarm["AlarmName"].startswith("nse-test-"), name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name


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
    """CloudWatch cannot use the account's default key: no alarm arrives without both of these."""
    (publish,) = stack.properties("AlarmTopicPolicy")["PolicyDocument"]["Statement"]
    (_, encrypt) = stack.properties("AlarmKey")["KeyPolicy"]["Statement"]
    for statement in (publish, encrypt):
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert publish["Action"] == "sns:Publish"
    assert encrypt["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert stack.properties("AlarmTopicPolicy")["Topics"] == ["AlarmTopic"]
