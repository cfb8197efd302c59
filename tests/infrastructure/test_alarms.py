"""Alarms: each rings when it should, is quiet otherwise, and reaches somebody."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from chain_api.calculations.health_reasons import STAMPED_WITHIN
from chain_fetch.recording.reports.telemetry import _OUTCOME_METRICS as OUTCOMES
from optionchain.exchange_time import IST
from optionchain.market import Market, ordinary_hours
from tests.infrastructure.alarm_evaluator import rings
from tests.infrastructure.metrics import of_alarm
from tests.infrastructure.stack import Stack, Template, deployed

type Alarms = dict[str, Template]

# An alarm waits for so many bad periods, out of so many, of so many seconds.
WAITS = {
    "NoGoodTickAlarm": (3, 3, 60),
    "StoppedAlarm": (3, 3, 60),
    "MissedTicksAlarm": (2, 2, 300),
    "DataAgeAlarm": (10, 10, 60),
    "ClosedByListAlarm": (1, 1, 300),
    "TokenEndingAlarm": (1, 1, 300),
    "SettlementAlarm": (1, 1, 300),
    "ExpiriesUnsettledAlarm": (1, 1, 300),
    "UnsealedSessionAlarm": (1, 1, 300),
    "ArchiveErrorsAlarm": (1, 1, 300),
    "DayLostAlarm": (1, 1, 300),
    "TickFailuresAlarm": (2, 2, 300),
    "OldestExpiryAlarm": (2, 2, 300),
    "FetchDeploymentAlarm": (1, 1, 60),
    "ApiDeploymentAlarm": (1, 1, 60),
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
def alarms(stack: Stack) -> Alarms:
    return stack.of_type("AWS::CloudWatch::Alarm")


BAD = [
    ("NoGoodTick", NOON, {}),  # the schedule is disabled or missing, or the function is throttled
    ("NoGoodTick", NOON, {"started": 1, "errors": 1}),  # bad settings, or no secret
    ("NoGoodTick", NOON, {"started": 1, "errors": 0, "failed": 24}),
    ("NoGoodTick", NOON, {"started": 1, "errors": 0, "skipped": 24}),  # the source waits
    ("NoGoodTick", NOON, {"failed": 20, "skipped": 4}),
    ("NoGoodTick", MUHURAT, {"failed": 24}),
    ("NoGoodTick", MUHURAT, {"started": 1, "errors": 1}),
    ("MissedTicks", NOON, {"missed": 3, "unchanged": 117}),
    ("MissedTicks", NOON, {"missed": 3}),  # those that are claimed get no outcome
    ("TickFailures", NOON, {"stored": 390, "unchanged": 1950, "failed": 60}),  # one symbol of forty
    ("TickFailures", NOON, {"unchanged": 117, "skipped": 3}),
    ("Settlement", NOON, {"differing": 1, "missing": 0}),
    ("Settlement", NOON, {"differing": 0, "missing": 1}),
    ("DayLost", NOON, {"by_recorder": 1}),
    ("DayLost", NIGHT, {"by_archive": 2}),
    ("ApiErrors", NOON, {"errors": 5, "requests": 5}),
    ("ApiErrors", NOON, {"errors": 50, "requests": 1000}),
    ("Throttles", NOON, {"fetch": 1}),
    ("Throttles", NOON, {"api": 1, "fetch": 0}),
]
QUIET = [
    ("NoGoodTick", NOON, {"started": 1, "errors": 0, "unchanged": 22, "stored": 2}),
    ("NoGoodTick", NOON, {"unchanged": 1, "failed": 23}),  # the alarm on failures rings for this
    ("NoGoodTick", NOON, {"stored": 24}),  # a running invocation is not counted yet
    ("NoGoodTick", NOON, {"started": 1, "errors": 0}),  # a holiday, on which nothing was due
    ("NoGoodTick", NINE, {"started": 1, "errors": 0}),
    ("NoGoodTick", NIGHT, {}),
    ("NoGoodTick", SATURDAY, {"started": 1, "errors": 0}),
    ("MissedTicks", NOON, {"missed": 2, "unchanged": 118}),
    ("MissedTicks", NIGHT, {}),
    ("TickFailures", NOON, {"stored": 10, "unchanged": 108, "failed": 2}),
    ("TickFailures", NIGHT, {}),
    ("Settlement", NOON, {"differing": 0, "missing": 0}),
    ("Settlement", NIGHT, {}),
    ("DayLost", NOON, {}),
    ("ApiErrors", NOON, {"errors": 1, "requests": 2}),
    ("ApiErrors", NOON, {"errors": 40, "requests": 1000}),
    ("ApiErrors", NIGHT, {}),
    ("Throttles", NOON, {"api": 0, "fetch": 0}),
]


@pytest.mark.parametrize(
    ("case", "bad"), [(case, True) for case in BAD] + [(case, False) for case in QUIET]
)
def test_alarm_rings_in_a_bad_minute_and_is_quiet_otherwise(
    alarms: Alarms, case: tuple[str, datetime, dict[str, float]], bad: bool
) -> None:
    name, at, metrics = case
    assert rings(alarms[f"{name}Alarm"], at, **metrics) is bad


@pytest.mark.parametrize("noon", [NOON, SATURDAY])
def test_invocations_may_be_missing_outside_the_session_and_the_evening_alone(
    alarms: Alarms, noon: datetime
) -> None:
    hours = ordinary_hours(noon.date())
    rounds = Market().evening_rounds(NOON.date())
    for minute in range(24 * 60):
        at = noon.replace(hour=0, minute=0) + timedelta(minutes=minute)
        of_evening = rounds[0].begins.timetz() <= at.astimezone(IST).timetz()
        of_evening = of_evening and at.astimezone(IST).timetz() < rounds[-1].ends.timetz()
        assert rings(alarms["NoGoodTickAlarm"], at) is (at in hours or of_evening), at


def test_good_and_bad_ticks_are_all_ticks(alarms: Alarms) -> None:
    for name in ("NoGoodTickAlarm", "TickFailuresAlarm", "MissedTicksAlarm"):
        queries = {each["Id"]: each for each in alarms[name]["Metrics"]}
        for outcome, metric in OUTCOMES.items():
            assert queries[outcome]["MetricStat"]["Metric"]["MetricName"] == metric
            assert queries[outcome]["MetricStat"]["Stat"] == "Sum"


def by_id(alarm: Template) -> dict[str, str]:
    """Return the queries of an alarm by their ids, as text."""
    return {each["Id"]: json.dumps(each, sort_keys=True) for each in alarm["Metrics"]}


def test_group_alarms_differ_in_their_group_alone(translated: Template) -> None:
    stack = deployed(translated, Groups="8", FetchConcurrency="25")
    first = by_id(stack.properties("NoGoodTickAlarm"))
    for number in range(2, 9):
        of_group = by_id(stack.properties(f"Group{number}Alarm"))
        old, new = (f'"group", "Value": "{each}"' for each in (1, number))
        changed = {name: text.replace(new, old) for name, text in of_group.items()}
        assert changed == first
        assert of_group != first


@pytest.mark.parametrize("groups", range(1, 9))
def test_there_is_one_alarm_a_group(translated: Template, groups: int) -> None:
    given = {"Groups": str(groups), "FetchConcurrency": str(3 * groups + 1)}
    alarms = deployed(translated, **given).of_type("AWS::CloudWatch::Alarm")
    further = {f"Group{number}Alarm" for number in range(2, groups + 1)}
    assert alarms.keys() - WAITS.keys() == further


@pytest.mark.parametrize("count", range(5))
def test_there_is_one_alarm_a_tier_and_one_of_the_symbols_of_no_tier(
    translated: Template, count: int
) -> None:
    tiers = ("INDICES", "M&M", "LIQUID50", "STOCKS")[:count]
    text = ",".join(f"{tier}={5 * number}" for number, tier in enumerate(tiers, 1))
    alarms = deployed(translated, Tiers=text).of_type("AWS::CloudWatch::Alarm")
    names = {each["AlarmName"]: each for each in alarms.values()}
    of_tiers = {name for name in names if name.startswith("nse-test-tick-failures-")}
    expected = (*tiers, "BASE") if tiers else ()
    assert of_tiers == {f"nse-test-tick-failures-{tier}" for tier in expected}
    for tier in expected:
        alarm = names[f"nse-test-tick-failures-{tier}"]
        assert {dict(each.dimensions)["tier"] for each in of_alarm(alarm)} == {tier}
        assert rings(alarm, NOON, stored=2, unchanged=47, failed=1)
        assert not rings(alarm, NOON, stored=2, unchanged=148, skipped=3)
        assert not rings(alarm, NIGHT)


def test_oldest_expiry_is_judged_by_the_interval_of_its_tier(translated: Template) -> None:
    """A minute is long for an index that is due every 5 s, and nothing for a stock."""
    tiers = "INDICES=5,LIQUID50=15,STOCKS=60"
    alarm = deployed(translated, Tiers=tiers, FetchInterval="5").properties("OldestExpiryAlarm")
    for name, seconds in {"base": 5, "tier_1": 5, "tier_2": 15, "tier_3": 60}.items():
        fresh = {"base": 5.0, "tier_1": 5.0, "tier_2": 15.0, "tier_3": 60.0}
        assert not rings(alarm, NOON, **fresh | {name: 49.0 * seconds})
        assert rings(alarm, NOON, **fresh | {name: 50.0 * seconds})
    assert not rings(alarm, NIGHT)
    alone = deployed(translated, FetchInterval="20").properties("OldestExpiryAlarm")
    assert rings(alone, NOON, base=1000.0)
    assert not rings(alone, NOON, base=999.0)


def test_alarms_of_one_metric_look_at_its_worst(alarms: Alarms) -> None:
    assert {
        name: (each["MetricName"], each.get("Statistic") or each["ExtendedStatistic"])
        for name, each in alarms.items()
        if "MetricName" in each
    } == {
        "ApiLatencyAlarm": ("Latency", "p99"),
        "DeadLettersAlarm": ("ApproximateNumberOfMessagesVisible", "Maximum"),
        "SourceBlockedAlarm": ("SourceBlocked", "Maximum"),
        "FetchDeploymentAlarm": ("Errors", "Sum"),
        "ApiDeploymentAlarm": ("Errors", "Sum"),
        "StoppedAlarm": ("Stopped", "Maximum"),
        "DataAgeAlarm": ("DataAge", "Maximum"),
        "ClosedByListAlarm": ("ClosedByListAlone", "Maximum"),
        "TokenEndingAlarm": ("TokenEnding", "Maximum"),
        "ExpiriesUnsettledAlarm": ("ExpiriesUnsettled", "Maximum"),
        "UnsealedSessionAlarm": ("UnsealedSessions", "Maximum"),
        "ArchiveErrorsAlarm": ("Errors", "Sum"),
    }
    ones = ["DeadLettersAlarm", "SourceBlockedAlarm", "StoppedAlarm", "ClosedByListAlarm"]
    ones += ["ExpiriesUnsettledAlarm", "TokenEndingAlarm", "UnsealedSessionAlarm"]
    ones += ["ArchiveErrorsAlarm"]
    deployments = ("FetchDeploymentAlarm", "ApiDeploymentAlarm")
    assert {alarms[name]["Threshold"] for name in (*ones, *deployments)} == {1}
    assert alarms["DataAgeAlarm"]["Threshold"] == STAMPED_WITHIN.total_seconds()
    latency = alarms["ApiLatencyAlarm"]
    assert 1_000 < latency["Threshold"] < 29_000
    assert "EvaluateLowSampleCountPercentile" not in latency, "few requests would never ring"


def test_third_shift_of_a_group_at_once_rings(translated: Template) -> None:
    """While one shift relieves another, two of a group run."""
    for groups, reserved, usual, worst in (("1", "4", 2, 3), ("2", "7", 4, 6), ("8", "25", 16, 19)):
        stack = deployed(translated, Groups=groups, FetchConcurrency=reserved)
        alarm = stack.properties("FetchConcurrencyAlarm")
        assert not rings(alarm, NOON, running=usual)
        assert rings(alarm, NOON, running=worst)


def test_recorder_that_reserves_nothing_is_watched_with_the_account(translated: Template) -> None:
    stack = deployed(translated, FetchConcurrency="0", AccountConcurrency="10")
    assert set(stack.of_type("AWS::CloudWatch::Alarm")) == WAITS.keys() - {"FetchConcurrencyAlarm"}
    alarm = stack.properties("AccountConcurrencyAlarm")
    assert not rings(alarm, NOON, claimed=7)
    assert rings(alarm, NOON, claimed=8)


def test_throttles_of_both_functions_are_counted(alarms: Alarms) -> None:
    metrics = of_alarm(alarms["ThrottlesAlarm"])
    functions = {dict(metric.dimensions)["FunctionName"] for metric in metrics}
    assert functions == {"nse-test-fetch", "nse-test-api"}


def test_every_alarm_waits_reaches_the_topic_and_says_what_to_do(alarms: Alarms) -> None:
    """A passing fault is no alarm. CloudWatch takes at most 10 metrics, each under one id."""
    assert set(alarms) == set(WAITS)
    for name, alarm in alarms.items():
        queries = alarm.get("Metrics", [])
        assert all(re.fullmatch(r"[a-z]\w*", each["Id"]) for each in queries)
        assert len({each["Id"] for each in queries}) == len(queries)
        metrics = [each["MetricStat"] for each in queries if "MetricStat" in each]
        assert len(metrics) <= 10
        periods = {each["Period"] for each in metrics or [alarm]}
        assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"], *periods) == WAITS[name]
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopic"], name
        assert len(alarm["AlarmDescription"]) > 80, name
        assert alarm["AlarmName"].startswith("nse-test-"), name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name


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
    assert stack.properties("AlarmTopic")["KmsMasterKeyId"] == "AlarmKey"
    assert stack.properties("AlarmKey")["EnableKeyRotation"] is True
