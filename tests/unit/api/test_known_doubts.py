"""Doubts that /health tells are kept for half a minute; all else is asked each time."""

from datetime import timedelta
from typing import Any

import pytest

from optionchain.mongo.housekeeping_register import HousekeepingRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.settings import Settings
from tests.support.api import NOW, Clock, client, database_with
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

SETTINGS = Settings(nse_symbols=("NIFTY",))
HALF_A_MINUTE = timedelta(seconds=30)


class Scene:
    """A client whose clock is moved, over a database that may be away."""

    def __init__(self) -> None:
        self.clock, self.stored = Clock(), database_with(snapshot(tick=NOW, stamp=NOW))
        self.database = ShakyDatabase(self.stored)
        self.api = client(self.database, self.clock, SETTINGS)

    def health(self) -> dict[str, Any]:
        body: dict[str, Any] = self.api.get("/health").json()
        return body

    def warnings(self) -> list[str]:
        return [each["detail"] for each in self.health()["notices"]]


@pytest.mark.parametrize("moved", [HALF_A_MINUTE, -timedelta(microseconds=1)])
def test_a_doubt_is_told_half_a_minute_later(moved: timedelta) -> None:
    scene = Scene()
    assert scene.warnings() == []
    HousekeepingRegister(scene.stored).write(["an index is missing"])
    scene.clock.now += HALF_A_MINUTE - timedelta(microseconds=1)
    assert scene.warnings() == []
    scene.clock.now = NOW + moved  # or the clock is set back
    assert scene.warnings() == ["an index is missing"]


def test_an_outage_and_a_stop_are_told_at_once() -> None:
    scene = Scene()
    assert scene.health()["status"] == "healthy"
    RecorderSwitch(scene.stored).switch(["NIFTY"], NOW, enabled=False)
    assert [each["code"] for each in scene.health()["reasons"]] == ["stopped"]
    scene.database.away = True
    assert [each["code"] for each in scene.health()["reasons"]] == ["database_unavailable"]
    assert scene.health()["database_connected"] is False


def test_doubts_that_could_not_be_read_are_read_by_the_next_request() -> None:
    scene = Scene()
    scene.database.away = True
    scene.health()
    HousekeepingRegister(scene.stored).write(["an index is missing"])
    scene.database.away = False
    assert scene.warnings() == ["an index is missing"]
