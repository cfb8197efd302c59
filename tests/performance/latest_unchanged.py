"""The latest chain while it does not change: how many times what the bare work manages."""

import asyncio
from asyncio import Runner
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from starlette.types import ASGIApp

from tests.performance import dataset, sessions
from tests.performance.application import Headers, application, get
from tests.performance.dataset import DataSet
from tests.performance.measure import Ratio, side_by_side
from tests.performance.request_mix import MeasuredRequest, RequestMix, bare_queries

_ROUNDS = range(-2, 15)
_IN_FLIGHT = 8
_EACH = 160  # requests a round
_LEAST = 10.0


class _Request(NamedTuple):
    app: ASGIApp
    target: str
    headers: Headers = ()
    status: int = 200


def ratios(runner: Runner, data: DataSet) -> Iterator[Ratio]:
    """Measure 8 requests in flight at a time and one, with the chain and with 304."""
    question = RequestMix(sessions.SEED, sessions.days(), data.first).latest()
    for in_flight, words in ((_IN_FLIGHT, f"{_IN_FLIGHT} in flight"), (1, "one at a time")):
        app = application(data.thirty, dataset.NOW, one_at_a_time=in_flight == 1)
        whole = _Request(app, question.target)
        tag = runner.run(get(whole.app, whole.target)).headers.get(b"etag", b"")
        known = whole._replace(headers=[(b"if-none-match", tag)], status=304)
        least = _LEAST if in_flight > 1 else None
        with ThreadPoolExecutor(in_flight) as threads:
            work = _bare(data, question, threads, in_flight)
            for request, label, limit in ((whole, "latest chain", least), (known, "304", None)):
                yield side_by_side(
                    f"GET {label}, unchanged, {words} / find + dumps in {in_flight} threads",
                    _ours(runner, request, in_flight),
                    work,
                    limit,
                    rounds=_ROUNDS,
                    each=_EACH,
                    faster=True,
                )


def _ours(runner: Runner, request: _Request, in_flight: int) -> Callable[[int], object]:
    """Return a round of requests in one event loop, as a server has them."""

    async def client() -> None:
        for _ in range(_EACH // in_flight):
            await get(*request)

    async def clients() -> None:
        await asyncio.gather(*(client() for _ in range(in_flight)))

    return lambda _: runner.run(clients())


def _bare(
    data: DataSet, question: MeasuredRequest, threads: ThreadPoolExecutor, in_flight: int
) -> Callable[[int], object]:
    def client(_: int) -> None:
        for _ in range(_EACH // in_flight):
            bare_queries(data.thirty, question)

    return lambda _: list(threads.map(client, range(in_flight)))
