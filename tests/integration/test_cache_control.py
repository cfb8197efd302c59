"""Cache-Control: an answer is fresh for as long as it stays what it is."""

from datetime import timedelta

import pytest

from optionchain.mongo.snapshot_writer import SnapshotWriter
from tests.support.api import CHAIN, NOW, Clock, answered, client, commit, confirm
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

IMMUTABLE = "private, max-age=31536000, immutable"
LATEST = "private, max-age=3"
# NOW is 15:02:32 in India: 8 h 57 min 28 s before midnight.
TO_MIDNIGHT = "private, max-age=32248"


FRESH = {
    CHAIN: LATEST,
    f"{CHAIN}?as_of=2026-06-19T14:50:00": IMMUTABLE,
    f"{CHAIN}?as_of=2026-06-19T09:20:00Z": IMMUTABLE,
    f"{CHAIN}?as_of=14:50": TO_MIDNIGHT,
    f"{CHAIN}?as_of=2026-06-18": IMMUTABLE,
    f"{CHAIN}?as_of=2026-06-19": LATEST,  # a day that is not over
    f"{CHAIN}?as_of=2026-06-19T15:00:00": LATEST,
    f"{CHAIN}?as_of=15:00": LATEST,
    f"{CHAIN}/snapshots": LATEST,
    f"{CHAIN}/snapshots?from=2026-06-18&to=2026-06-19T14:50:00": IMMUTABLE,
    f"{CHAIN}/snapshots?from=2026-06-18&to=14:50": TO_MIDNIGHT,
    f"{CHAIN}/snapshots?from=14:00&to=2026-06-19T14:50:00": TO_MIDNIGHT,
    f"{CHAIN}/snapshots?from=2026-06-18&to=2026-06-19T15:00:00": LATEST,
    f"{CHAIN}/history?strike=24000&from=2026-06-18&to=2026-06-19T14:50:00": IMMUTABLE,
    f"{CHAIN}/changes?from=2026-06-19T14:46:00&to=2026-06-19T14:50:00": IMMUTABLE,
    f"{CHAIN}/changes?from=14:46&to=14:50": TO_MIDNIGHT,
    f"{CHAIN}?as_of=-14m": LATEST,  # a second later it is another moment
    f"{CHAIN}/strikes?as_of=-14m": LATEST,
    f"{CHAIN}/snapshots?to=-14m": LATEST,
    f"{CHAIN}/changes?from=-14m": LATEST,
    f"{CHAIN}/changes?from=-2m&to=14:50": TO_MIDNIGHT,
}


@pytest.fixture
def store(database: AnyDatabase) -> SnapshotWriter:
    """A store with two snapshots, the last one of this tick."""
    commit(database, snapshot(tick=TICK - INTERVAL, last_price=1.0), snapshot())
    return SnapshotWriter(database)


@pytest.mark.usefixtures("store")
def test_an_answer_is_fresh_for_as_long_as_it_stays_what_it_is(database: AnyDatabase) -> None:
    api = client(database)
    commit(database, *(snapshot(tick=TICK - timedelta(minutes=m)) for m in (15, 18, 24 * 60)))
    for path, fresh in FRESH.items():
        tag = answered(api, path).headers["etag"]
        for headers in ({}, {"if-none-match": tag}):
            assert api.get(path, headers=headers).headers["cache-control"] == fresh, path


def test_a_past_answer_is_the_same_much_later(database: AnyDatabase, store: SnapshotWriter) -> None:
    """A client may keep it for a year, so later confirmations must not change it."""
    moment = "2026-06-19T15:02:32"
    paths = [
        f"{CHAIN}?as_of={moment}",
        f"{CHAIN}?as_of={moment}&expiry=all",
        f"{CHAIN}/snapshots?from=2026-06-19&to={moment}",
        f"{CHAIN}/snapshots?from=2026-06-19&to={moment}&expiry=all",
        f"{CHAIN}/history?strike=24000&from=2026-06-19&to={moment}",
        f"{CHAIN}/changes?from=2026-06-19T15:02:20&to={moment}",
    ]
    clock = Clock(NOW + timedelta(minutes=6))
    confirm(store, 40)
    api = client(database, clock)
    first = [answered(api, path) for path in paths]
    confirm(store, 50)
    clock.now = NOW + timedelta(days=2)
    again = [answered(client(database, clock), path) for path in paths]
    for path, before, after in zip(paths, first, again, strict=True):
        assert before.headers["cache-control"] == IMMUTABLE, path
        assert after.content == before.content, path
        assert after.headers["etag"] == before.headers["etag"]


@pytest.mark.usefixtures("store")
def test_while_the_market_is_closed_an_answer_is_fresh_for_a_minute(database: AnyDatabase) -> None:
    response = answered(client(database, NOW + timedelta(days=1)), CHAIN)
    assert response.headers["cache-control"] == "private, max-age=60"


@pytest.mark.usefixtures("store")
def test_a_short_lived_answer_is_not_stored(database: AnyDatabase) -> None:
    """The same holds for a refusal: the next tick may bring what is missing now."""
    below = ("/health", "/stats", "/pipeline/status", "/nowhere")
    for path in (*below, "/option-chain/NOPE"):
        assert client(database).get(path).headers["cache-control"] == "no-store", path
