"""A tick that brings nothing new: bodies known by their bytes, compared with each of them alone."""

import gc
import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median

import orjson
from pymongo.database import Database

from chain_fetch.http.sent_body import IsKnown, SentBody
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.deduplication import Verdict, judge
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.known_bodies import KnownBodies
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.shifts.tick import TickReader
from local.run.simulated_time import InlineExecutor
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.performance.measure import ROUNDS, Ratio
from tests.performance.sample_bodies import SampleBody
from tests.support.budgets import own_budget
from tests.support.fakes import FakeExchange, FakeListings

BODIES, ROWS = 18, 39


def ratio(body: SampleBody, database: Database[Document]) -> Ratio:
    """Measure the processor time of this process for the bodies of a tick, 78 legs each."""
    Indexes(database, retention_days=3_650).ensure()
    sent = {f"S{number}": _small(body.data, f"S{number}") for number in range(BODIES)}
    first = parse(gzip.decompress(sent["S0"]), "S0", datetime.now().astimezone())
    store = SnapshotWriter(database)
    reader = _reader(sent, store, TickLedger(database), first.expiry, first.stamp)

    def ours(tick: datetime) -> None:
        results = replace(reader, now=lambda: tick).read(list(sent), tick)
        if {each.reason for found in results.values() for each in found} != {None}:
            raise RuntimeError(f"a body could not be taken in: {results}")

    def alone(tick: datetime) -> None:
        for symbol, data in sent.items():
            snapshot = parse(gzip.decompress(data), symbol, tick)
            last = store.latest_header(symbol, snapshot.expiry)
            if last and judge(snapshot, last) is Verdict.UNCHANGED:
                store.confirm(last, tick)

    label = (
        f"{BODIES} bodies without news, {len(first.quotes)} legs ({body.origin}), CPU of the client"
    )
    ticks = [first.stamp + timedelta(seconds=5 * number) for number in range(len(ROUNDS))]
    return _side_by_side(f"{label}: together / alone", ours, alone, ticks)


def _side_by_side(
    name: str,
    ours: Callable[[datetime], None],
    alone: Callable[[datetime], None],
    ticks: list[datetime],
) -> Ratio:
    times: dict[Callable[[datetime], None], list[float]] = {ours: [], alone: []}
    gc.collect()
    for number, tick in enumerate(ticks):
        for way in (ours, alone):
            started = time.process_time()
            way(tick)
            if number >= 5:  # the first store the bodies and warm up
                times[way].append((time.process_time() - started) * 1e3)
    return Ratio(name, median(times[ours]), median(times[alone]), 0.2)


def _small(data: bytes, symbol: str) -> bytes:
    """Return a body with the rows in the middle of another one, of another symbol, as sent."""
    body = orjson.loads(data.replace(b"NIFTY", symbol.encode()))
    records, filtered = body["records"], body["filtered"]
    begins = (len(records["data"]) - ROWS) // 2
    records["data"] = filtered["data"] = rows = records["data"][begins : begins + ROWS]
    records["expiryDates"] = [rows[0]["expiryDates"]]
    for side in ("CE", "PE"):
        legs = [row[side] for row in rows if row.get(side)]
        filtered[side] = {
            "totOI": sum(leg["openInterest"] for leg in legs),
            "totVol": sum(leg["totalTradedVolume"] for leg in legs),
        }
    return gzip.compress(orjson.dumps(body), mtime=0)


class _Steady(FakeExchange):
    """Sends the same bytes again and again."""

    sent: dict[str, bytes]

    def sent_chain(self, symbol: str, expiry: date, deadline: float, known: IsKnown) -> SentBody:  # noqa: ARG002
        return SentBody(self.sent[symbol], ("gzip",))


def _reader(
    sent: dict[str, bytes],
    store: SnapshotWriter,
    ledger: TickLedger,
    expiry: date,
    stamp: datetime,
) -> TickReader:
    source = _Steady(dict.fromkeys(sent, (expiry,)))
    source.sent = sent
    lists = FakeListings([Listing(symbol, (expiry,), stamp, stamp) for symbol in sent])
    return TickReader(
        source=source,
        listed=ListedExpiries(source, lists, lambda *_: None, lambda: stamp),
        parse=parse,
        ingestion=Ingestion(store, ledger, 5.5, lambda: Market("always")),
        pool=InlineExecutor(),
        nearest=1,
        interval=5,
        budget=own_budget(20),
        bodies=KnownBodies(),
    )
