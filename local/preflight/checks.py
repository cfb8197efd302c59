"""What a preflight makes of machine and account: pure functions from facts to sentences."""

from local.preflight.finding import Finding, not_checked
from local.preflight.observations import AwsFailure, BuildState, Concurrency, StackState, Stage

# As the template's FetchConcurrency and AccountConcurrency have it; a test compares them.
DEFAULT_CONCURRENCY = 4
DEFAULT_LIMIT = 1000
# What Lambda keeps for functions that reserve nothing; an account whose limit is 10 keeps 10.
_KEPT, _KEPT_AT_LEAST = 100, 10
_WITHOUT_STACK = {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
_CREDENTIALS = (
    "`aws configure sso`, then `aws sso login`; or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY"
)


def sam_found(path: str | None) -> Finding:
    """Judge the SAM CLI; `path` is None where there is none."""
    if path:
        return Finding("ok", "sam", path)
    return Finding("missing", "sam", "the SAM CLI is not here", "`make validate` installs it")


def python_fits(version: tuple[int, int]) -> Finding:
    """Judge the Python that builds: compiled files are those of one version."""
    text = ".".join(map(str, version))
    if version == (3, 13):
        return Finding("ok", "python", text)
    remedy = "`rm -rf .venv && make setup` with Python 3.13 (uv fetches it)"
    return Finding("missing", "python", f"{text}; Lambda's is 3.13", remedy)


def build_fits(built: BuildState | None, processor: str) -> Finding:
    """Judge what `make build` made for the processor that the stack asks for."""
    if built is None:
        return Finding("missing", "build", "nothing is built yet", "`make build`")
    if built.processor != processor:
        text = f"it is built for {built.processor}, the stack's functions are {processor}"
        return Finding("missing", "build", text, f"`make build`, which builds for {processor}")
    if built.outdated_by:
        text = f"{built.outdated_by} is newer than what is built"
        return Finding("missing", "build", text, "`make build`")
    return Finding("ok", "build", f"for {processor}, newer than every source")


def credentials_work(identity: str | AwsFailure) -> Finding:
    """Judge who AWS says we are."""
    if isinstance(identity, str):
        return Finding("ok", "credentials", identity)
    texts = {
        "none": ("there are no AWS credentials here", _CREDENTIALS),
        "away": (
            "AWS does not answer from here",
            "look at the network, and at HTTPS_PROXY where one is needed",
        ),
    }
    taken = (f"AWS does not take the credentials ({identity.code})", f"new ones: {_CREDENTIALS}")
    text, remedy = texts.get(identity.kind, taken)
    return Finding("missing", "credentials", text, remedy)


def region_fits(stage: Stage, known: list[str], elsewhere: str | None) -> Finding:
    """Judge the stage's region by the `known` ones; `elsewhere` is that of the environment."""
    if known and stage.region not in known:
        text = f"{stage.region} is no region of Lambda"
        return Finding(
            "missing", "region", text, f"correct [{stage.name}.global] in samconfig.toml"
        )
    if elsewhere and elsewhere != stage.region:
        text = f"{stage.region} by samconfig.toml, though the environment says {elsewhere}"
        return Finding("note", "region", text, f"give --region {stage.region} to `aws` commands")
    return Finding("ok", "region", stage.region)


def is_first(stack: StackState | None) -> bool:
    """Tell whether there is no stack yet: none at all, or one that was only drafted."""
    return stack is None or stack.status in _WITHOUT_STACK


def stack_fits(stage: Stage, stack: StackState | AwsFailure | None) -> Finding:
    """Judge whether a deployment can begin on the stack as it stands."""
    name = stage.stack
    if isinstance(stack, AwsFailure):
        return not_checked("stack", "cloudformation:DescribeStacks", stack)
    if stack is None or is_first(stack):
        return Finding("ok", "stack", f"{name} is not there yet: the first deployment is guided")
    if stack.status == "ROLLBACK_COMPLETE" or stack.status.endswith("_FAILED"):
        remedy = f"`sam delete --config-env {stage.name}`, then again; the reason is in its events"
        if stack.status == "UPDATE_ROLLBACK_FAILED":
            remedy = f"`aws cloudformation continue-update-rollback --stack-name {name}`"
        return Finding("missing", "stack", f"{name} is {stack.status}", remedy)
    if stack.status.endswith("_IN_PROGRESS"):
        text = f"{name} is being changed ({stack.status})"
        return Finding("missing", "stack", text, "wait until that is done")
    return Finding("ok", "stack", f"{name} is {stack.status}")


def reserved(stage: Stage, stack: StackState | AwsFailure | None) -> int:
    """Return how many executions the deployment will reserve: the stage's, the stack's, or ours."""
    return int(_parameters(stage, stack).get("FetchConcurrency", DEFAULT_CONCURRENCY))


def alarm_fits(found: Concurrency, stage: Stage, stack: StackState | AwsFailure | None) -> Finding:
    """Judge the limit that the alarm near it counts with against the account's own."""
    stated = int(_parameters(stage, stack).get("AccountConcurrency", DEFAULT_LIMIT))
    if stated == found.limit:
        return Finding("ok", "alarm", f"it counts with the account's {stated} executions")
    text = f"it counts with {stated} executions, the account has {found.limit}"
    remedy = f'add "AccountConcurrency={found.limit}" to parameter_overrides of the stage'
    return Finding("note", "alarm", text, remedy)


def _parameters(stage: Stage, stack: StackState | AwsFailure | None) -> dict[str, str]:
    """Return what a deployment is given: the stack's own parameters, before them the stage's."""
    standing = stack.parameters if isinstance(stack, StackState) else {}
    return {**standing, **stage.overrides}


def concurrency_fits(found: Concurrency | AwsFailure, wanted: int, stage: str) -> Finding:
    """Judge the account's executions against those that the recorder reserves."""
    subject = "concurrency"
    if wanted == 0:
        return Finding("ok", subject, "none is reserved (FetchConcurrency=0)")
    if isinstance(found, AwsFailure):
        return not_checked(subject, "lambda:GetAccountSettings", found)
    left = found.unreserved + found.own - wanted
    text = f"{wanted} to reserve of a limit of {found.limit} leave {left} unreserved"
    if left >= _KEPT:
        return Finding("ok", subject, text)
    remedy = (
        f'add "FetchConcurrency=0" to parameter_overrides of [{stage}.deploy.parameters] in '
        "samconfig.toml; or ask for more in Service Quotas (Lambda, Concurrent executions)"
    )
    if left < _KEPT_AT_LEAST:
        return Finding("missing", subject, f"{text}; AWS keeps 10 at least", remedy)
    return Finding("note", subject, f"{text}; AWS may want to keep 100", remedy)
