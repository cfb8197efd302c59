"""From the bytes of a body to its committed header, compared with loads and a bare insert."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from pymongo.database import Database

from chain_fetch.dhan.body_parser import marked
from chain_fetch.dhan.body_parser import parse as parse_dhan
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.deduplication import Judgement, commit_of, judge
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.upstox.body_parser import parse as parse_upstox
from optionchain.contract_terms import ContractTerms
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.documents import contract_documents
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.snapshot_facts import NOTHING_KNOWN
from tests.performance import polls
from tests.performance.measure import ROUNDS, Ratio, side_by_side
from tests.performance.sample_bodies import (
    SampleBody,
    dhan_body,
    steady_body,
    upstox_body,
    v3_body,
)
from tests.support.bodies import exchange_timestamp_text

RATE = 5.5


def ratios(database: Database[Document], bare: Database[Document]) -> Iterator[Ratio]:
    """Measure a body, the parser alone, and what it costs to know what is new in a body."""
    for each in (database, bare):
        Indexes(each, retention_days=3_650).ensure()
    yield _ingest(v3_body(), database, bare, limit=1.6)
    yield _parser(v3_body())
    yield _vendor_parser(
        "Upstox", upstox_body(), lambda body, tick: parse_upstox(body, "NIFTY", tick, lambda _: 25)
    )
    yield _dhan_parser(dhan_body())
    yield _facts(v3_body(), database, bare)
    yield polls.ratio(steady_body(), database)


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
        commit = commit_of(snapshot, Judgement(judge(snapshot, last)), last, RATE)
        # Without analytics, which have a row of their own.
        store.commit(replace(commit, derive=None))

    def bare_insert(number: int) -> None:
        orjson.loads(bodies[number])
        bare["option_chain"].insert_many(ready[number])

    label = f"bytes to header, v3, {len(ready[0])} legs ({body.origin}) / loads + insert_many"
    return side_by_side(label, ours, bare_insert, limit)


def _facts(body: SampleBody, database: Database[Document], bare: Database[Document]) -> Ratio:
    """Two execution environments take turns, as shifts of a minute do.

    What one of them has in memory is never of the snapshot before. It reads that at a tick without
    news, which is not measured: most ticks have none.
    """
    ticks = ticks_of(body.data, first=1_000)  # later than what is stored already
    bodies = {number: restamped(body.data, tick) for number, tick in ticks.items()}
    stores = {each.name: SnapshotWriter(each) for each in (database, bare)}
    environments = [RecordedFacts(RecordedLegs(database)) for _ in range(2)]

    def take_in(number: int, store: SnapshotWriter, facts: RecordedFacts | None) -> None:
        snapshot = parse(bodies[number], "NIFTY", ticks[number])
        last = store.latest_header("NIFTY", snapshot.expiry)
        known = facts.of(snapshot, last, Market("always")) if facts else NOTHING_KNOWN
        store.commit(commit_of(snapshot, Judgement(judge(snapshot, last)), last, RATE, facts=known))

    def tick_without_news(number: int) -> None:
        if last := stores[database.name].latest_header("NIFTY"):
            environments[number % 2].prepare(last)

    return side_by_side(
        "bytes to header, v3, with what the record knows of contracts / without",
        lambda number: take_in(number, stores[database.name], environments[number % 2]),
        lambda number: take_in(number, stores[bare.name], None),
        1.2,
        prepare=tick_without_news,
    )


def _parser(body: SampleBody) -> Ratio:
    tick = datetime.now(UTC)
    return side_by_side(
        "a v3 body, bytes to snapshot / orjson.loads alone",
        lambda _: parse(body.data, "NIFTY", tick),
        lambda _: orjson.loads(body.data),
        None,
    )


def _dhan_parser(body: SampleBody) -> Ratio:
    sent = marked(date(2026, 9, 15), body.data)
    return _vendor_parser(
        "Dhan",
        body,
        lambda _, tick: parse_dhan(sent, "NIFTY", tick, lambda *_: ContractTerms(65)),
    )


def _vendor_parser(
    vendor: str, body: SampleBody, read: Callable[[bytes, datetime], object]
) -> Ratio:
    tick = datetime.now(UTC)
    return side_by_side(
        f"{vendor}, 206 legs ({body.origin}), bytes to snapshot / orjson.loads alone",
        lambda _: read(body.data, tick),
        lambda _: orjson.loads(body.data),
        2.0,
    )


def ticks_of(data: bytes, first: int = 0) -> dict[int, datetime]:
    """Return a tick for each round, from the body's timestamp on: before its options expire."""
    stamp = parse(data, "NIFTY", datetime.now(UTC)).stamp
    return {number: stamp + timedelta(seconds=5 * (first + number)) for number in ROUNDS}


def restamped(data: bytes, tick: datetime) -> bytes:
    """Return a body with another timestamp, so that every round has news."""
    old = orjson.loads(data)["records"]["timestamp"]
    return data.replace(old.encode(), exchange_timestamp_text(tick).encode())


def _documents(data: bytes, tick: datetime) -> list[Any]:
    return [*contract_documents(parse(data, "NIFTY", tick))]
