"""The cost of analytics: to derive them, in a tick, and in answers."""

from asyncio import Runner
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from opengreeks import black76
from pymongo.database import Database

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.deduplication import Judgement, Verdict, commit_of
from optionchain.analytics import analytics_of, pricing, solving
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Snapshot
from tests.performance import analytics_answers, sessions
from tests.performance.application import application, get
from tests.performance.ingest import RATE, restamped, ticks_of
from tests.performance.measure import Difference, Row, side_by_side
from tests.performance.sample_bodies import SampleBody, steady_body

_BEYOND_MS, _TICK, _GREEKS = 1.0, 1.2, 1.1
_SYMBOL = "NIFTY"

type Call = tuple[Callable[..., object], Sequence[object]]


def rows(runner: Runner, ours: Database[Document], bare: Database[Document]) -> Iterator[Row]:
    """Measure on two empty databases."""
    for each in (ours, bare):
        Indexes(each, retention_days=3_650).ensure()
    body = steady_body()
    first = sessions.first_snapshot(body)
    yield _derivation(first, body.origin)
    yield _tick(body, ours, bare)
    yield _greeks(runner, bare, first)
    yield from analytics_answers.rows(runner, ours, first)


def _greeks(runner: Runner, database: Database[Document], first: Snapshot) -> Row:
    """Compare volatilities of prices with those of the exchange, of which few must be solved."""
    SnapshotWriter(database).commit(commit_of(first, Judgement(Verdict.NEW), None, RATE))
    app = application(database, first.fetched_at + timedelta(hours=1), one_at_a_time=True)

    def ask(number: int, more: str) -> None:
        # A moment of the past, which no cache answers.
        at = first.fetched_at + timedelta(seconds=number % 3_000)
        path = f"/option-chain/{_SYMBOL}?greeks=true&as_of={at:%Y-%m-%dT%H:%M:%SZ}{more}"
        runner.run(get(app, path))

    return side_by_side(
        f"GET chain with Greeks, {len(first.quotes)} legs / with iv_source=exchange",
        lambda number: ask(number, ""),
        lambda number: ask(number, "&iv_source=exchange"),
        _GREEKS,
        rounds=range(-10, 300),
    )


def _derivation(snapshot: Snapshot, origin: str) -> Difference:
    calls = _library_calls(snapshot)
    assert len(calls) >= 5 * 0.9 * len(snapshot.quotes), "the library's calls were not recorded"

    def bare(_: int) -> None:
        for function, arguments in calls:
            function(*arguments)

    name = f"analytics of {len(snapshot.quotes)} legs ({origin}) / its {len(calls)} library calls"
    ratio = side_by_side(name, lambda _: analytics_of(snapshot, RATE), bare, None)
    return Difference(f"{name}: beyond, ms", ratio.ours, ratio.bare, _BEYOND_MS)


def _library_calls(snapshot: Snapshot) -> list[Call]:
    """Return all calls of the library for a snapshot's analytics, in order."""
    calls: list[Call] = []
    modules: list[Any] = [vars(pricing), vars(solving)]
    library = {vars(black76)[name] for name in black76.__all__}
    own = [
        {name: value for name, value in module.items() if callable(value) and value in library}
        for module in modules
    ]

    def recording(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            calls.append((function, arguments))
            return function(*arguments)

        return call

    try:
        for module, functions in zip(modules, own, strict=True):
            module.update({name: recording(each) for name, each in functions.items()})
        analytics_of(snapshot, RATE)
    finally:
        for module, functions in zip(modules, own, strict=True):
            module.update(functions)
    return calls


def _tick(body: SampleBody, ours: Database[Document], bare: Database[Document]) -> Row:
    ticks = ticks_of(body.data)
    bodies = {number: restamped(body.data, tick) for number, tick in ticks.items()}
    with_them, without = SnapshotWriter(ours), SnapshotWriter(bare)

    def stored(
        store: SnapshotWriter, commit: Callable[[Snapshot], Commit]
    ) -> Callable[[int], object]:
        def tick(number: int) -> None:
            snapshot = parse(bodies[number], _SYMBOL, ticks[number])
            store.latest_header(_SYMBOL, snapshot.expiry)
            store.commit(commit(snapshot))

        return tick

    return side_by_side(
        "bytes to header, v3, with analytics / without",
        stored(with_them, lambda snapshot: commit_of(snapshot, Judgement(Verdict.NEW), None, RATE)),
        stored(without, Commit),
        _TICK,
    )
