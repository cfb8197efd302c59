"""The state of an AWS account. Nothing here changes the account."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  (of botocore: AWS is unreachable)
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from local.preflight.observations import AwsFailure, Bucket, Concurrency, Secret, StackState
from optionchain.settings import SecretStr

type ClientFactory = Callable[[str], Any]

_CONFIG = Config(connect_timeout=3, read_timeout=8, retries={"total_max_attempts": 2})
ALIAS = "live"
# What a version keeps of a function, as far as a deployment may change it.
_VERSIONED = ("CodeSha256", "Environment", "Layers", "MemorySize", "Timeout", "TracingConfig")
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_NONE = (NoCredentialsError, PartialCredentialsError, ProfileNotFound, CredentialRetrievalError)


def client_factory(region: str) -> ClientFactory:
    """Return a factory of service clients in a region, with the usual credentials."""
    return lambda service: boto3.client(service, region_name=region, config=_CONFIG)


def lambda_regions() -> list[str]:
    """Return Lambda's regions, as boto3 knows them; none where boto3 cannot start."""
    partitions = ("aws", "aws-cn", "aws-us-gov")
    try:
        session = boto3.session.Session()
        found = [session.get_available_regions("lambda", partition) for partition in partitions]
    except ProfileNotFound:
        return []  # reported with the credentials
    return list(chain.from_iterable(found))


def identity(make_client: ClientFactory) -> str | AwsFailure:
    """Return the identity of the credentials."""
    found = _call(lambda: make_client("sts").get_caller_identity())
    return found if isinstance(found, AwsFailure) else str(found["Arn"])


def stack(make_client: ClientFactory, name: str) -> StackState | AwsFailure | None:
    """Return the state of a stack; None where there is none."""
    found = _call(lambda: make_client("cloudformation").describe_stacks(StackName=name))
    if isinstance(found, AwsFailure):
        return None if found.code == "ValidationError" else found
    (row,) = found["Stacks"]
    return StackState(
        row["StackStatus"],
        {pair["ParameterKey"]: pair["ParameterValue"] for pair in row.get("Parameters", [])},
        {pair["OutputKey"]: pair["OutputValue"] for pair in row.get("Outputs", [])},
    )


def concurrency(make_client: ClientFactory, function: str | None) -> Concurrency | AwsFailure:
    """Return the account's executions; `function` is the recorder, where it is deployed."""
    found = _call(lambda: make_client("lambda").get_account_settings())
    if isinstance(found, AwsFailure):
        return found
    own = 0
    if function:
        reserved = _call(
            lambda: make_client("lambda").get_function_concurrency(FunctionName=function)
        )
        if not isinstance(reserved, AwsFailure):
            own = int(reserved.get("ReservedConcurrentExecutions", 0))
    limits = found["AccountLimit"]
    return Concurrency(
        limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"], own
    )


def alias_serves_newest(make_client: ClientFactory, function: str) -> bool | AwsFailure:
    """Tell whether the alias of a function has the code and the settings of its newest state."""
    ask = make_client("lambda").get_function_configuration
    newest = _call(lambda: ask(FunctionName=function))
    served = _call(lambda: ask(FunctionName=function, Qualifier=ALIAS))
    if isinstance(newest, AwsFailure):
        return newest
    if isinstance(served, AwsFailure):
        return served
    return all(newest.get(name) == served.get(name) for name in _VERSIONED)


def bucket(
    make_client: ClientFactory, name: str, function: str, rights: Mapping[str, Sequence[str]]
) -> Bucket | AwsFailure:
    """Return whether a bucket is there, and which of these rights by ARN a function lacks."""
    found = _call(lambda: make_client("s3").head_bucket(Bucket=name))
    if isinstance(found, AwsFailure):
        return found
    ask = make_client("lambda").get_function_configuration
    configured = _call(lambda: ask(FunctionName=function))
    if isinstance(configured, AwsFailure):
        return Bucket(name, configured)
    denied: list[str] = []
    for arn, actions in rights.items():
        refused = _refused(make_client, configured["Role"], arn, actions)
        if isinstance(refused, AwsFailure):
            return Bucket(name, refused)
        denied += refused
    return Bucket(name, tuple(denied))


def _refused(
    make_client: ClientFactory, role: str, arn: str, actions: Sequence[str]
) -> list[str] | AwsFailure:
    """Ask IAM which of these actions a role may not do; nothing is done."""
    simulate = make_client("iam").simulate_principal_policy
    asked = {"ActionNames": list(actions), "ResourceArns": [arn]}
    answer = _call(lambda: simulate(PolicySourceArn=role, **asked))
    if isinstance(answer, AwsFailure):
        return answer
    rows = answer["EvaluationResults"]
    return [row["EvalActionName"] for row in rows if row["EvalDecision"] != "allowed"]


def secret(make_client: ClientFactory, arn: str) -> Secret | AwsFailure:
    """Return a secret; its value is never shown as text."""
    client = "secretsmanager"
    described = _call(lambda: make_client(client).describe_secret(SecretId=arn))
    found = _call(lambda: make_client(client).get_secret_value(SecretId=arn))
    if not isinstance(found, AwsFailure):
        return Secret(arn, SecretStr(str(found.get("SecretString", ""))))
    # AWS gives this error for a secret without a value too.
    if found.code == "ResourceNotFoundException" and not isinstance(described, AwsFailure):
        return Secret(arn, None)
    return found


def _call(call: Callable[[], Any]) -> Any:  # noqa: ANN401  (boto3's answers are dictionaries)
    """Return AWS's answer, or Trouble."""
    try:
        return call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return AwsFailure(_kind(code), code)
    except _NONE as error:
        return AwsFailure("none", type(error).__name__)
    except (ConnectionError, HTTPClientError) as error:
        return AwsFailure("unreachable", type(error).__name__)
    except BotoCoreError as error:
        return AwsFailure("other", type(error).__name__)


def _kind(code: str) -> Any:  # noqa: ANN401
    if code in _DENIED:
        return "denied"
    rejected = "Token" in code or "Signature" in code or code == "InvalidAccessKeyId"
    return "rejected" if rejected else "other"
