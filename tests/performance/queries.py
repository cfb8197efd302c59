"""As-of, history and changes, compared with the bare queries, and with fewer sessions."""

from asyncio import Runner
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from starlette.types import ASGIApp

from tests.performance import dataset, sessions
from tests.performance.application import application, get
from tests.performance.dataset import DataSet
from tests.performance.measure import ROUNDS, Ratio, side_by_side
from tests.performance.request_mix import MeasuredRequest, RequestMix, bare_queries

type Answer = dict[str, Any]

# Many rounds, since a limit of 1.2 leaves little room for chance.
_MANY = range(-10, 200)
_LIMIT, _LIMIT_OF_SIZE = 1.5, 1.2
# Requests a round: a service in use is warm.
_EACH = 5


def ratios(runner: Runner, data: DataSet) -> Iterator[Ratio]:
    """Measure the three over 30 sessions, then two of them over 30 and over one."""
    thirty, one = (
        application(each, dataset.NOW, one_at_a_time=True) for each in (data.thirty, data.one)
    )
    mix = RequestMix(sessions.SEED, sessions.days(), data.first)
    legs = len(data.first.quotes)
    for label, draw, count in (
        (f"GET as-of, {legs} legs, of 30 sessions / find + dumps", mix.as_of, _legs),
        (
            f"GET history, {sessions.SNAPSHOTS} documents / find + dumps",
            mix.history,
            _records,
        ),
        (f"GET changes, 2 x {legs} legs / two finds + dumps", mix.changes, _records),
    ):
        yield _against_bare(runner, thirty, data, label, draw, count)
    last = RequestMix(sessions.SEED + 1, [sessions.LAST_DAY], data.first)
    for label, draw in (("as-of", last.as_of), ("history", last.history)):
        name = f"GET {label}, 30 sessions stored / 1 session stored"
        yield _against_size(runner, (thirty, one), data, name, draw)


def _against_bare(
    runner: Runner,
    app: ASGIApp,
    data: DataSet,
    name: str,
    draw: Callable[[], MeasuredRequest],
    count: Callable[[Answer], int],
) -> Ratio:
    drawn = {number: [draw() for _ in range(_EACH)] for number in ROUNDS}
    answer = orjson.loads(runner.run(get(app, draw().target)).body)
    found = orjson.loads(bare_queries(data.thirty, drawn[0][0])[0])
    assert count(answer) == len(found), f"{name}: {count(answer)} are not {len(found)} documents"

    def ours(number: int) -> None:
        for request in drawn[number]:
            runner.run(get(app, request.target))

    def bare_work(number: int) -> None:
        for request in drawn[number]:
            bare_queries(data.thirty, request)

    def warm(number: int) -> None:
        """Read both once, so that the server has the data in memory for whichever is first."""
        ours(number)
        bare_work(number)

    return side_by_side(name, ours, bare_work, _LIMIT, prepare=warm, each=_EACH)


def _against_size(
    runner: Runner,
    apps: tuple[ASGIApp, ASGIApp],
    data: DataSet,
    name: str,
    draw: Callable[[], MeasuredRequest],
) -> Ratio:
    drawn = [draw() for _ in _MANY]

    def warm(number: int) -> None:
        assert bare_queries(data.thirty, drawn[number]) == bare_queries(data.one, drawn[number])

    many, few = apps
    return side_by_side(
        name,
        lambda number: runner.run(get(many, drawn[number].target)),
        lambda number: runner.run(get(few, drawn[number].target)),
        _LIMIT_OF_SIZE,
        prepare=warm,
        rounds=_MANY,
    )


def _legs(answer: Answer) -> int:
    return int(answer["total_calls"] + answer["total_puts"])


def _records(answer: Answer) -> int:
    return len(answer["records"])
