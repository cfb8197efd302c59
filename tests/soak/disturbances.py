"""Everything that can go wrong, as a generator each.

It does something, yields for how many seconds that lasts, and puts things right.
"""

import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from pymongo.errors import OperationFailure

from tests.soak.servers import RecorderInstance, SoakServers

type Disturbance = Generator[float]
type Make = Callable[[SoakServers, Sequence[RecorderInstance]], Disturbance]

# Not among them: what makes the recorder wait for minutes by design (403, 421).
_REFUSALS: dict[str, dict[str, object]] = {
    "unauthorised": {},
    "not_found_text": {},
    "empty": {},
    "html_200": {},
    "undecodable": {},
    "truncated": {},
    "empty_data": {},
    "connection_reset": {},
    "server_error": {},
    "too_many": {"retry_after": 2},
    "tarpit": {"seconds": 2.0},
    "slow_drip": {"seconds": 0.2},
    "huge": {"size": 20_000_000},
    "older_body": {},
    "other_node": {},
}
# The write commands of the recorder: contracts, headers and claims; ledger, shifts and source.
_WRITES = ["insert", "update"]
_COMMANDS = [*_WRITES, "find"]
_APP = "nse-option-chain"


def refusal(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Let the exchange refuse, be slow, or contradict itself, for some requests."""
    kind = servers.chance.choice(sorted(_REFUSALS))
    symbol = servers.chance.choice(["", "symbol=NIFTY", "symbol=BANKNIFTY"])
    servers.fault(kind=kind, times=servers.chance.randint(1, 3), query=symbol, **_REFUSALS[kind])
    yield servers.chance.uniform(0.5, 3)


def kill(servers: SoakServers, recorders: Sequence[RecorderInstance]) -> Disturbance:
    """Kill an environment as a crash does; every other time in the midst of a tick."""
    recorder = servers.chance.choice(recorders)
    if servers.chance.random() < 0.5:
        passed = datetime.now(UTC).timestamp() % recorder.interval
        yield recorder.interval - passed + servers.chance.uniform(0, 0.1)
    recorder.invoker.kill(datetime.now(UTC))
    yield servers.chance.uniform(2, 8)


def pause(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Let the database hang."""
    pid = servers.mongod.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield servers.chance.uniform(0.5, 2)
    finally:
        os.kill(pid, signal.SIGCONT)


def restart(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Stop the database, by a crash or in good order, and start it again."""
    servers.mongod.stop(servers.chance.choice([signal.SIGKILL, signal.SIGTERM]))
    try:
        yield servers.chance.uniform(0.2, 2)
    finally:
        servers.mongod.start()


def step_down(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Let the primary step down; alone in its set, it steps up again after the period."""
    seconds = servers.chance.randint(2, 4)
    with suppress(OperationFailure):  # it was busy for so long that the period was over
        servers.command("replSetStepDown", seconds, secondaryCatchUpPeriodSecs=1, force=True)
    yield seconds + 1


def drop_connections(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Hang up instead of answering."""
    yield from _fail(servers, {"closeConnection": True, "failCommands": _COMMANDS})


def refuse_commands(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Answer with the errors of a failover or of a server that is overwhelmed."""
    code = servers.chance.choice([91, 189, 10_107, 50, 8_000])
    yield from _fail(servers, {"errorCode": code, "failCommands": _COMMANDS})


def doubt_writes(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Write, and say that it may not have been written."""
    doubt = {"code": 64, "errmsg": "waiting for replication timed out"}
    yield from _fail(servers, {"writeConcernError": doubt, "failCommands": _WRITES})


def block_commands(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """Answer late, at times later than the recorder waits."""
    late = {"blockConnection": True, "blockTimeMS": servers.chance.choice([300, 1_500, 4_000])}
    yield from _fail(servers, {**late, "failCommands": _COMMANDS})


def _fail(servers: SoakServers, data: dict[str, object]) -> Disturbance:
    times = {"times": servers.chance.randint(1, 12)}
    data = {**data, "appName": _APP}
    servers.command("configureFailPoint", "failCommand", mode=times, data=data)
    try:
        yield servers.chance.uniform(0.5, 4)
    finally:
        servers.command("configureFailPoint", "failCommand", mode="off")


DATABASE: dict[str, Make] = {
    "pause": pause,
    "restart": restart,
    "step down": step_down,
    "drop connections": drop_connections,
    "refuse commands": refuse_commands,
    "doubt writes": doubt_writes,
    "block commands": block_commands,
}
DISTURBANCES: dict[str, Make] = {"refusal": refusal, "kill": kill, **DATABASE}
# Twice as often as the database the exchange is to blame.
EVERYTHING = [*["refusal"] * 14, *["kill"] * 2, *DATABASE]
