"""A minute of ticks of three expiries, and a recorder that goes on while a client reads pages."""

from collections.abc import Iterator
from datetime import date
from itertools import repeat
from typing import Any

from starlette.testclient import TestClient

from optionchain.mongo.disagreement_register import DisagreementRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.api import NOW, Clock, commit
from tests.support.bodies import EXPIRY
from tests.support.comparisons import comparison
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

JULY = date(2026, 7, 28)
AUGUST = date(2026, 8, 25)
TICKS = 12
FIRST = TICK - (TICKS - 1) * INTERVAL
STRIKES = [23950.0, 24000.0, 24050.0, 24100.0]
FROM = "from=2026-06-19T15:00:00"
NIFTY = "/option-chain/NIFTY"
LISTS = [
    f"{NIFTY}/snapshots?{FROM}",
    f"{NIFTY}/snapshots?{FROM}&expiry=all",
    f"{NIFTY}/snapshots?expiry=all&to=15:02:10",
    f"{NIFTY}/history?{FROM}&strike_min=24000",
    f"{NIFTY}/history?{FROM}&strikes_around_atm=1",
    f"{NIFTY}/history?{FROM}&strike=24000&columns=last_price,identifier,fetched_at",
    f"{NIFTY}/history?{FROM}&identifier=NIFTY_PE_24050_23-Jun-2026",
    f"{NIFTY}/history?{FROM}&strike_max=24050&interval=15s",
    f"{NIFTY}/changes?{FROM[:-8]}15:01:40",
    f"{NIFTY}/changes?from=15:01:40&option_type=PE&min_volume=1",
    f"{NIFTY}/analytics/history?{FROM}&metric=underlying_value,pcr_oi",
    f"{NIFTY}/analytics/history?{FROM}&metric=pcr_oi&interval=15s",
    f"{NIFTY}/disagreements?from=2026-06-19T14:00:00",
]


def fill(database: AnyDatabase) -> None:
    """Store the minute: the far expiries at every fourth tick; numbers change at every tick."""
    for number in range(TICKS):
        tick = FIRST + number * INTERVAL
        moving = {"last_price": 100.0 + number, "total_traded_volume": 10.0 * number}
        for day in (EXPIRY, AUGUST, JULY)[: 1 if number % 4 else 3]:
            chain = snapshot(STRIKES, tick=tick, expiry=day, **moving)  # type: ignore[arg-type]
            commit(database, chain, rate=5.5)
    checks = DisagreementRegister(database)
    for number, differing in enumerate((3, 0, 5, 1)):
        checks.complete(comparison(number, open_interest=differing, last_price=2 * (differing > 3)))


class Recorder:
    """Records a tick from before the first page, then newer ones, and confirms stored headers.

    The underlying moves far, and strikes are added, so that what is at the money changes.
    """

    def __init__(self, database: AnyDatabase, clock: Clock) -> None:
        self._store = SnapshotWriter(database)
        self._clock = clock
        self._number = 0

    def work(self) -> None:
        """Record the next tick."""
        self._number += 1
        tick = TICK + self._number * INTERVAL  # the first one is before the moment of page one
        self._clock.now = NOW + self._number * INTERVAL
        for header in self._store.latest_headers("NIFTY", EXPIRY):
            self._store.confirm(header, tick)
        strikes = [23900.0, *STRIKES, 24150.0]
        for day in (EXPIRY, JULY, date(2026, 6, 30)):
            new = snapshot(strikes, expiry=day, tick=tick, underlying=24140.0)
            self._store.commit(Commit(new))


def page_of(api: TestClient, address: str) -> dict[str, Any]:
    """Return a page, and check that its links agree."""
    response = api.get(address)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    link = f'<{page["next"]}>; rel="next"' if page["next"] else None
    assert response.headers.get("link") == link
    return page


def whole(api: TestClient, address: str) -> list[Any]:
    """Return the records of a list that fits into one page."""
    page = page_of(api, f"{address}&limit=10000")
    assert page["next"] is None
    records: list[Any] = page["records"]
    assert len(records) >= 4
    return records


def forever(limit: int) -> Iterator[int]:
    """Return the same limit for every page."""
    return repeat(limit)
