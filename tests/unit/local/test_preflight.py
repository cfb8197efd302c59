"""A preflight names what is missing and its remedy, and never shows a secret."""

import os
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, get_args

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ProfileNotFound
from botocore.stub import Stubber
from moto import mock_aws

from local.preflight import __main__ as preflight
from local.preflight import account, checks, machine
from local.preflight.calendar_checks import holidays_known, sessions_fit
from local.preflight.checks import DEFAULT_CONCURRENCY, DEFAULT_LIMIT
from local.preflight.database_checks import (
    compression_fits,
    database_answers,
    reader_fits,
    secret_fits,
    shards_fit,
)
from local.preflight.finding import Finding
from local.preflight.observations import (
    AwsFailure,
    BuildState,
    Concurrency,
    PingResult,
    Secret,
    StackState,
    Stage,
)
from optionchain.mongo.compressed_collections import Compression
from optionchain.settings import SecretStr

ROOT = Path(__file__).parents[3]
REGION = "ap-south-1"
STAGE = Stage("prod", "chains-prod", REGION, {"Stage": "prod"})
DENIED = AwsFailure("denied", "AccessDeniedException")
ABSENT = AwsFailure("other", "ResourceNotFoundException")
ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:chains-AbCdEf"
LIMITS = {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 6}}
ZSTD, PLAIN = Compression("zstd", "zstd"), Compression("snappy", "none")
# The level of a finding, and a part of its text or of its remedy.
type Expected = tuple[str, str]


def deployed(status: str = "CREATE_COMPLETE", **parameters: str) -> StackState:
    return StackState(status, parameters, {"SecretArn": ARN, "FetchFunctionName": "chains-fetch"})


def with_sessions(text: str) -> Stage:
    return Stage("prod", "chains-prod", REGION, {"SpecialSessions": text})


def secret(uri: str | None) -> Secret:
    return Secret(ARN, None if uri is None else SecretStr(uri))


def concurrency(limit: int, unreserved: int, own: int, wanted: int) -> Finding:
    return checks.concurrency_fits(Concurrency(limit, unreserved, own), wanted, "prod")


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (sessions_fit(STAGE), ("ok", "no special session")),
        (sessions_fit(with_sessions("2026-11-08 18:00-19:00")), ("ok", "2026-11-08")),
        (sessions_fit(with_sessions("2026-11-08 21:00-22:00")), ("missing", "09:01 to 20:54 IST")),
        (sessions_fit(with_sessions("2026-11-08 19:00-18:00")), ("missing", "before it closes")),
        (
            sessions_fit(with_sessions("2026-11-08 18:00-19:00,2026-11-08 18:30-20:00")),
            ("missing", "two sessions of 2026-11-08 overlap"),
        ),
        (holidays_known(date(2026, 11, 28)), ("ok", "of 2026 are shipped")),
        (holidays_known(date(2027, 1, 1)), ("note", "none of 2027 are shipped")),
        (checks.sam_found("/usr/bin/sam"), ("ok", "/usr/bin/sam")),
        (checks.sam_found(None), ("missing", "`make validate` installs it")),
        (checks.python_fits((3, 13)), ("ok", "3.13")),
        (checks.python_fits((3, 12)), ("missing", "3.12; Lambda's is 3.13")),
        (checks.build_fits(BuildState("arm64"), "arm64"), ("ok", "for arm64")),
        (checks.build_fits(None, "arm64"), ("missing", "nothing is built yet")),
        (checks.build_fits(BuildState("x86_64"), "arm64"), ("missing", "built for x86_64, but")),
        (
            checks.build_fits(BuildState("arm64", "template.yaml"), "arm64"),
            ("missing", "template.yaml is newer"),
        ),
        (
            checks.credentials_work(AwsFailure("none", "NoCredentialsError")),
            ("missing", "this machine has no AWS credentials"),
        ),
        (
            checks.credentials_work(AwsFailure("rejected", "ExpiredToken")),
            ("missing", "AWS rejects the credentials (ExpiredToken)"),
        ),
        (
            checks.credentials_work(AwsFailure("unreachable", "EndpointConnectionError")),
            ("missing", "AWS does not answer this machine"),
        ),
        (checks.region_fits(STAGE, [REGION], None), ("ok", REGION)),
        (checks.region_fits(STAGE, [], None), ("ok", REGION)),
        (checks.region_fits(STAGE, ["eu-west-1"], None), ("missing", "correct [prod.global]")),
        (
            checks.region_fits(STAGE, [REGION], "eu-west-1"),
            ("note", "give --region ap-south-1 to `aws` commands"),
        ),
        (concurrency(1000, 1000, 0, 4), ("ok", "")),
        (concurrency(10, 10, 0, 4), ("missing", '"FetchConcurrency=0"')),
        (concurrency(10, 10, 0, 0), ("ok", "")),
        (concurrency(50, 50, 0, 4), ("note", '"FetchConcurrency=0"')),
        (concurrency(1000, 100, 0, 4), ("note", '"FetchConcurrency=0"')),
        (concurrency(1000, 100, 4, 4), ("ok", "")),
        (concurrency(1000, 12, 0, 4), ("missing", '"FetchConcurrency=0"')),
        (checks.alarm_fits(Concurrency(DEFAULT_LIMIT, 900, 0), STAGE, None), ("ok", "1000")),
        (
            checks.alarm_fits(Concurrency(10, 10, 0), STAGE, deployed(AccountConcurrency="10")),
            ("ok", "10"),
        ),
        (
            checks.alarm_fits(Concurrency(10, 10, 0), STAGE, None),
            ("note", '"AccountConcurrency=10"'),
        ),
        (secret_fits(secret("mongodb+srv://u:hush@c.example.net/")), ("ok", "mongodb+srv://")),
        (secret_fits(secret("mongodb://u:hush@10.0.0.1/")), ("note", "mongodb:// URI")),
        (secret_fits(secret("postgres://u:hush@x/")), ("missing", "not a mongodb+srv:// URI")),
        (
            secret_fits(secret("mongodb+srv://u:<db_password>@c.example.net/")),
            ("missing", "<placeholders>"),
        ),
        (secret_fits(secret("")), ("missing", f"put-secret-value --secret-id {ARN}")),
        (secret_fits(secret(None)), ("missing", "no value yet")),
        (secret_fits(None), ("note", "the deployment creates it")),
        (secret_fits(ABSENT), ("missing", "MongoSecretArn")),
        (compression_fits(None), ("note", "the user lacks collStats")),
        (compression_fits({"ticks": Compression(None, None)}), ("note", "does not tell")),
        (compression_fits({"snapshots": None, "ticks": None}), ("ok", "first start makes")),
        (compression_fits({"snapshots": None, "ticks": ZSTD}), ("ok", "ticks: zstd for data")),
        (compression_fits({"snapshots": PLAIN, "ticks": ZSTD}), ("note", "snapshots: not compre")),
        (compression_fits({"snapshots": PLAIN, "ticks": PLAIN}), ("note", "`make compact`")),
        (shards_fit(prepared=True), ("ok", "by symbol and expiry")),
        (shards_fit(prepared=False), ("note", "`make shards`")),
        (reader_fits(secret("mongodb+srv://u:hush@c.example.net/")), ("ok", "mongodb+srv://")),
        (reader_fits(secret(None)), ("missing", "no value yet")),
        (reader_fits(None), ("note", "recommended: MongoReaderSecretArn")),
        (reader_fits(ABSENT), ("missing", "correct MongoReaderSecretArn")),
        # A denied question prevents nothing.
        (checks.stack_fits(STAGE, DENIED), ("note", "cloudformation:DescribeStacks")),
        (checks.concurrency_fits(DENIED, 4, "prod"), ("note", "lambda:GetAccountSettings")),
        (secret_fits(DENIED), ("note", "secretsmanager:GetSecretValue")),
    ],
    ids=lambda value: value.subject if isinstance(value, Finding) else "-".join(value),
)
def test_a_finding_has_level_sentence_and_remedy(finding: Finding, expected: Expected) -> None:
    level, part = expected
    assert finding.level == level
    assert part in f"{finding.text} {finding.remedy}"
    assert finding.remedy or level == "ok"
    assert "hush" not in f"{finding}"


@pytest.mark.parametrize(
    ("stack", "level", "first"),
    [
        (None, "ok", True),
        (deployed("REVIEW_IN_PROGRESS"), "ok", True),
        (deployed(), "ok", False),
        (deployed("UPDATE_ROLLBACK_COMPLETE"), "ok", False),
        (deployed("ROLLBACK_COMPLETE"), "missing", False),
        (deployed("DELETE_FAILED"), "missing", False),
        (deployed("UPDATE_ROLLBACK_FAILED"), "missing", False),
        (deployed("UPDATE_IN_PROGRESS"), "missing", False),
    ],
)
def test_the_state_of_the_stack_decides_whether_it_can_be_deployed(
    stack: StackState | None, level: str, *, first: bool
) -> None:
    assert (checks.stack_fits(STAGE, stack).level, checks.is_first(stack)) == (level, first)


def test_parameters_are_the_stages_then_the_stacks_then_the_templates() -> None:
    given = Stage("dev", "dev", REGION, {"FetchConcurrency": "0", "MongoSecretArn": "arn:given"})
    stack = deployed(FetchConcurrency="7", MongoSecretArn="arn:stack")
    stages = [(given, stack), (STAGE, stack), (STAGE, deployed()), (STAGE, None)]
    assert [checks.reserved(*each) for each in stages] == [0, 7, *[DEFAULT_CONCURRENCY] * 2]
    arns = [preflight.secret_arn(*each) for each in stages]
    assert arns == ["arn:given", "arn:stack", ARN, ""]
    reader = {"MongoReaderSecretArn": "arn:reader"}
    stages = [(replace(STAGE, overrides=reader), None), (STAGE, deployed(**reader)), (STAGE, None)]
    assert [preflight.reader_arn(*each) for each in stages] == ["arn:reader", "arn:reader", ""]


@pytest.mark.parametrize(
    ("name", "default"),
    [("FetchConcurrency", DEFAULT_CONCURRENCY), ("AccountConcurrency", DEFAULT_LIMIT)],
)
def test_the_defaults_are_those_of_the_template(name: str, default: int) -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    _, _, parameter = template.partition(f"\n  {name}:\n")
    assert re.findall(r"Default: (\d+)", parameter)[0] == str(default)


def test_the_database_is_that_of_the_template() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    _, _, parameter = template.partition("\n  MongoDatabase:\n")
    assert re.findall(r"Default: (\w+)", parameter)[0] == preflight.DATABASE


def test_only_an_unreachable_database_is_no_obstacle_since_lambda_may_reach_it() -> None:
    levels = {answer: database_answers(answer).level for answer in get_args(PingResult.__value__)}
    assert {answer for answer, level in levels.items() if level != "missing"} == {
        "answers",
        "unreachable",
    }
    assert (levels["answers"], levels["unreachable"]) == ("ok", "note")


def test_stages_are_those_of_samconfig(capsys: pytest.CaptureFixture[str]) -> None:
    stage = machine.stage_of(ROOT, "prod")
    expected = ("nse-option-chain-prod", REGION, "prod")
    assert (stage.stack, stage.region, stage.overrides["Stage"]) == expected
    assert preflight.main(["staging"]) == 2
    assert capsys.readouterr().err == (
        "make preflight: samconfig.toml has no stage 'staging'; it has default, dev, prod\n"
    )


@pytest.mark.parametrize(("elf", "processor"), [(183, "arm64"), (62, "x86_64")])
def test_a_newer_source_outdates_a_build(tmp_path: Path, elf: int, processor: str) -> None:
    assert machine.build_state(tmp_path) is None
    layer = tmp_path / ".aws-sam" / "build" / "DependenciesLayer"
    layer.mkdir(parents=True)
    (layer / "fast.so").write_bytes(b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", elf))
    sources = [tmp_path / name for name in ("template.yaml", "functions/a.py", "layers/b.py")]
    for source in sources:
        source.parent.mkdir(exist_ok=True)
        source.touch()
        os.utime(source, (1, 1))
    (layer.parent / "template.yaml").touch()
    assert machine.build_state(tmp_path) == BuildState(processor)
    later = (layer.parent / "template.yaml").stat().st_mtime + 1
    os.utime(sources[-1], (later, later))
    assert machine.build_state(tmp_path) == BuildState(processor, "layers/b.py")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[account.ClientFactory]:
    """An account of moto."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield account.client_factory(REGION)


def stubbed(service: str, *answers: Callable[[Stubber], None]) -> account.ClientFactory:
    """Return a factory of one service that gives these answers, in this order."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client: Any = boto3.client(service, region_name=REGION, **keys)
    stubber = Stubber(client)
    for add in answers:
        add(stubber)
    stubber.activate()
    return lambda name: client if name == service else pytest.fail(name)


def raising(error: Exception) -> account.ClientFactory:
    def make_client(_: str) -> NoReturn:
        raise error

    return make_client


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NoCredentialsError(), "none"),
        (ProfileNotFound(profile="desk"), "none"),
        (EndpointConnectionError(endpoint_url="https://sts"), "unreachable"),
        ("ExpiredToken", "rejected"),
        ("InvalidClientTokenId", "rejected"),
        ("AccessDenied", "denied"),
        ("Throttling", "other"),
    ],
)
def test_failures_of_aws_are_distinguished(error: Exception | str, kind: str) -> None:
    if isinstance(error, str):
        code: str = error
        clients = stubbed("sts", lambda stub: stub.add_client_error("get_caller_identity", code))
    else:
        code, clients = type(error).__name__, raising(error)
    assert account.identity(clients) == AwsFailure(kind, code)  # type: ignore[arg-type]


def test_identity_and_secrets_are_read(aws: account.ClientFactory) -> None:
    assert account.identity(aws) == "arn:aws:sts::123456789012:user/moto"
    client = aws("secretsmanager")
    empty = client.create_secret(Name="empty")["ARN"]
    full = client.create_secret(Name="full", SecretString="mongodb+srv://u:hush@c/")["ARN"]
    assert account.secret(aws, empty) == Secret(empty, None)
    assert account.secret(aws, full) == Secret(full, SecretStr("mongodb+srv://u:hush@c/"))
    assert account.secret(aws, "none") == ABSENT


def test_a_stack_is_read_and_may_be_absent() -> None:
    row = {
        "StackName": "x",
        "CreationTime": "2026-11-22T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": "SecretArn", "OutputValue": ARN}],
        "Parameters": [{"ParameterKey": "FetchConcurrency", "ParameterValue": "0"}],
    }
    clients = stubbed(
        "cloudformation",
        lambda stub: stub.add_response("describe_stacks", {"Stacks": [row]}),
        lambda stub: stub.add_client_error("describe_stacks", "ValidationError"),
    )
    expected = StackState("CREATE_COMPLETE", {"FetchConcurrency": "0"}, {"SecretArn": ARN})
    assert [account.stack(clients, "x") for _ in range(2)] == [expected, None]


def test_concurrency_includes_the_recorders_own() -> None:
    own = {"ReservedConcurrentExecutions": 4}
    clients = stubbed(
        "lambda",
        lambda stub: stub.add_response("get_account_settings", LIMITS),
        lambda stub: stub.add_response("get_account_settings", LIMITS),
        lambda stub: stub.add_response("get_function_concurrency", own),
        lambda stub: stub.add_client_error("get_account_settings", "AccessDeniedException"),
    )
    assert account.concurrency(clients, None) == Concurrency(10, 6, 0)
    assert account.concurrency(clients, "chains-fetch") == Concurrency(10, 6, 4)
    assert account.concurrency(clients, "chains-fetch") == DENIED


@pytest.mark.parametrize("first", [True, False])
def test_only_the_first_deployment_is_guided(*, first: bool) -> None:
    command = preflight.deploy_command("sam", STAGE, first=first)
    plain = ["sam", "deploy", "--config-env", "prod"]
    assert command == ([*plain, "--guided"] if first else plain)


def test_without_credentials_it_says_so_once_and_deploys_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account, "client_factory", lambda _: raising(NoCredentialsError()))
    monkeypatch.setattr(preflight, "deploy", lambda *_: pytest.fail("it deployed"))
    assert preflight.main(["--deploy", "prod"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("this machine has no AWS credentials") == 1
    assert shown.rstrip().endswith("missing. Nothing was deployed.")


def test_the_account_is_checked_in_order(aws: account.ClientFactory) -> None:
    """moto has neither Lambda's limits nor stacks, so stubs answer for both."""
    arn = aws("secretsmanager").create_secret(Name="uri")["ARN"]
    stubs = {
        "lambda": stubbed("lambda", lambda stub: stub.add_response("get_account_settings", LIMITS)),
        "cloudformation": stubbed(
            "cloudformation",
            lambda stub: stub.add_client_error("describe_stacks", "ValidationError"),
        ),
    }
    stage = Stage("prod", "chains", REGION, {"MongoSecretArn": arn})
    found = preflight.account_findings(stage, lambda name: stubs.get(name, aws)(name))
    assert [(each.subject, each.level) for each in found] == [
        ("credentials", "ok"),
        ("stack", "ok"),
        ("concurrency", "missing"),
        ("alarm", "note"),
        ("secret", "missing"),
        ("reader", "note"),
        ("archive", "ok"),
    ]


@pytest.mark.parametrize(
    ("served", "level", "text"),
    [
        ({"MemorySize": 256}, "ok", "serves what was deployed last"),
        ({"MemorySize": 512}, "note", "serves an older version"),
        (None, "note", "lack lambda:GetFunctionConfiguration"),
    ],
)
def test_alias_that_serves_an_older_version_is_found(
    served: dict[str, Any] | None, level: str, text: str
) -> None:
    """A deployment that published no version succeeds, and changes nothing that is served."""

    def answers(stub: Stubber) -> None:
        name = {"FunctionName": "chains-fetch"}
        stub.add_response("get_function_configuration", {"MemorySize": 256}, name)
        if served is None:
            stub.add_client_error("get_function_configuration", "AccessDeniedException")
        else:
            alias = name | {"Qualifier": "live"}
            stub.add_response("get_function_configuration", served, alias)

    newest = account.alias_serves_newest(stubbed("lambda", answers), "chains-fetch")
    found = checks.alias_fits("chains-fetch", newest)
    assert (found.level, found.subject) == (level, "alias")
    assert text in found.text
