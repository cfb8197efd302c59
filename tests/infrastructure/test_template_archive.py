"""The archive of a stack: a bucket that stays, the function that seals days, and no archive."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from optionchain.exchange_time import IST
from optionchain.market import Market
from optionchain.settings import Settings
from tests.infrastructure.stack import Stack, Template, allows, deployed

SCHEDULES = {"cron(15 16 ? * * *)": time(16, 15), "cron(30 21 ? * * *)": time(21, 30)}
OF_THE_ARCHIVE = {
    *("ArchiveBucket", "ArchiveBucketPolicy", "ArchiveErrorsAlarm", "ArchiveFunction"),
    *("ArchiveLogs", "ArchiveRole", "ArchiveScheduleRole", "DayLostAlarm", "UnsealedSessionAlarm"),
}


@pytest.fixture(scope="module")
def without(translated: Template) -> Stack:
    return deployed(translated, Archive="false")


def schedules_of_archive(stack: Stack) -> list[Template]:
    schedules = stack.of_type("AWS::Scheduler::Schedule").values()
    return [each for each in schedules if each["Target"]["Arn"] == "ArchiveFunctionAliaslive"]


def layers_of(stack: Stack, function: str) -> list[str]:
    """Return the layers of a function without the hashes of their contents."""
    return [name[:-10] for name in stack.properties(function)["Layers"]]


def test_without_an_archive_nothing_of_it_is_there(stack: Stack, without: Stack) -> None:
    gone = set(stack.resources) - set(without.resources)
    assert {name for name in gone if not name.startswith(("ArchiveFunction", "ArchiveLayer"))} == (
        OF_THE_ARCHIVE - {"ArchiveFunction"}
    )
    assert set(without.resources) < set(stack.resources)
    assert "rchive" not in "".join(without.resources)
    for function in ("FetchFunction", "ApiFunction"):
        variables = without.environment(function)
        assert Settings.from_env(variables).archive_url is None
        assert layers_of(without, function) == ["DependenciesLayer", "OptionChainLayer"]
    assert not {"ArchiveUrl", "ArchiveFunctionName"} & set(without.outputs)


def test_every_function_is_told_where_the_archive_is(stack: Stack) -> None:
    for function in stack.of_type("AWS::Lambda::Function"):
        settings = Settings.from_env(stack.environment(function))
        assert settings.archive_url == "s3://nse-test-archivebucket"


def test_recorder_loads_nothing_of_the_archive_and_the_others_what_reads_it(stack: Stack) -> None:
    both = ["DependenciesLayer", "OptionChainLayer"]
    assert layers_of(stack, "FetchFunction") == both
    for function in ("ApiFunction", "ArchiveFunction"):
        assert layers_of(stack, function) == [*both, "ArchiveLayer"]


def test_bucket_is_encrypted_versioned_and_closed_to_the_public(stack: Stack) -> None:
    (bucket,) = stack.of_type("AWS::S3::Bucket").values()
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    blocked = bucket["PublicAccessBlockConfiguration"]
    assert set(blocked) == {
        *("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    }
    assert set(blocked.values()) == {True}
    assert "BucketName" not in bucket, "a stack that is made anew could not take the name"


def test_bucket_refuses_everybody_without_tls(stack: Stack) -> None:
    (policy,) = stack.of_type("AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == "nse-test-archivebucket"
    assert statement == {
        "Sid": "TlsAlone",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:ArchiveBucket", "arn:ArchiveBucket/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def rules_of(stack: Stack) -> dict[str, dict[str, Any]]:
    rules = stack.properties("ArchiveBucket")["LifecycleConfiguration"]["Rules"]
    return {each["Id"]: each for each in rules}


@pytest.mark.parametrize(
    ("days", "status", "after"),
    [("90", "Enabled", "90"), ("7", "Enabled", "7"), ("0", "Disabled", 90)],
)
def test_files_grow_cold_after_the_days_of_the_parameter(
    translated: Template, days: str, status: str, after: object
) -> None:
    """The class is readable at once. Manifests stay, and 0 leaves all as it is."""
    rule = rules_of(deployed(translated, ArchiveColdDays=days))["files-grow-cold"]
    assert (rule["Status"], rule["Prefix"]) == (status, "files/")
    assert rule["Transitions"] == [{"StorageClass": "GLACIER_IR", "TransitionInDays": after}]


def test_days_of_the_parameter_are_bounded(translated: Template) -> None:
    parameter = translated["Parameters"]["ArchiveColdDays"]
    assert [days for days in (-1, 0, 3_650, 3_651) if allows(parameter, days)] == [0, 3_650]


def test_what_is_replaced_can_be_had_back_and_nothing_is_left_over(stack: Stack) -> None:
    rule = rules_of(stack)["nothing-is-left-over"]
    assert rule["Status"] == "Enabled"
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["ExpiredObjectDeleteMarker"] is True
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert not any("ExpirationInDays" in each for each in rules_of(stack).values())


def test_days_are_sealed_after_the_session_and_after_the_evening(stack: Stack) -> None:
    """On every day, because a special session may be on a weekend."""
    schedules = schedules_of_archive(stack)
    assert {each["ScheduleExpression"] for each in schedules} == set(SCHEDULES)
    assert {each["ScheduleExpressionTimezone"] for each in schedules} == {"Asia/Kolkata"}
    day = date(2026, 11, 26)
    (session,) = Market(holidays=frozenset()).sessions(day)
    *_, last = Market().evening_rounds(day)
    begins = [datetime.combine(day, at, IST) for at in sorted(SCHEDULES.values())]
    assert session.closes + timedelta(minutes=5) < begins[0]
    # From 7 December 2026 the session may end at 15:45.
    assert datetime.combine(day, time(15, 50), IST) < begins[0]
    assert last.ends < begins[1]


def test_sealing_is_repeated_and_then_kept_as_a_dead_letter(stack: Stack) -> None:
    for schedule in schedules_of_archive(stack):
        target = schedule["Target"]
        assert target["Input"] == "{}"
        assert target["RoleArn"] == "arn:ArchiveScheduleRole"
        assert target["DeadLetterConfig"] == {"Arn": "arn:DeadLetters"}
    asynchronous = stack.properties("ArchiveFunctionEventInvokeConfig")
    assert asynchronous["MaximumRetryAttempts"] == 2
    function = stack.properties("ArchiveFunction")
    assert function["DeadLetterConfig"] == {"TargetArn": "arn:DeadLetters"}
