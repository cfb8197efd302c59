"""The checks of machine and account. Pure: from observations to findings."""

from local.preflight.finding import Finding, not_checked
from local.preflight.observations import AwsFailure, BuildState, Concurrency, StackState, Stage

# The defaults of FetchConcurrency and AccountConcurrency in the template; a test compares them.
DEFAULT_CONCURRENCY = 4
DEFAULT_LIMIT = 1000
# What Lambda keeps unreserved; an account whose limit is 10 keeps 10.
_KEPT, _KEPT_AT_LEAST = 100, 10
_WITHOUT_STACK = {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
_CREDENTIALS = (
    "`aws configure sso`, then `aws sso login`; or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY"
)


def sam_found(path: str | None) -> Finding:
    """Check the SAM CLI; `path` is None where it is not installed."""
    if path:
        return Finding("ok", "sam", path)
    return Finding("missing", "sam", "the SAM CLI is not installed", "`make validate` installs it")


def python_fits(version: tuple[int, int]) -> Finding:
    """Check the version of Python: compiled files work with one version only."""
    text = ".".join(map(str, version))
    if version == (3, 13):
        return Finding("ok", "python", text)
    remedy = "`rm -rf .venv && make setup` with Python 3.13 (uv fetches it)"
    return Finding("missing", "python", f"{text}; Lambda's is 3.13", remedy)


def build_fits(built: BuildState | None, processor: str) -> Finding:
    """Check the build against the processor of the stack."""
    if built is None:
        return Finding("missing", "build", "nothing is built yet", "`make build`")
    if built.processor != processor:
        text = f"it is built for {built.processor}, but the stack's functions are {processor}"
        return Finding("missing", "build", text, f"`make build`, which builds for {processor}")
    if built.outdated_by:
        text = f"{built.outdated_by} is newer than the build"
        return Finding("missing", "build", text, "`make build`")
    return Finding("ok", "build", f"for {processor}, newer than every source")


def credentials_work(identity: str | AwsFailure) -> Finding:
    """Check the credentials."""
    if isinstance(identity, str):
        return Finding("ok", "credentials", identity)
    texts = {
        "none": ("this machine has no AWS credentials", _CREDENTIALS),
        "unreachable": (
            "AWS does not answer this machine",
            "check the network, and HTTPS_PROXY where one is needed",
        ),
    }
    rejected = (f"AWS rejects the credentials ({identity.code})", f"get new ones: {_CREDENTIALS}")
    text, remedy = texts.get(identity.kind, rejected)
    return Finding("missing", "credentials", text, remedy)


def region_fits(stage: Stage, known: list[str], elsewhere: str | None) -> Finding:
    """Check the stage's region; `known` are Lambda's, `elsewhere` is that of the environment."""
    if known and stage.region not in known:
        text = f"Lambda has no region {stage.region}"
        return Finding(
            "missing", "region", text, f"correct [{stage.name}.global] in samconfig.toml"
        )
    if elsewhere and elsewhere != stage.region:
        text = f"{stage.region} in samconfig.toml, but {elsewhere} in the environment"
        return Finding("note", "region", text, f"give --region {stage.region} to `aws` commands")
    return Finding("ok", "region", stage.region)


def is_first(stack: StackState | None) -> bool:
    """Tell whether there is no stack yet, or only a draft of one."""
    return stack is None or stack.status in _WITHOUT_STACK


def stack_fits(stage: Stage, stack: StackState | AwsFailure | None) -> Finding:
    """Check whether the state of the stack allows a deployment."""
    name = stage.stack
    if isinstance(stack, AwsFailure):
        return not_checked("stack", "cloudformation:DescribeStacks", stack)
    if stack is None or is_first(stack):
        return Finding("ok", "stack", f"{name} does not exist yet: the first deployment is guided")
    if stack.status == "ROLLBACK_COMPLETE" or stack.status.endswith("_FAILED"):
        remedy = f"`sam delete --config-env {stage.name}`, then again; the reason is in its events"
        if stack.status == "UPDATE_ROLLBACK_FAILED":
            remedy = f"`aws cloudformation continue-update-rollback --stack-name {name}`"
        return Finding("missing", "stack", f"{name} is {stack.status}", remedy)
    if stack.status.endswith("_IN_PROGRESS"):
        text = f"{name} is changing ({stack.status})"
        return Finding("missing", "stack", text, "wait until the change is done")
    return Finding("ok", "stack", f"{name} is {stack.status}")


def alias_fits(function: str, newest: bool | AwsFailure) -> Finding:
    """Check that the alias of a deployed function is not behind the function."""
    if isinstance(newest, AwsFailure):
        return not_checked("alias", "lambda:GetFunctionConfiguration", newest)
    if newest:
        return Finding("ok", "alias", f"live of {function} serves what was deployed last")
    text = f"live of {function} serves an older version than was deployed last"
    remedy = "wait for a deployment that is running; else `make deploy`, which publishes a version"
    return Finding("note", "alias", text, remedy)


def reserved(stage: Stage, stack: StackState | AwsFailure | None) -> int:
    """Return the executions to reserve: of the stage, else of the stack, else the default."""
    return int(_parameters(stage, stack).get("FetchConcurrency", DEFAULT_CONCURRENCY))


def alarm_fits(found: Concurrency, stage: Stage, stack: StackState | AwsFailure | None) -> Finding:
    """Compare the limit in the concurrency alarm with the account's limit."""
    stated = int(_parameters(stage, stack).get("AccountConcurrency", DEFAULT_LIMIT))
    if stated == found.limit:
        return Finding("ok", "alarm", f"it uses the account's limit of {stated} executions")
    text = f"it uses a limit of {stated} executions, the account has {found.limit}"
    remedy = f'add "AccountConcurrency={found.limit}" to parameter_overrides of the stage'
    return Finding("note", "alarm", text, remedy)


def _parameters(stage: Stage, stack: StackState | AwsFailure | None) -> dict[str, str]:
    """Return the parameters of a deployment: those of the stage replace those of the stack."""
    current = stack.parameters if isinstance(stack, StackState) else {}
    return {**current, **stage.overrides}


def concurrency_fits(found: Concurrency | AwsFailure, wanted: int, stage: str) -> Finding:
    """Compare the account's executions with those that the recorder reserves."""
    subject = "concurrency"
    if wanted == 0:
        return Finding("ok", subject, "none is reserved (FetchConcurrency=0)")
    if isinstance(found, AwsFailure):
        return not_checked(subject, "lambda:GetAccountSettings", found)
    left = found.unreserved + found.own - wanted
    text = f"reserving {wanted} of {found.limit} leaves {left} unreserved"
    if left >= _KEPT:
        return Finding("ok", subject, text)
    remedy = (
        f'add "FetchConcurrency=0" to parameter_overrides of [{stage}.deploy.parameters] in '
        "samconfig.toml; or ask for more in Service Quotas (Lambda, Concurrent executions)"
    )
    if left < _KEPT_AT_LEAST:
        return Finding("missing", subject, f"{text}; AWS keeps at least 10", remedy)
    return Finding("note", subject, f"{text}; AWS may keep 100", remedy)
