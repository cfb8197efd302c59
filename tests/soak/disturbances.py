"""Every disturbance of a soak, each as a generator.

It begins the disturbance, yields its length in seconds, and ends it.
"""

import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from pymongo.errors import OperationFailure

from tests.soak.lying_market import STORIES as TOLD
from tests.soak.servers import RecorderInstance, SoakServers

type Disturbance = Generator[float]
type Begin = Callable[[SoakServers, Sequence[RecorderInstance]], Disturbance]

# Without 403 and 421, after which the recorder waits for minutes by design.
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
_UNAUTHORISED = 13


def refusal(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The exchange refuses, is slow or contradicts itself, for some requests."""
    kind = servers.chance.choice(sorted(_REFUSALS))
    symbol = servers.chance.choice(["", "symbol=NIFTY", "symbol=BANKNIFTY"])
    servers.fault(kind=kind, times=servers.chance.randint(1, 3), query=symbol, **_REFUSALS[kind])
    yield servers.chance.uniform(0.5, 3)


def kill(servers: SoakServers, recorders: Sequence[RecorderInstance]) -> Disturbance:
    """Kill an environment like a crash; every other time in the middle of a tick."""
    recorder = servers.chance.choice(recorders)
    if servers.chance.random() < 0.5:
        passed = datetime.now(UTC).timestamp() % recorder.interval
        yield recorder.interval - passed + servers.chance.uniform(0, 0.1)
    recorder.invoker.kill(datetime.now(UTC))
    yield servers.chance.uniform(2, 8)


def pause(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The database hangs."""
    pid = servers.mongod.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield servers.chance.uniform(0.5, 2)
    finally:
        os.kill(pid, signal.SIGCONT)


def restart(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The database stops, by a crash or in good order, and starts again."""
    servers.mongod.stop(servers.chance.choice([signal.SIGKILL, signal.SIGTERM]))
    try:
        yield servers.chance.uniform(0.2, 2)
    finally:
        servers.mongod.start()


def step_down(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The primary steps down; as the only node it becomes primary again after the period."""
    seconds = servers.chance.randint(2, 4)
    with suppress(OperationFailure):  # the command took longer than the period
        servers.command("replSetStepDown", seconds, secondaryCatchUpPeriodSecs=1, force=True)
    yield seconds + 1


def drop_connections(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The server closes the connection instead of answering."""
    yield from _fail_commands(servers, {"closeConnection": True, "failCommands": _COMMANDS})


def refuse_commands(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The server answers with errors of a failover or of an overloaded server."""
    code = servers.chance.choice([91, 189, 10_107, 50, 8_000])
    yield from _fail_commands(servers, {"errorCode": code, "failCommands": _COMMANDS})


def write_concern_errors(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The server writes, and reports that the write is not acknowledged."""
    error = {"code": 64, "errmsg": "waiting for replication timed out"}
    yield from _fail_commands(servers, {"writeConcernError": error, "failCommands": _WRITES})


def block_commands(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The server answers late, at times after the recorder's time-out."""
    late = {"blockConnection": True, "blockTimeMS": servers.chance.choice([300, 1_500, 4_000])}
    yield from _fail_commands(servers, {**late, "failCommands": _COMMANDS})


def wrong_rights(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """The user may not do something that the recorder does."""
    commands = servers.chance.choice([_WRITES, ["find"], ["createIndexes", "collMod"]])
    yield from _fail_commands(servers, {"errorCode": _UNAUTHORISED, "failCommands": commands})


def wrong_list(servers: SoakServers, recorders: Sequence[RecorderInstance]) -> Disturbance:
    """A new environment reads a list of expiries without a date, or one that has passed."""
    kind = servers.chance.choice(["no_expiry_dates", "past_expiries"])
    servers.fault(kind=kind, times=servers.chance.randint(1, 3))
    recorders[0].invoker.kill(datetime.now(UTC))
    yield servers.chance.uniform(2, 8)


def slow_proxy(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """What stands before the exchange holds up each piece of an answer."""
    servers.proxy.delay = servers.chance.choice([0.1, 0.5, 2.0])
    try:
        yield servers.chance.uniform(2, 6)
    finally:
        servers.proxy.delay = 0.0


def resetting_proxy(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
    """What stands before the exchange resets its connections, again and again."""
    for _times in range(servers.chance.randint(1, 8)):
        servers.proxy.reset()
        yield servers.chance.uniform(0.05, 1)


def _told(story: str) -> Begin:
    def begin(servers: SoakServers, _: Sequence[RecorderInstance]) -> Disturbance:
        servers.tell(story)
        try:
            yield servers.chance.uniform(2, 8)
        finally:
            servers.tell("")

    return begin


def _fail_commands(servers: SoakServers, data: dict[str, object]) -> Disturbance:
    times = {"times": servers.chance.randint(1, 12)}
    data = {**data, "appName": _APP}
    servers.command("configureFailPoint", "failCommand", mode=times, data=data)
    try:
        yield servers.chance.uniform(0.5, 4)
    finally:
        servers.command("configureFailPoint", "failCommand", mode="off")


DATABASE: dict[str, Begin] = {
    "pause": pause,
    "restart": restart,
    "step down": step_down,
    "drop connections": drop_connections,
    "refuse commands": refuse_commands,
    "write concern errors": write_concern_errors,
    "block commands": block_commands,
    "wrong rights": wrong_rights,
}
# What is believed and is not so. The table of stories in docs/development.md names each.
STORIES: dict[str, Begin] = {
    **{story: _told(story) for story in TOLD},
    "wrong list": wrong_list,
    "wrong rights": wrong_rights,
    "slow proxy": slow_proxy,
    "resetting proxy": resetting_proxy,
}
# A phase of its own: by clocks that differ nobody can say who was on duty.
CLOCK_SKEW = "clock skew"
DISTURBANCES: dict[str, Begin] = {"refusal": refusal, "kill": kill, **DATABASE, **STORIES}
# Refusals of the exchange are twice as frequent as disturbances of the database.
EVERYTHING = ["refusal"] * 14 + ["kill"] * 2 + list(DATABASE) + list(STORIES)
