"""A preflight looks whether the archive can be written, and whether days are left."""

from collections.abc import Mapping

import pytest
from moto import mock_aws

from local.preflight import __main__ as preflight
from local.preflight import account
from local.preflight.archive_checks import bucket_fits, days_fit, is_wanted, needed_rights
from local.preflight.finding import Finding
from local.preflight.observations import ArchiveDays, AwsFailure, Bucket, StackState
from tests.unit.local.test_preflight import REGION, stubbed

DENIED = AwsFailure("denied", "AccessDenied")
PUT = ("s3:PutObject",)
DAYS = tuple(f"NIFTY 2026-11-{day}" for day in (23, 24, 25, 26))


@pytest.mark.parametrize(
    ("finding", "level", "part"),
    [
        (bucket_fits(None), "ok", "the deployment makes its bucket"),
        (bucket_fits(Bucket("b", ())), "ok", "b is there, and the archive function may write it"),
        (bucket_fits(Bucket("b", PUT)), "missing", "may not s3:PutObject in b"),
        (bucket_fits(Bucket("b", DENIED)), "note", "iam:SimulatePrincipalPolicy"),
        (bucket_fits(AwsFailure("other", "404")), "missing", "its bucket is gone"),
        (bucket_fits(AwsFailure("other", "403")), "note", "lack s3:ListBucket"),
        (bucket_fits(AwsFailure("unreachable", "X")), "missing", "did not answer"),
        (days_fit(None), "note", "the database does not tell"),
        (days_fit(ArchiveDays(7, (), 0, ())), "ok", "7 are sealed, and none is left"),
        (days_fit(ArchiveDays(7, DAYS, 0, ())), "note", "4 past days of symbols are not sealed"),
        (days_fit(ArchiveDays(7, DAYS[:1], 3, ())), "note", "-23; everything is kept 3 days lon"),
        (days_fit(ArchiveDays(7, (), 0, DAYS[:1])), "note", "1 days were deleted unsealed, such"),
    ],
)
def test_a_finding_has_level_and_sentence(finding: Finding, level: str, part: str) -> None:
    assert (finding.level, part in finding.text) == (level, True), finding
    assert finding.remedy or level == "ok"


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [({}, True), ({"Archive": "true"}, True), ({"Archive": "false"}, False)],
)
def test_there_is_an_archive_unless_the_stage_says_no(
    parameters: Mapping[str, str], *, wanted: bool
) -> None:
    assert is_wanted(parameters) is wanted
    found = list(preflight.archive_finding(None, parameters, pytest.fail))
    assert [each.level for each in found] == ["ok"] * wanted


@pytest.mark.parametrize("lacking", [(), PUT])
def test_iam_is_asked_what_the_role_may_do_and_nothing_is_written(
    lacking: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    role = {"Role": "arn:aws:iam::123456789012:role/archive"}
    function = stubbed("lambda", lambda stub: stub.add_response("get_function_configuration", role))
    answers = [
        {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalDecision": "implicitDeny" if action in lacking else "allowed",
                }
                for action in actions
            ]
        }
        for actions in needed_rights("sealed").values()
    ]
    iam = stubbed(
        "iam",
        lambda stub: stub.add_response("simulate_principal_policy", answers[0]),
        lambda stub: stub.add_response("simulate_principal_policy", answers[1]),
    )
    outputs = {"ArchiveUrl": "s3://sealed", "ArchiveFunctionName": "archive"}
    stack = StackState("CREATE_COMPLETE", {}, outputs)
    with mock_aws():
        aws = account.client_factory(REGION)
        parts = {"lambda": function, "iam": iam}
        clients = lambda name: parts.get(name, aws)(name)  # noqa: E731
        (gone,) = preflight.archive_finding(stack, {}, clients)
        assert (gone.level, "is gone" in gone.text) == ("missing", True)
        where = {"LocationConstraint": REGION}
        aws("s3").create_bucket(Bucket="sealed", CreateBucketConfiguration=where)
        (finding,) = preflight.archive_finding(stack, {}, clients)
        assert "Contents" not in aws("s3").list_objects_v2(Bucket="sealed")
    assert finding.level == ("missing" if lacking else "ok")
