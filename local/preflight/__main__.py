"""`python -m local.preflight [--deploy] [STAGE]`: check what a deployment needs, or deploy.

Exit code: 0 where nothing is missing, 1 where something is, 2 for a stage that does not exist;
with --deploy that of `sam deploy`.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from local.preflight import (
    account,
    archive_checks,
    budget_checks,
    calendar_checks,
    checks,
    database_checks,
    machine,
    source_checks,
    source_findings,
)
from local.preflight.database import (
    archive_days,
    compression,
    ping,
    prepared_for_shards,
    symbol_list,
)
from local.preflight.finding import Finding
from local.preflight.observations import AwsFailure, Concurrency, Secret, StackState, Stage
from local.preflight.release import FUNCTIONS, release_of, stamp
from local.terminal import FAILED, UNUSABLE, print_error
from optionchain.exchange_time import exchange_date
from optionchain.settings import SecretStr

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam" / "build"
# The default of MongoDatabase in the template; a test compares them.
DATABASE = "option_chain"
_MARKS = {"ok": "ok     ", "note": "note   ", "missing": "MISSING"}
_AFTERWARDS = """
Still to do by hand: put the MongoDB URI into the secret of the outputs (SecretArn), allow Lambda's
addresses in Atlas, and check again with `make preflight STAGE={stage}`.
"""


def main(arguments: list[str]) -> int:
    """Check, deploy if asked to, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.preflight", description=__doc__)
    parser.add_argument("stage", nargs="?", default="prod", help="a stage of samconfig.toml")
    parser.add_argument("--deploy", action="store_true", help="deploy where nothing is missing")
    options = parser.parse_args(arguments)
    try:
        stage = machine.stage_of(ROOT, options.stage)
    except machine.UnknownStage as error:
        print_error("make preflight", error)
        return UNUSABLE
    make_client = account.client_factory(stage.region)
    print(f"Preflight of stage {stage.name}: stack {stage.stack} in {stage.region}", flush=True)
    missing = print_findings([*machine_findings(stage), *account_findings(stage, make_client)])
    if missing:
        print(f"{missing} missing." + (" Nothing was deployed." if options.deploy else ""))
        return FAILED
    return deploy(stage, make_client) if options.deploy else 0


def print_findings(found: list[Finding]) -> int:
    """Print each finding with its remedy; return the number of missing things."""
    for finding in found:
        print(f"  {_MARKS[finding.level]}  {finding.subject:<12} {finding.text}")
        if finding.remedy:
            print(f"{'':>24}-> {finding.remedy}")
    return sum(finding.level == "missing" for finding in found)


def machine_findings(stage: Stage) -> Iterator[Finding]:
    """Check the tools and the build."""
    yield checks.sam_found(machine.sam_command(ROOT))
    yield checks.python_fits(sys.version_info[:2])
    wanted = stage.overrides.get("Architecture", "arm64")
    yield checks.build_fits(machine.build_state(ROOT), wanted)
    elsewhere = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    yield checks.region_fits(stage, account.lambda_regions(), elsewhere)
    yield source_checks.sources_fit(stage.overrides)
    yield calendar_checks.sessions_fit(stage)
    yield calendar_checks.holidays_known(exchange_date(datetime.now(UTC)))
    yield budget_checks.budget_fits(stage.overrides)


def account_findings(stage: Stage, make_client: account.ClientFactory) -> Iterator[Finding]:
    """Check the account; without credentials nothing more can be checked."""
    who = account.identity(make_client)
    yield checks.credentials_work(who)
    if isinstance(who, AwsFailure):
        return
    stack = account.stack(make_client, stage.stack)
    yield checks.stack_fits(stage, stack)
    deployed = stack if isinstance(stack, StackState) and not checks.is_first(stack) else None
    function = deployed.outputs.get("FetchFunctionName") if deployed else None
    for name in _functions_of(deployed):
        yield checks.alias_fits(name, account.alias_serves_newest(make_client, name))
    executions = account.concurrency(make_client, function)
    wanted = checks.reserved(stage, stack)
    yield checks.concurrency_fits(executions, wanted, stage.name)
    if isinstance(executions, Concurrency):
        yield checks.alarm_fits(executions, stage, stack)
    arn = secret_arn(stage, deployed)
    secret = account.secret(make_client, arn) if arn else None
    judged = database_checks.secret_fits(secret)
    yield judged
    parameters = {**(deployed.parameters if deployed else {}), **stage.overrides}
    if isinstance(secret, Secret) and secret.uri and judged.level != "missing":
        yield from database_findings(secret.uri, parameters)
    reader = reader_arn(stage, deployed)
    yield database_checks.reader_fits(account.secret(make_client, reader) if reader else None)
    yield from archive_finding(deployed, parameters, make_client)
    yield from source_findings.token_findings(parameters, make_client)


def database_findings(uri: SecretStr, parameters: Mapping[str, str]) -> Iterator[Finding]:
    """Check that the database answers, how it is stored, and whether its past days are sealed.

    If it knows which symbols are listed, the request budget is checked once more, by these.
    """
    answer, name = ping(uri), parameters.get("MongoDatabase", DATABASE)
    yield database_checks.database_answers(answer)
    if answer != "answers":
        return
    yield database_checks.compression_fits(compression(uri, name))
    if (prepared := prepared_for_shards(uri, name)) is not None:
        yield database_checks.shards_fit(prepared=prepared)
    today = exchange_date(datetime.now(UTC))
    listed = symbol_list(uri, name, today)
    if listed and budget_checks.asks_for_listed(parameters):
        yield budget_checks.budget_fits(parameters, listed)
    if archive_checks.is_wanted(parameters):
        yield archive_checks.days_fit(archive_days(uri, name, today))


def archive_finding(
    deployed: StackState | None, parameters: Mapping[str, str], make_client: account.ClientFactory
) -> Iterator[Finding]:
    """Check the bucket of the archive, if there is to be one."""
    if not archive_checks.is_wanted(parameters):
        return
    outputs = deployed.outputs if deployed else {}
    url, function = outputs.get("ArchiveUrl"), outputs.get("ArchiveFunctionName")
    if not url or not function:
        yield archive_checks.bucket_fits(None)
        return
    name = url.removeprefix("s3://").partition("/")[0]
    rights = archive_checks.needed_rights(name)
    yield archive_checks.bucket_fits(account.bucket(make_client, name, function, rights))


def _functions_of(deployed: StackState | None) -> list[str]:
    outputs = deployed.outputs if deployed else {}
    return [outputs[name] for name in (f"{each}Name" for each in FUNCTIONS) if name in outputs]


def secret_arn(stage: Stage, deployed: StackState | None) -> str:
    """Return the given secret, else the stack's own; "" where the deployment creates one."""
    parameters = dict(deployed.parameters) if deployed else {}
    parameters |= stage.overrides
    own = deployed.outputs.get("SecretArn", "") if deployed else ""
    return parameters.get("MongoSecretArn", "") or own


def reader_arn(stage: Stage, deployed: StackState | None) -> str:
    """Return the secret of the API's own user; "" where it uses the recorder's."""
    parameters = {**(deployed.parameters if deployed else {}), **stage.overrides}
    return parameters.get("MongoReaderSecretArn", "")


def deploy_command(sam: str, stage: Stage, *, first: bool) -> list[str]:
    """Return the command that deploys a stage; guided if the stack does not exist yet."""
    return [sam, "deploy", "--config-env", stage.name, *(["--guided"] if first else [])]


def deploy(stage: Stage, make_client: account.ClientFactory) -> int:
    """Run `sam deploy`, which may ask questions; return its exit code."""
    found = account.stack(make_client, stage.stack)
    first = not isinstance(found, StackState) or checks.is_first(found)
    stamp(BUILT, release_of(BUILT, stage.overrides))
    command = deploy_command(machine.sam_command(ROOT) or "sam", stage, first=first)
    env = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    if first and code == 0:
        print(_AFTERWARDS.format(stage=stage.name))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
