"""From the bytes of a body to its committed headers, against loads and a bare insert."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from pymongo.database import Database

from chain_fetch.payload.parser import parse
from chain_fetch.recording.deduplication import commit_of, judge
from optionchain.exchange_time import exchange_timestamp_text
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument, contract_documents
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.snapshot import Snapshot
from tests.performance.bodies import Body, legacy_body, v3_body
from tests.performance.measure import ROUNDS, Ratio, side_by_side

RATE = 5.5
# The ticks of the second body are after those of the first: their expiries may be the same.
_LATER = timedelta(hours=1)


def ratios(database: Database[Document], bare: Database[Document]) -> Iterator[Ratio]:
    """Measure both bodies, and the parser alone."""
    for each in (database, bare):
        Indexes(each, retention_days=3_650).ensure()
    yield _ingest("v3", v3_body(), database, bare, limit=1.6)
    yield _ingest("legacy", legacy_body(), database, bare, limit=1.3, later=_LATER)
    yield _parser(v3_body())


def _ingest(
    name: str,
    body: Body,
    database: Database[Document],
    bare: Database[Document],
    *,
    limit: float,
    later: timedelta = timedelta(0),
) -> Ratio:
    store = SnapshotWriter(database)
    ticks = ticks_of(body.data, later)
    bodies = {number: restamped(body.data, tick) for number, tick in ticks.items()}
    ready = {number: _documents(bodies[number], tick) for number, tick in ticks.items()}

    def ours(number: int) -> None:
        snapshots = parse(bodies[number], "NIFTY", ticks[number])
        last = _newest(store, snapshots)
        news = [(snapshot, last.get(snapshot.expiry)) for snapshot in snapshots]
        commits = (commit_of(new, judge(new, old), old, RATE) for new, old in news)
        # What is derived has a row of its own: the bare way stores what was sent.
        store.commit([replace(commit, derive=None) for commit in commits])

    def bare_insert(number: int) -> None:
        orjson.loads(bodies[number])
        bare["option_chain"].insert_many(ready[number])

    label = f"bytes to header, {name}, {len(ready[0])} legs ({body.origin}) / loads + insert_many"
    return side_by_side(label, ours, bare_insert, limit)


def _newest(store: SnapshotWriter, snapshots: list[Snapshot]) -> dict[date, HeaderDocument]:
    """Look up the last headers as a tick does: one expiry by itself, several together."""
    if len(snapshots) > 1:
        return store.newest_headers("NIFTY", [snapshot.expiry for snapshot in snapshots])
    header = store.latest_header("NIFTY", snapshots[0].expiry)
    return {snapshots[0].expiry: header} if header else {}


def _parser(body: Body) -> Ratio:
    tick = datetime.now(UTC)
    return side_by_side(
        "a v3 body, bytes to snapshot / orjson.loads alone",
        lambda _: parse(body.data, "NIFTY", tick),
        lambda _: orjson.loads(body.data),
        None,
    )


def ticks_of(data: bytes, later: timedelta = timedelta(0)) -> dict[int, datetime]:
    """Return a tick a round from the body's own timestamp on: before its options expire."""
    stamp = parse(data, "NIFTY", datetime.now(UTC))[0].exchange_timestamp
    return {number: stamp + later + timedelta(seconds=5 * number) for number in ROUNDS}


def restamped(data: bytes, tick: datetime) -> bytes:
    """Return a body with a timestamp of its own: news in every round."""
    old = orjson.loads(data)["records"]["timestamp"]
    return data.replace(old.encode(), exchange_timestamp_text(tick).encode())


def _documents(data: bytes, tick: datetime) -> list[Any]:
    snapshots = parse(data, "NIFTY", tick)
    return [document for snapshot in snapshots for document in contract_documents(snapshot)]
