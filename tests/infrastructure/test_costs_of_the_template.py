"""The cost model counts what the template deploys."""

import re
from typing import Any

from local.costs import prices
from local.costs.bill import ALARM_METRICS, FETCH_MEGABYTES, STARTS_A_SESSION, costs
from local.costs.load import Load


def test_memory_is_the_recorder_s_default(template: dict[str, Any]) -> None:
    assert template["Parameters"]["FetchMemory"]["Default"] == FETCH_MEGABYTES


def test_starts_are_those_of_the_schedule(template: dict[str, Any]) -> None:
    events = template["Resources"]["FetchFunction"]["Properties"]["Events"]
    _, _, usual = events["EveryMinute"]["Properties"]["ScheduleExpression"]["Fn::If"]
    hours = re.fullmatch(r"cron\(\* (\d+)-(\d+) .*", usual)
    assert hours is not None
    assert (int(hours[2]) - int(hours[1]) + 1) * 60 == STARTS_A_SESSION


def test_alarms_look_at_as_many_metrics_as_are_paid_for(template: dict[str, Any]) -> None:
    alarms = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
    looked_at = [
        sum("MetricStat" in each for each in alarm["Metrics"]) if "Metrics" in alarm else 1
        for alarm in alarms
    ]
    assert sum(looked_at) == ALARM_METRICS


def test_keys_and_secrets_are_as_many_as_are_paid_for(template: dict[str, Any]) -> None:
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    found = costs(Load(2, 5))
    assert found.key == kinds.count("AWS::KMS::Key") * prices.KEY
    assert found.secret == kinds.count("AWS::SecretsManager::Secret") * prices.SECRET
