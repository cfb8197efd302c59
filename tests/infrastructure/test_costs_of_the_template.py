"""The cost model counts what the template deploys."""

import re

from local.costs import prices
from local.costs.archive import ARCHIVE_MEGABYTES, REPLACED_DAYS, SEALS_A_DAY, WARM_DAYS
from local.costs.bill import ALARM_METRICS, FETCH_MEGABYTES, STARTS_A_DAY, costs
from local.costs.workload import Workload
from tests.infrastructure.metrics import of_alarm
from tests.infrastructure.stack import Stack


def test_what_is_paid_for_is_what_the_template_has(stack: Stack) -> None:
    assert int(stack.properties("FetchFunction")["MemorySize"]) == FETCH_MEGABYTES
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    assert sum(len(list(of_alarm(alarm))) for alarm in alarms) == ALARM_METRICS
    found = costs(Workload(2, 5))
    assert found.key == len(stack.of_type("AWS::KMS::Key")) * prices.KEY
    assert found.secret == len(stack.of_type("AWS::SecretsManager::Secret")) * prices.SECRET


def test_archive_is_paid_for_as_the_template_has_it(stack: Stack) -> None:
    assert stack.properties("ArchiveFunction")["MemorySize"] == ARCHIVE_MEGABYTES
    assert int(stack.parameters["ArchiveColdDays"]) == WARM_DAYS
    rules = stack.properties("ArchiveBucket")["LifecycleConfiguration"]["Rules"]
    kept = [each["NoncurrentVersionExpiration"] for each in rules if len(each) > 4]
    assert kept == [{"NoncurrentDays": REPLACED_DAYS}]
    schedules = stack.of_type("AWS::Scheduler::Schedule").values()
    started = [each["Target"]["Arn"] for each in schedules].count("ArchiveFunctionAliaslive")
    assert started == SEALS_A_DAY


def test_starts_are_those_of_the_schedule(stack: Stack) -> None:
    usual = stack.properties("FetchFunctionEveryMinute")["ScheduleExpression"]
    hours = re.fullmatch(r"cron\(\* (\d+)-(\d+) .*", usual)
    assert hours is not None
    assert (int(hours[2]) - int(hours[1]) + 1) * 60 == STARTS_A_DAY
