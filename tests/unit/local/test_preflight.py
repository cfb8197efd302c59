"""A preflight names what is missing and what to do, and never shows a secret."""

import os
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ProfileNotFound
from botocore.stub import Stubber
from moto import mock_aws
from pydantic import SecretStr

from local.preflight import __main__ as preflight
from local.preflight import account, machine
from local.preflight.checks import (
    DEFAULT_CONCURRENCY,
    DEFAULT_LIMIT,
    alarm_fits,
    build_fits,
    concurrency_fits,
    credentials_work,
    is_first,
    python_fits,
    region_fits,
    reserved,
    sam_found,
    stack_fits,
)
from local.preflight.database_checks import database_answers, secret_fits
from local.preflight.observations import (
    AwsFailure,
    BuildState,
    Concurrency,
    PingResult,
    Secret,
    StackState,
    Stage,
)

ROOT = Path(__file__).parents[3]
REGION = "ap-south-1"
STAGE = Stage("prod", "chains-prod", REGION, {"Stage": "prod"})
DENIED = AwsFailure("denied", "AccessDeniedException")
ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:chains-AbCdEf"


def deployed(status: str = "CREATE_COMPLETE", **parameters: str) -> StackState:
    return StackState(status, parameters, {"SecretArn": ARN, "FetchFunctionName": "chains-fetch"})


def holding(uri: str | None) -> Secret:
    return Secret(ARN, None if uri is None else SecretStr(uri))


# ── what is made of what was seen ────────────────────────────────────────────────────────────


def test_tools_that_are_missing_are_named_with_what_installs_them() -> None:
    assert sam_found("/usr/bin/sam").level == "ok"
    assert (sam_found(None).level, sam_found(None).remedy) == (
        "missing",
        "`make validate` installs it",
    )
    assert python_fits((3, 13)).level == "ok"
    assert "3.12; Lambda's is 3.13" in python_fits((3, 12)).text


@pytest.mark.parametrize(
    ("built", "level", "text"),
    [
        (BuildState("arm64"), "ok", "for arm64"),
        (None, "missing", "nothing is built yet"),
        (BuildState("x86_64"), "missing", "built for x86_64, the stack's functions are arm64"),
        (BuildState("arm64", "template.yaml"), "missing", "template.yaml is newer"),
    ],
)
def test_build_is_of_the_processor_and_of_today(
    built: BuildState | None, level: str, text: str
) -> None:
    found = build_fits(built, "arm64")
    assert (found.level, text in found.text) == (level, True)
    assert ("make build" in found.remedy) == (level == "missing")


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (AwsFailure("none", "NoCredentialsError"), "there are no AWS credentials here"),
        (AwsFailure("rejected", "ExpiredToken"), "does not take the credentials (ExpiredToken)"),
        (AwsFailure("away", "EndpointConnectionError"), "AWS does not answer from here"),
    ],
)
def test_credentials_that_do_not_work_say_why(trouble: AwsFailure, text: str) -> None:
    found = credentials_work(trouble)
    assert (found.level, text in found.text, bool(found.remedy)) == ("missing", True, True)


def test_region_is_known_and_may_differ_from_the_environments() -> None:
    assert region_fits(STAGE, [REGION], None).level == "ok"
    assert region_fits(STAGE, [], None).level == "ok"
    assert region_fits(STAGE, ["eu-west-1"], None).level == "missing"
    differing = region_fits(STAGE, [REGION, "eu-west-1"], "eu-west-1")
    assert (differing.level, differing.remedy) == (
        "note",
        "give --region ap-south-1 to `aws` commands",
    )


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
def test_stack_can_be_deployed_from_where_it_stands(
    stack: StackState | None, level: str, *, first: bool
) -> None:
    assert (stack_fits(STAGE, stack).level, is_first(stack)) == (level, first)


@pytest.mark.parametrize(
    ("limit", "unreserved", "own", "wanted", "level"),
    [
        (1000, 1000, 0, 4, "ok"),
        (10, 10, 0, 4, "missing"),
        (10, 10, 0, 0, "ok"),
        (50, 50, 0, 4, "note"),
        (1000, 100, 0, 4, "note"),
        (1000, 100, 4, 4, "ok"),
        (1000, 12, 0, 4, "missing"),
    ],
)
def test_executions_are_left_for_others(
    limit: int, unreserved: int, own: int, wanted: int, level: str
) -> None:
    found = concurrency_fits(Concurrency(limit, unreserved, own), wanted, "prod")
    assert found.level == level
    assert ('"FetchConcurrency=0"' in found.remedy) == (level != "ok")


def test_reserved_executions_are_the_stages_then_the_stacks_then_the_templates() -> None:
    given = Stage("dev", "chains-dev", REGION, {"FetchConcurrency": "0"})
    standing = deployed(FetchConcurrency="7")
    assert [reserved(given, standing), reserved(STAGE, standing), reserved(STAGE, None)] == [
        0,
        7,
        DEFAULT_CONCURRENCY,
    ]


def test_alarm_counts_with_the_limit_that_the_account_has() -> None:
    found = Concurrency(10, 10, 0)
    assert alarm_fits(Concurrency(DEFAULT_LIMIT, 900, 0), STAGE, None).level == "ok"
    assert alarm_fits(found, STAGE, deployed(AccountConcurrency="10")).level == "ok"
    differing = alarm_fits(found, STAGE, None)
    assert (differing.level, '"AccountConcurrency=10"' in differing.remedy) == ("note", True)


@pytest.mark.parametrize(
    ("name", "default"),
    [("FetchConcurrency", DEFAULT_CONCURRENCY), ("AccountConcurrency", DEFAULT_LIMIT)],
)
def test_defaults_of_the_template_are_known(name: str, default: int) -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    _, _, parameter = template.partition(f"\n  {name}:\n")
    assert re.findall(r"Default: (\d+)", parameter)[0] == str(default)


@pytest.mark.parametrize(
    ("uri", "level", "text"),
    [
        ("mongodb+srv://u:hush@c.example.net/", "ok", "mongodb+srv://"),
        ("mongodb://u:hush@10.0.0.1/", "note", "mongodb:// URI"),
        ("postgres://u:hush@x/", "missing", "no mongodb+srv:// URI"),
        ("mongodb+srv://u:<db_password>@c.example.net/", "missing", "<placeholders>"),
        ("", "missing", "no value yet"),
        (None, "missing", "no value yet"),
    ],
)
def test_secret_holds_a_uri_that_is_never_shown(uri: str | None, level: str, text: str) -> None:
    found = secret_fits(holding(uri))
    assert (found.level, text in found.text) == (level, True)
    assert "hush" not in found.text + found.remedy + repr(holding(uri))
    assert (f"put-secret-value --secret-id {ARN}" in found.remedy) == (level == "missing")


def test_secret_that_is_not_there_yet_is_made_and_one_that_is_named_must_be_there() -> None:
    assert secret_fits(None).level == "note"
    absent = secret_fits(AwsFailure("other", "ResourceNotFoundException"))
    assert (absent.level, "MongoSecretArn" in absent.remedy) == ("missing", True)


def test_what_may_not_be_looked_at_is_told_and_hinders_nothing() -> None:
    found = [
        stack_fits(STAGE, DENIED),
        concurrency_fits(DENIED, 4, "prod"),
        secret_fits(DENIED),
    ]
    assert {one.level for one in found} == {"note"}
    assert [one.text.rpartition(" ")[2] for one in found] == [
        "cloudformation:DescribeStacks",
        "lambda:GetAccountSettings",
        "secretsmanager:GetSecretValue",
    ]


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        ("answers", "ok"),
        ("invalid", "missing"),
        ("refused", "missing"),
        ("not_found", "missing"),
        ("unreachable", "note"),
    ],
)
def test_database_that_is_out_of_reach_from_here_may_answer_lambda(
    answer: PingResult, level: str
) -> None:
    assert database_answers(answer).level == level


# ── this machine ─────────────────────────────────────────────────────────────────────────────


def test_stages_are_those_of_samconfig() -> None:
    stage = machine.stage_of(ROOT, "prod")
    assert (stage.stack, stage.region, stage.overrides["Stage"]) == (
        "nse-option-chain-prod",
        REGION,
        "prod",
    )
    with pytest.raises(machine.UnknownStage, match="'staging'; it has default, dev, prod"):
        machine.stage_of(ROOT, "staging")


def project(root: Path, number: int) -> None:
    """Write what a build of a processor by its ELF number leaves behind."""
    layer = root / ".aws-sam" / "build" / "DependenciesLayer"
    layer.mkdir(parents=True)
    (layer / "fast.so").write_bytes(b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", number))
    for folder in ("functions", "layers"):
        (root / folder).mkdir()
        (root / folder / "code.py").touch()
        os.utime(root / folder / "code.py", (1, 1))
    (root / "template.yaml").touch()
    os.utime(root / "template.yaml", (1, 1))
    (root / ".aws-sam" / "build" / "template.yaml").touch()


@pytest.mark.parametrize(("number", "processor"), [(183, "arm64"), (62, "x86_64")])
def test_build_tells_its_processor(tmp_path: Path, number: int, processor: str) -> None:
    assert machine.what_is_built(tmp_path) is None
    project(tmp_path, number)
    assert machine.what_is_built(tmp_path) == BuildState(processor)


def test_build_is_outdated_by_a_newer_source(tmp_path: Path) -> None:
    project(tmp_path, 183)
    later = (tmp_path / ".aws-sam" / "build" / "template.yaml").stat().st_mtime + 1
    os.utime(tmp_path / "layers" / "code.py", (later, later))
    assert machine.what_is_built(tmp_path) == BuildState("arm64", "layers/code.py")


# ── the account ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[account.ClientFactory]:
    """An account of moto's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield account.client_factory(REGION)


def stubbed(service: str, *answers: Callable[[Stubber], None]) -> account.ClientFactory:
    """Return a connection to a service that gives these answers, in this order."""
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


def test_identity_is_who_aws_says(aws: account.ClientFactory) -> None:
    assert account.identity(aws) == "arn:aws:sts::123456789012:user/moto"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NoCredentialsError(), "none"),
        (ProfileNotFound(profile="desk"), "none"),
        (EndpointConnectionError(endpoint_url="https://sts"), "away"),
    ],
)
def test_without_aws_there_is_trouble_and_no_traceback(error: Exception, kind: str) -> None:
    found = account.identity(raising(error))
    assert isinstance(found, AwsFailure)
    assert (found.kind, found.code) == (kind, type(error).__name__)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ExpiredToken", "rejected"),
        ("InvalidClientTokenId", "rejected"),
        ("AccessDenied", "denied"),
        ("Throttling", "other"),
    ],
)
def test_refusals_of_aws_are_told_apart(code: str, kind: str) -> None:
    make_client = stubbed("sts", lambda stub: stub.add_client_error("get_caller_identity", code))
    assert account.identity(make_client) == AwsFailure(kind, code)  # type: ignore[arg-type]


def test_secret_is_read_with_and_without_a_value(aws: account.ClientFactory) -> None:
    client = aws("secretsmanager")
    empty = client.create_secret(Name="empty")["ARN"]
    full = client.create_secret(Name="full", SecretString="mongodb+srv://u:hush@c/")["ARN"]
    assert account.secret(aws, empty) == Secret(empty, None)
    found = account.secret(aws, full)
    assert isinstance(found, Secret)
    assert found.uri is not None
    assert found.uri.get_secret_value() == "mongodb+srv://u:hush@c/"
    assert account.secret(aws, "none") == AwsFailure("other", "ResourceNotFoundException")


def test_stack_is_read_and_may_not_be_there() -> None:
    row = {
        "StackName": "x",
        "CreationTime": "2026-11-22T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
    }
    outputs = [{"OutputKey": "SecretArn", "OutputValue": ARN}]
    parameters = [{"ParameterKey": "FetchConcurrency", "ParameterValue": "0"}]
    answer = {"Stacks": [row | {"Outputs": outputs, "Parameters": parameters}]}
    make_client = stubbed(
        "cloudformation",
        lambda stub: stub.add_response("describe_stacks", answer),
        lambda stub: stub.add_client_error("describe_stacks", "ValidationError"),
    )
    expected = StackState("CREATE_COMPLETE", {"FetchConcurrency": "0"}, {"SecretArn": ARN})
    assert account.stack(make_client, "x") == expected
    assert account.stack(make_client, "x") is None


def test_concurrency_counts_what_the_recorder_has_already() -> None:
    limits = {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 6}}
    own = {"ReservedConcurrentExecutions": 4}
    make_client = stubbed(
        "lambda",
        lambda stub: stub.add_response("get_account_settings", limits),
        lambda stub: stub.add_response("get_account_settings", limits),
        lambda stub: stub.add_response("get_function_concurrency", own),
        lambda stub: stub.add_client_error("get_account_settings", "AccessDeniedException"),
    )
    assert account.concurrency(make_client, None) == Concurrency(10, 6, 0)
    assert account.concurrency(make_client, "chains-fetch") == Concurrency(10, 6, 4)
    assert account.concurrency(make_client, "chains-fetch") == DENIED


# ── the command ──────────────────────────────────────────────────────────────────────────────


def test_secret_is_the_given_one_or_the_stacks_own() -> None:
    given = Stage("prod", "chains", REGION, {"MongoSecretArn": "arn:given"})
    found = [
        preflight.secret_arn(given, deployed()),
        preflight.secret_arn(STAGE, deployed(MongoSecretArn="")),
        preflight.secret_arn(STAGE, deployed(MongoSecretArn="arn:standing")),
        preflight.secret_arn(STAGE, None),
    ]
    assert found == ["arn:given", ARN, "arn:standing", ""]


def test_first_deployment_is_guided_and_later_ones_are_plain() -> None:
    plain = ["sam", "deploy", "--config-env", "prod"]
    assert preflight.sam_words("sam", STAGE, first=False) == plain
    assert preflight.sam_words("sam", STAGE, first=True) == [*plain, "--guided"]


def test_without_credentials_it_says_so_once_and_deploys_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_client = raising(NoCredentialsError())
    monkeypatch.setattr(account, "client_factory", lambda _: make_client)
    monkeypatch.setattr(preflight, "deploy", lambda *_: pytest.fail("it deployed"))
    assert preflight.main(["--deploy", "prod"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("there are no AWS credentials here") == 1
    assert shown.rstrip().endswith("missing. Nothing was deployed.")


def test_unknown_stage_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert preflight.main(["staging"]) == 2
    assert capsys.readouterr().err == (
        "make preflight: samconfig.toml has no stage 'staging'; it has default, dev, prod\n"
    )


def test_account_is_looked_at_in_order(aws: account.ClientFactory) -> None:
    """moto has no limits of Lambda and no stacks here, so both are stood in for."""
    arn = aws("secretsmanager").create_secret(Name="uri")["ARN"]
    limits = {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}}
    stand_ins = {
        "lambda": stubbed("lambda", lambda stub: stub.add_response("get_account_settings", limits)),
        "cloudformation": stubbed(
            "cloudformation",
            lambda stub: stub.add_client_error("describe_stacks", "ValidationError"),
        ),
    }
    stage = Stage("prod", "chains", REGION, {"MongoSecretArn": arn})
    found = preflight.in_the_account(stage, lambda name: stand_ins.get(name, aws)(name))
    assert [(one.subject, one.level) for one in found] == [
        ("credentials", "ok"),
        ("stack", "ok"),
        ("concurrency", "missing"),
        ("alarm", "note"),
        ("secret", "missing"),
    ]
