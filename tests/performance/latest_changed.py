"""The latest chain, changed and unchanged, compared with bare work and a typical service."""

from asyncio import Runner
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.types import ASGIApp

from optionchain.mongo.indexes import Indexes
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.performance import dataset
from tests.performance.application import application, get
from tests.performance.dataset import DataSet
from tests.performance.measure import Ratio, side_by_side
from tests.performance.request_mix import MeasuredRequest, bare_queries, chain_query
from tests.performance.sessions import LAST_DAY
from tests.performance.typical_service import typical_service

_TARGET = "/option-chain/NIFTY"
_LIMIT = 1.5
# The second measure starts after the last tick of the first.
_LATER = 100


def ratios(runner: Runner, data: DataSet) -> Iterator[Ratio]:
    """Measure with a new snapshot for every request, then without any."""
    Indexes(data.scratch, dataset.RETENTION_DAYS).ensure()
    store, legs = SnapshotWriter(data.scratch), len(data.first.quotes)
    # As with a recorder at work, each chain is fresh when it is asked for.
    ours = application(data.scratch, _tick(0), one_at_a_time=True)
    typical = typical_service(data.scratch)

    def publish(number: int) -> None:
        store.commit(Commit(replace(data.first, fetched_at=_tick(number))))

    def bare_work(number: int) -> object:
        return bare_queries(
            data.scratch, MeasuredRequest(_TARGET, [chain_query("NIFTY", LAST_DAY, _tick(number))])
        )

    name = f"GET latest chain, changed, {legs} legs"
    yield side_by_side(
        f"{name} / find + dumps", _request(runner, ours), bare_work, _LIMIT, prepare=publish
    )
    yield side_by_side(
        f"{name} / a typical service",
        _request(runner, ours, _LATER),
        _request(runner, typical, _LATER),
        None,
        prepare=lambda number: publish(number + _LATER),
        faster=True,
    )
    yield _unchanged(runner, data)


def _unchanged(runner: Runner, data: DataSet) -> Ratio:
    ours = application(data.thirty, dataset.NOW, one_at_a_time=True)
    typical = typical_service(data.thirty)
    return side_by_side(
        f"GET latest chain, unchanged, {len(data.first.quotes)} legs / a typical service",
        lambda _: runner.run(get(ours, _TARGET)),
        lambda _: runner.run(get(typical, _TARGET)),
        None,
        faster=True,
    )


def _request(runner: Runner, app: ASGIApp, later: int = 0) -> Callable[[int], None]:
    """Return a request whose answer must be the snapshot of its round."""

    def ask(number: int) -> None:
        answer = runner.run(get(app, _TARGET))
        # Spelled with or without fractions of a second.
        assert f"{_tick(number + later):%Y-%m-%dT%H:%M:%S}".encode() in answer.body

    return ask


def _tick(number: int) -> datetime:
    return dataset.NOW + timedelta(hours=-1, seconds=5 * number)
