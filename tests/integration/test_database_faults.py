"""A database in trouble during a shift: nothing half is read, no tick is missed silently."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from bson.codec_options import CodecOptions
from pymongo import MongoClient

from local.mongod import Mongod
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import OPERATION_TIMEOUT_MS, Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import SecretStr, Settings
from tests.soak.api_reader import ApiReader
from tests.support.invocation import AtWork, at_work, every_second, gaps, until
from tests.support.mongomock_database import AnyDatabase
from tests.support.recorder import recorder

# Of the clients whose commands fail; the test's own has another name.
APP = "nse-option-chain"
EVERY_COMMAND = ["insert", "update", "find"]
WRITES = ["insert", "update"]
_TRIES = 3


@pytest.fixture
def own(mongod: Mongod, database: AnyDatabase) -> Iterator[AnyDatabase]:
    """The test's own connection to its database, which no fault befalls."""
    with MongoClient[Document](mongod.uri) as client:
        yield client.get_database(database.name, codec_options=CodecOptions(tz_aware=True))


@pytest.fixture
def work(mongo_settings: Settings, own: AnyDatabase) -> Iterator[AtWork]:
    """The handler at work on data that change every second; afterwards nothing is amiss."""
    with (
        Exchange(SimulatedMarket(tick_seconds=1)) as exchange,
        recorder(every_second(mongo_settings, exchange.url, "IDEA")) as deps,
        ApiReader(deps.settings) as reader,
    ):
        with at_work(deps, own) as work:
            yield work
        assert gaps(own) == []
        assert len(deps.backlog) == 0
    assert reader.torn == []
    assert reader.whole > 0
    assert reader.strange == 0


@contextmanager
def failing(database: AnyDatabase, commands: list[str], **how: object) -> Iterator[None]:
    """Have commands of the project's clients fail."""
    point = {"configureFailPoint": "failCommand"}
    data = {"failCommands": commands, "appName": APP, **how}
    database.client.admin.command({**point, "mode": "alwaysOn", "data": data})
    try:
        yield
    finally:
        database.client.admin.command({**point, "mode": "off"})


def readable(database: AnyDatabase, tick: datetime) -> int:
    """How many snapshots of a tick a reader can see."""
    return database[SNAPSHOTS].count_documents({"fetched_at": tick})


# What fails, and how.
FAULTS: list[tuple[list[str], dict[str, Any]]] = [
    (EVERY_COMMAND, {"closeConnection": True}),
    (EVERY_COMMAND, {"errorCode": 10_107}),  # the server is no primary any more
    (["find"], {"errorCode": 8_000}),  # as Atlas answers what is too much for it
    (WRITES, {"writeConcernError": {"code": 64, "errmsg": "not replicated in time"}}),
    (EVERY_COMMAND, {"blockConnection": True, "blockTimeMS": OPERATION_TIMEOUT_MS + 500}),
]


@pytest.mark.time_limits
def test_ticks_that_the_database_lost_are_told_afterwards(work: AtWork, own: AnyDatabase) -> None:
    for commands, how in FAULTS:
        began = datetime.now(UTC)
        with failing(own, commands, **how):
            until(lambda: len(work.deps.backlog))
        back = datetime.now(UTC)
        first = until(partial(work.good, back))[0]
        lost = work.lost(began - timedelta(seconds=1))
        assert lost, how
        assert all(entry["tick"] < first["tick"] and entry["detail"] for entry in lost)


def test_a_connection_that_drops_once_costs_nothing(work: AtWork, own: AnyDatabase) -> None:
    def lost_after(command: str) -> list[Document]:
        began = datetime.now(UTC)
        data = {"failCommands": [command], "appName": APP, "closeConnection": True}
        point = {"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": data}
        own.client.admin.command(point)
        until(partial(work.good, began))
        # Ticks of a second that a busy machine skips are no fault of the database.
        return work.lost(began)

    for command in EVERY_COMMAND:
        # On a busy machine a tick may run into a time-out by itself, but not three times in a row.
        lost = [lost_after(command)]
        while lost[-1] and len(lost) < _TRIES:
            lost.append(lost_after(command))
        assert lost[-1] == [], command


def test_a_step_down_of_the_primary_is_survived(work: AtWork, own: AnyDatabase) -> None:
    began = datetime.now(UTC)
    down = {"replSetStepDown": 3, "secondaryCatchUpPeriodSecs": 1, "force": True}
    own.client.admin.command(down)
    # Alone in its set it is elected again, but for a while there is none.
    good = until(lambda: work.good(began + timedelta(seconds=3)))[0]
    assert good["outcome"] == "stored"
    assert good["owner"] == "the-only-one"


def test_nothing_is_read_from_a_secondary_that_a_uri_leads_to(
    own: AnyDatabase, mongod: Mongod, mongo_settings: Settings
) -> None:
    """PyMongo would read from it: what was written last might be missing."""
    uri = f"mongodb://127.0.0.1:{mongod.port}/?directConnection=true"
    client = RotatingClient(replace(mongo_settings, mongodb_uri=SecretStr(uri)))
    ledger = TickLedger(rotating_database(client))
    assert _refusal(ledger) == ""
    down = {"replSetStepDown": 8, "secondaryCatchUpPeriodSecs": 1, "force": True}
    own.client.admin.command(down)
    assert "leads to a secondary alone" in until(lambda: _refusal(ledger))
    until(lambda: own.client.is_primary)
    until(lambda: not _refusal(ledger))
    client.close()


def _refusal(ledger: TickLedger) -> str:
    try:
        ledger.last_claim(["IDEA"])
    except StoreUnavailable as error:
        return str(error)
    return ""


def test_a_hanging_database_is_waited_for(work: AtWork, own: AnyDatabase, mongod: Mongod) -> None:
    began = datetime.now(UTC)
    os.kill(mongod.pid, signal.SIGSTOP)
    try:
        hanging = datetime.now(UTC) + timedelta(seconds=1.5)
        until(lambda: datetime.now(UTC) > hanging)
    finally:
        os.kill(mongod.pid, signal.SIGCONT)
    until(lambda: work.good(hanging))
    assert work.lost(began) == []
    assert readable(own, work.good(hanging)[0]["tick"]) > 0


def test_contracts_without_their_header_are_never_read(work: AtWork, own: AnyDatabase) -> None:
    """The header's insert fails after the contracts' has succeeded: the tick is lost."""
    began = datetime.now(UTC)
    with failing(own, ["insert"], namespace=f"{own.name}.{SNAPSHOTS}", errorCode=8_000):
        failed = until(lambda: work.lost(began))[0]
    assert own[CONTRACTS].count_documents({"fetched_at": failed["tick"]}) > 0
    assert readable(own, failed["tick"]) == 0
    assert failed["inserted"] == 0
    good = until(lambda: work.good(failed["tick"]))[0]
    assert good["outcome"] == "stored"
    assert readable(own, good["tick"]) > 0
