"""/pipeline/status late in a day reads the ticks of some minutes, not those of the whole day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.api import NOW, client, read
from tests.support.commands import Watched, examined, watched
from tests.support.snapshots import INTERVAL, TICK

TICKS = 5_000
FEW = 200


@pytest.fixture(scope="module")
def recording(mongod: Mongod) -> Iterator[Watched]:
    with watched(mongod, "status") as (database, commands):
        entry = {"symbol": "NIFTY", "outcome": "stored", "lateness_ms": 9.0}
        ticks = ({**entry, "tick": TICK - number * INTERVAL} for number in range(TICKS))
        database["ticks"].insert_many(ticks)
        yield database, commands


def ticks_read(recording: Watched, api: TestClient) -> int:
    """Return how many ticks a request for /pipeline/status examines."""
    database, commands = recording
    with commands.kept() as sent:
        assert read(api, "/pipeline/status")["ticks"]["today"]["stored"] >= TICKS
        asked = list(sent)
    return sum(
        examined(database, command)
        for command in asked
        if "ticks" in (command.get("find"), command.get("aggregate"))
    )


def test_environment_reads_the_ticks_of_a_day_once(recording: Watched) -> None:
    api = client(recording[0])
    assert TICKS <= ticks_read(recording, api) <= TICKS + FEW
    for _ in range(2):
        assert ticks_read(recording, api) < FEW


def test_ticks_of_the_last_minutes_are_kept_as_the_clock_goes_on(recording: Watched) -> None:
    now = NOW
    api = client(recording[0], now=lambda: now)
    ledger = TickLedger(recording[0])
    ticks_read(recording, api)
    for number in range(1, 4):
        for tick in range(60):
            ledger.record("NIFTY", now + tick * INTERVAL, {"outcome": "stored"})
        now += timedelta(minutes=5)
        assert 60 <= ticks_read(recording, api) < FEW, number
