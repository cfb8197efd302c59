"""`python -m local.rehearsal [STAGE [FOLDER]]`: a deployment rehearsed on this machine.

Exit code: 0 where every check passed, 1 where one failed, 2 where it cannot be tried here.
"""

import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from pymongo import MongoClient

from local.mongod import Mongod, MongodUnavailable
from local.nse_simulator.server import Exchange
from local.rehearsal.checks import CHECKS
from local.rehearsal.deployed_api import DeployedApi
from local.rehearsal.deployed_stack import (
    BUILT,
    EVERY_MINUTE,
    SAM,
    DeployedStack,
    DeploymentFailed,
    deploy,
    region,
)
from local.rehearsal.groups_check import GROUPS, parameters
from local.rehearsal.ministack import ROOT, Ministack, MinistackUnavailable
from local.rehearsal.rehearsal import Rehearsal
from local.terminal import FAILED, UNUSABLE, print_error, print_line, raise_on_stop_signals
from optionchain.mongo.client import Document

FOLDER = ROOT / ".local" / "rehearsal"
NOT_CHECKED = (
    "IAM: ministack evaluates no role and no signature; a role without an action passes here",
    "the schedule's hours and zone: ministack ignores the zone and reads cron in UTC",
    "dead letters: ministack does not use the queue of the function and of the schedule",
    "API Gateway's usage plan, throttle, quota, compression, access log and gateway responses",
    "reserved concurrency, memory, processor, arm64, time-outs and cold starts of Lambda",
    "CodeDeploy: an alias moves at once, and no alarm takes it back",
    "alarms, dashboard and metrics of CloudWatch: created, never evaluated",
    "the bucket's lifecycle, its policy and who may read it: created, never enforced",
    "encryption, retention of logs, subscriptions and mail",
    "Atlas: network access, TLS, mongodb+srv:// and its users",
    "the exchange: a simulated one answers, and accepts every address",
)


def main(arguments: list[str]) -> int:
    """Rehearse; return the exit code."""
    raise_on_stop_signals()
    stage = arguments[0] if arguments else "prod"
    folder = Path(arguments[1]) if len(arguments) > 1 else FOLDER
    try:
        return _rehearse(stage, folder)
    except (MinistackUnavailable, MongodUnavailable) as error:
        print_error("make rehearse", error)
        return UNUSABLE
    except DeploymentFailed as error:
        print_error("make rehearse", error)
        return FAILED
    except KeyboardInterrupt:
        print_line("\nStopped.")
        return FAILED


def _rehearse(stage: str, folder: Path) -> int:
    for needed in (SAM, BUILT):
        if not needed.exists():
            path = needed.relative_to(ROOT)
            raise MinistackUnavailable(f"{path} does not exist; `make rehearse` makes it")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print_line("REHEARSAL of a deployment on this machine: it tests the template, not AWS.")
    print_line(f"  Logs  {folder}")
    failures = 0
    with ExitStack() as closing:
        for data in (folder / "mongod", folder / "tmp"):  # 300 MB that are not needed afterwards
            closing.callback(shutil.rmtree, data, ignore_errors=True)
        rehearsal = _start(stage, folder, closing)
        for check in CHECKS:
            for result in check(rehearsal):
                failures += not result.ok
                print_line(f"{'ok  ' if result.ok else 'FAIL'}  {result.text}")
    print_line("Cannot be checked here:")
    for text in NOT_CHECKED:
        print_line(f"  -   {text}")
    print_line(f"{failures} checks failed." if failures else "All other checks passed.")
    return FAILED if failures else 0


def _start(stage: str, folder: Path, closing: ExitStack) -> Rehearsal:
    """Start the servers, deploy the stack, and connect it to this machine."""
    mongod = closing.enter_context(Mongod(folder / "mongod"))
    exchange = closing.enter_context(Exchange())
    ministack = closing.enter_context(Ministack(folder, region(stage)))

    def update(changes: Mapping[str, str]) -> DeployedStack:
        return deploy(ministack, stage, BUILT, folder / "sam-deploy.log", changes)

    began = time.monotonic()
    stack = update(parameters(GROUPS))
    print_line(f"ok    `sam deploy --config-env {stage}` in {time.monotonic() - began:.0f} s")
    _connect(stack, mongod.uri, exchange.url)
    client: MongoClient[Document] = closing.enter_context(MongoClient(mongod.uri, tz_aware=True))
    database = client[stack.variables("FetchFunction")["MONGODB_DATABASE"]]
    return Rehearsal(ministack, stack, database, DeployedApi(ministack, stack), update)


def _connect(stack: DeployedStack, uri: str, exchange: str) -> None:
    """Make the changes that only the rehearsal makes, and print them."""
    stack.put_uri(uri)
    stack.set_environment({"NSE_BASE_URL": exchange, "MARKET_HOURS": "always"})
    expressions = stack.start_each_minute()
    print_line("Changed on the rehearsed stack alone, after the deployment:")
    print_line("  -   each function has a version with these variables, and its alias serves that")
    print_line("  -   the secret has the URI of a mongod of this machine")
    print_line("  -   NSE_BASE_URL is the simulated exchange's, MARKET_HOURS is `always`")
    if stack.has("ArchiveFunction"):
        print_line(
            "  -   RETENTION_DAYS of the API becomes 1, so that it reads a day from the bucket"
        )
    for name, expression in expressions.items():
        print_line(f"  -   {name} starts at {EVERY_MINUTE}, not {expression}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
