"""The headers of many symbols are found and confirmed together, as if each were asked alone."""

from datetime import date

import pytest

from chain_fetch.recording.bodies.newest_headers import NewestHeaders
from optionchain.analytics import analytics_of
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_writer import Commit, Confirmation, SnapshotWriter
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

NEXT = date(2026, 6, 30)
SYMBOLS = [f"S{number}" for number in range(45)]  # more than one operation asks for


@pytest.fixture
def recorded(store: SnapshotWriter) -> SnapshotWriter:
    """Two snapshots of two expiries of each symbol; of the later expiry the last one has none."""
    for symbol in SYMBOLS:
        for number in range(2):
            tick = TICK + number * INTERVAL
            for expiry in (EXPIRY, NEXT)[: 1 if symbol == SYMBOLS[-1] else 2]:
                store.commit(
                    Commit(
                        snapshot([24_000.0], symbol=symbol, expiry=expiry, tick=tick),
                        derive=lambda chain, facts: analytics_of(chain, rate=5.5, facts=facts),
                    )
                )
    return store


def alone(store: SnapshotWriter, symbol: str, expiry: date) -> HeaderDocument:
    header = store.latest_header(symbol, expiry)
    assert header is not None
    assert header.pop("analytics", None)
    return header


def test_headers_are_found_from_a_known_tick_on(recorded: SnapshotWriter) -> None:
    ticks = {("S0", EXPIRY): TICK, ("S1", NEXT): TICK + INTERVAL, ("S2", NEXT): TICK + 2 * INTERVAL}
    assert recorded.newest_since(ticks) == {
        (symbol, expiry): alone(recorded, symbol, expiry)
        for symbol, expiry in (("S0", EXPIRY), ("S1", NEXT))
    }


def test_a_recorder_finds_what_came_later_and_what_has_gone(
    recorded: SnapshotWriter, database: AnyDatabase
) -> None:
    newest, chain = NewestHeaders(recorded), ("S0", EXPIRY)
    assert newest.of([chain, chain, ("NOBODY", NEXT)]) == {chain: alone(recorded, *chain)}
    recorded.commit(Commit(snapshot(symbol="S0", tick=TICK + 3 * INTERVAL)))
    assert newest.of([chain])[chain]["fetched_at"] == TICK + 3 * INTERVAL
    database["snapshots"].delete_many({"symbol": "S0", "fetched_at": {"$gt": TICK}})
    assert newest.of([chain])[chain]["fetched_at"] == TICK


def test_what_was_seen_again_is_confirmed_together(recorded: SnapshotWriter) -> None:
    evening, headers = TICK + 9 * INTERVAL, [alone(recorded, each, EXPIRY) for each in SYMBOLS]
    gone = {**headers[2], "fetched_at": TICK - INTERVAL}
    recorded.confirm_all(
        [
            Confirmation(headers[0], evening),
            Confirmation(headers[1], evening, settled=True),
            Confirmation(gone, evening),  # type: ignore[arg-type]
        ]
    )
    recorded.confirm_all([Confirmation(headers[0], TICK)])  # a late one moves nothing back
    recorded.confirm_all([])
    found = [alone(recorded, each, EXPIRY) for each in SYMBOLS[:3]]
    assert found[0] == headers[0] | {"last_seen_at": evening}
    marks = {"last_seen_at": evening, "settled": True, "settled_at": evening}
    assert found[1:] == [headers[1] | marks, headers[2]]
