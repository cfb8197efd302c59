"""`python -m local.rehearsal [STAGE [FOLDER]]`: a deployment rehearsed on this machine.

Exit code: 0 where everything was shown, 1 where something failed, 2 where it cannot be tried here.
"""

import shutil
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from pymongo import MongoClient

from local.mongod import Mongod, MongodUnavailable
from local.nse_simulator.server import Exchange
from local.rehearsal.acts import ACTS, Scene
from local.rehearsal.deployed_api import DeployedApi
from local.rehearsal.ministack import ROOT, Ministack, MinistackUnavailable
from local.rehearsal.stack import BUILT, EVERY_MINUTE, SAM, DeploymentFailed, Stack, deploy, region
from optionchain.mongo.client import Document

FOLDER = ROOT / ".local" / "rehearsal"
_FAILED = 1
_UNUSABLE = 2
NOT_SHOWN = (
    "IAM: no role is evaluated, no signature is judged; a role that lacks an action passes here",
    "the schedule's hours and zone: ministack drops the zone and reads cron in UTC",
    "dead letters: ministack leaves the queue of the function and of the schedule unused",
    "API Gateway's usage plan, throttle, quota, compression, access log and own answers",
    "reserved concurrency, memory, processor, arm64, time-outs and cold starts of Lambda",
    "alarms, dashboard and metrics of CloudWatch: created, never evaluated",
    "encryption, retention of logs, subscriptions and mail",
    "Atlas: network access, TLS, mongodb+srv:// and its users",
    "the exchange: a stand-in answered, which takes every address",
)


def main(words: list[str]) -> int:
    """Rehearse; return the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    stage = words[0] if words else "prod"
    folder = Path(words[1]) if len(words) > 1 else FOLDER
    try:
        return _rehearse(stage, folder)
    except (MinistackUnavailable, MongodUnavailable) as error:
        return _complain(error, _UNUSABLE)
    except DeploymentFailed as error:
        return _complain(error, _FAILED)
    except KeyboardInterrupt:
        _say("\nStopped.")
        return _FAILED


def _rehearse(stage: str, folder: Path) -> int:
    for needed in (SAM, BUILT):
        if not needed.exists():
            path = needed.relative_to(ROOT)
            raise MinistackUnavailable(f"{path} is not there; `make rehearse` makes it")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _say(
        f"REHEARSAL of a deployment on this machine: evidence of the template, not of AWS."
        f"\n  Logs  {folder}"
    )
    failures = 0
    with ExitStack() as closing:
        for data in (folder / "mongod", folder / "tmp"):  # 300 MB that nobody asks for afterwards
            closing.callback(shutil.rmtree, data, ignore_errors=True)
        scene = _set(stage, folder, closing)
        for act in ACTS:
            for shown in act(scene):
                failures += not shown.ok
                _say(f"{'ok  ' if shown.ok else 'FAIL'}  {shown.text}")
    _say("Cannot be shown here:")
    for text in NOT_SHOWN:
        _say(f"  -   {text}")
    _say(f"{failures} of the acts failed." if failures else "Everything else was shown.")
    return _FAILED if failures else 0


def _set(stage: str, folder: Path, closing: ExitStack) -> Scene:
    """Start what the stack needs, deploy it, and lead it to this machine."""
    mongod = closing.enter_context(Mongod(folder / "mongod"))
    exchange = closing.enter_context(Exchange())
    emulator = closing.enter_context(Ministack(folder, region(stage)))
    began = time.monotonic()
    stack = deploy(emulator, stage, BUILT, folder / "sam-deploy.log")
    _say(f"ok    `sam deploy --config-env {stage}` in {time.monotonic() - began:.0f} s")
    _lead(stack, mongod.uri, exchange.url)
    client: MongoClient[Document] = closing.enter_context(MongoClient(mongod.uri, tz_aware=True))
    database = client[stack.variables("FetchFunction")["MONGODB_DATABASE"]]
    return Scene(emulator, stack, database, DeployedApi(emulator, stack))


def _lead(stack: Stack, uri: str, exchange: str) -> None:
    """Make the changes that the rehearsal alone makes, and say so."""
    stack.put_uri(uri)
    stack.set_environment({"NSE_BASE_URL": exchange, "MARKET_HOURS": "always"})
    expressions = stack.start_each_minute()
    _say("Changed on the rehearsed stack alone, after the deployment:")
    _say("  -   the secret has the URI of a mongod of this machine")
    _say("  -   NSE_BASE_URL is the stand-in exchange's, MARKET_HOURS is `always`")
    for name, expression in expressions.items():
        _say(f"  -   {name} starts at {EVERY_MINUTE}, not {expression}")


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)


def _complain(error: Exception, code: int) -> int:
    print(f"make rehearse: {error}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
