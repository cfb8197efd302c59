"""The latest chain while it does not change, as Lambda runs the API: one request at a time."""

from asyncio import Runner
from collections.abc import Callable, Iterator

from starlette.types import ASGIApp

from tests.performance import dataset, sessions
from tests.performance.application import Headers, application, get
from tests.performance.dataset import DataSet
from tests.performance.measure import Ratio, side_by_side
from tests.performance.request_mix import RequestMix, bare_queries

_ROUNDS = range(-2, 15)
_EACH = 160  # requests a round
# How many times faster than a bare find and dumps.
_LEAST_CHAIN, _LEAST_304 = 10.0, 14.0


def ratios(runner: Runner, data: DataSet) -> Iterator[Ratio]:
    """Measure the whole chain, and the 304 of a client that has it already."""
    request = RequestMix(sessions.SEED, sessions.days(), data.first).latest()
    app = application(data.thirty, dataset.NOW, one_at_a_time=True)
    tag = runner.run(get(app, request.target)).headers.get(b"etag", b"")

    def bare(_: int) -> None:
        for _ in range(_EACH):
            bare_queries(data.thirty, request)

    for label, headers, status, least in (
        ("latest chain", [], 200, _LEAST_CHAIN),
        ("304 of the latest chain", [(b"if-none-match", tag)], 304, _LEAST_304),
    ):
        yield side_by_side(
            f"GET {label}, unchanged, as Lambda runs it / find + dumps",
            _requests(runner, app, request.target, headers, status),
            bare,
            least,
            rounds=_ROUNDS,
            each=_EACH,
            faster=True,
        )


def _requests(
    runner: Runner, app: ASGIApp, target: str, headers: Headers, status: int
) -> Callable[[int], object]:
    """Return a round of requests, one after the other in one event loop."""

    async def client() -> None:
        for _ in range(_EACH):
            await get(app, target, headers, status)

    return lambda _: runner.run(client())
