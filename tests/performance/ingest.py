"""From the bytes of a body to its committed header, compared with loads and a bare insert."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pymongo.database import Database

from chain_fetch.payload.parser import parse
from chain_fetch.recording.deduplication import commit_of, judge
from optionchain.mongo.client import Document
from optionchain.mongo.documents import contract_documents
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.snapshot_writer import SnapshotWriter
from tests.performance.measure import ROUNDS, Ratio, side_by_side
from tests.performance.sample_bodies import SampleBody, v3_body
from tests.support.bodies import exchange_timestamp_text

RATE = 5.5


def ratios(database: Database[Document], bare: Database[Document]) -> Iterator[Ratio]:
    """Measure a body, and the parser alone."""
    for each in (database, bare):
        Indexes(each, retention_days=3_650).ensure()
    yield _ingest(v3_body(), database, bare, limit=1.6)
    yield _parser(v3_body())


def _ingest(
    body: SampleBody, database: Database[Document], bare: Database[Document], limit: float
) -> Ratio:
    store = SnapshotWriter(database)
    ticks = ticks_of(body.data)
    bodies = {number: restamped(body.data, tick) for number, tick in ticks.items()}
    ready = {number: _documents(bodies[number], tick) for number, tick in ticks.items()}

    def ours(number: int) -> None:
        snapshot = parse(bodies[number], "NIFTY", ticks[number])
        last = store.latest_header("NIFTY", snapshot.expiry)
        commit = commit_of(snapshot, judge(snapshot, last), last, RATE)
        # Without analytics, which have a row of their own.
        store.commit(replace(commit, derive=None))

    def bare_insert(number: int) -> None:
        orjson.loads(bodies[number])
        bare["option_chain"].insert_many(ready[number])

    label = f"bytes to header, v3, {len(ready[0])} legs ({body.origin}) / loads + insert_many"
    return side_by_side(label, ours, bare_insert, limit)


def _parser(body: SampleBody) -> Ratio:
    tick = datetime.now(UTC)
    return side_by_side(
        "a v3 body, bytes to snapshot / orjson.loads alone",
        lambda _: parse(body.data, "NIFTY", tick),
        lambda _: orjson.loads(body.data),
        None,
    )


def ticks_of(data: bytes) -> dict[int, datetime]:
    """Return a tick for each round, from the body's timestamp on: before its options expire."""
    stamp = parse(data, "NIFTY", datetime.now(UTC)).exchange_timestamp
    return {number: stamp + timedelta(seconds=5 * number) for number in ROUNDS}


def restamped(data: bytes, tick: datetime) -> bytes:
    """Return a body with another timestamp, so that every round has news."""
    old = orjson.loads(data)["records"]["timestamp"]
    return data.replace(old.encode(), exchange_timestamp_text(tick).encode())


def _documents(data: bytes, tick: datetime) -> list[Any]:
    return [*contract_documents(parse(data, "NIFTY", tick))]
