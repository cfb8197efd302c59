"""From the bytes of a body to its committed headers, against loads and a bare insert."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from pymongo.database import Database

from chain_fetch.payload import parse
from chain_fetch.verdict import commit_of, judge
from optionchain.connection import Document
from optionchain.documents import HeaderDocument, contract_documents
from optionchain.exchange_time import exchange_timestamp_text
from optionchain.indexes import Indexes
from optionchain.snapshot import Snapshot
from optionchain.store import SnapshotStore
from tests.benchmarks.bodies import Body, legacy_body, v3_body
from tests.benchmarks.measure import ROUNDS, Ratio, side_by_side

_START = datetime(2027, 1, 1, tzinfo=UTC)


def ratios(database: Database[Document], bare: Database[Document]) -> Iterator[Ratio]:
    """Measure both bodies, and the parser alone."""
    for each in (database, bare):
        Indexes(each, retention_days=3_650).ensure()
    yield _ingest("v3", v3_body(), database, bare, limit=1.6)
    yield _ingest("legacy", legacy_body(), database, bare, limit=1.3)
    yield _parser(v3_body())


def _ingest(
    name: str, body: Body, database: Database[Document], bare: Database[Document], limit: float
) -> Ratio:
    store = SnapshotStore(database)
    bodies = {number: _restamped(body.data, number) for number in ROUNDS}
    ready = {number: _documents(bodies[number], number) for number in ROUNDS}

    def ours(number: int) -> None:
        snapshots = parse(bodies[number], "NIFTY", _tick(number))
        last = _newest(store, snapshots)
        news = [(snapshot, last.get(snapshot.expiry)) for snapshot in snapshots]
        store.commit([commit_of(snapshot, judge(snapshot, old), old) for snapshot, old in news])

    def bare_insert(number: int) -> None:
        orjson.loads(bodies[number])
        bare["option_chain"].insert_many(ready[number])

    label = f"bytes to header, {name}, {len(ready[0])} legs ({body.origin}) / loads + insert_many"
    return side_by_side(label, ours, bare_insert, limit)


def _newest(store: SnapshotStore, snapshots: list[Snapshot]) -> dict[date, HeaderDocument]:
    """Look up the last headers as a tick does: one expiry by itself, several together."""
    if len(snapshots) > 1:
        return store.newest_headers("NIFTY", [snapshot.expiry for snapshot in snapshots])
    header = store.latest_header("NIFTY", snapshots[0].expiry)
    return {snapshots[0].expiry: header} if header else {}


def _parser(body: Body) -> Ratio:
    return side_by_side(
        "a v3 body, bytes to snapshot / orjson.loads alone",
        lambda number: parse(body.data, "NIFTY", _tick(number)),
        lambda _: orjson.loads(body.data),
        None,
    )


def _restamped(data: bytes, number: int) -> bytes:
    """Return a body with a timestamp of its own: news in every round."""
    old = orjson.loads(data)["records"]["timestamp"]
    return data.replace(old.encode(), exchange_timestamp_text(_tick(number)).encode())


def _documents(data: bytes, number: int) -> list[Any]:
    snapshots = parse(data, "NIFTY", _tick(number))
    return [document for snapshot in snapshots for document in contract_documents(snapshot)]


def _tick(number: int) -> datetime:
    return _START + timedelta(seconds=5 * number)
