"""As-of, history and changes, against the bare queries; and what 29 more sessions add to them."""

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

# A limit of 1.2 leaves little room for chance.
_MANY = range(-10, 200)
_LIMIT, _LIMIT_OF_SIZE = 1.5, 1.2
# Requests a round: a service that is used has more to do than one, and finds itself at work.
_EACH = 5


def ratios(runner: Runner, data: DataSet) -> Iterator[Ratio]:
    """Measure the three over 30 sessions, then two of them over 30 and over one."""
    thirty, one = (
        application(each, dataset.NOW, one_at_a_time=True) for each in (data.thirty, data.one)
    )
    questions = RequestMix(sessions.SEED, sessions.days(), data.first)
    legs = len(data.first.quotes)
    for label, ask, count in (
        (f"GET as-of, {legs} legs, of 30 sessions / find + dumps", questions.as_of, _legs),
        (
            f"GET history, {sessions.SNAPSHOTS} documents / find + dumps",
            questions.history,
            _records,
        ),
        (f"GET changes, 2 x {legs} legs / two finds + dumps", questions.changes, _records),
    ):
        yield _against_bare(runner, thirty, data, label, ask, count)
    last = RequestMix(sessions.SEED + 1, [sessions.LAST_DAY], data.first)
    for label, ask in (("as-of", last.as_of), ("history", last.history)):
        name = f"GET {label}, 30 sessions stored / 1 session stored"
        yield _against_size(runner, (thirty, one), data, name, ask)


def _against_bare(
    runner: Runner,
    app: ASGIApp,
    data: DataSet,
    name: str,
    ask: Callable[[], MeasuredRequest],
    count: Callable[[Answer], int],
) -> Ratio:
    asked = {number: [ask() for _ in range(_EACH)] for number in ROUNDS}
    answer = orjson.loads(runner.run(get(app, ask().target)).body)
    found = orjson.loads(bare_queries(data.thirty, asked[0][0])[0])
    assert count(answer) == len(found), f"{name}: {count(answer)} are not {len(found)} documents"

    def ours(number: int) -> None:
        for question in asked[number]:
            runner.run(get(app, question.target))

    def bare_work(number: int) -> None:
        for question in asked[number]:
            bare_queries(data.thirty, question)

    def warm(number: int) -> None:
        """Both find what they read in the server's memory, whichever of them is first."""
        ours(number)
        bare_work(number)

    return side_by_side(name, ours, bare_work, _LIMIT, prepare=warm, each=_EACH)


def _against_size(
    runner: Runner,
    apps: tuple[ASGIApp, ASGIApp],
    data: DataSet,
    name: str,
    ask: Callable[[], MeasuredRequest],
) -> Ratio:
    asked = [ask() for _ in _MANY]

    def warm(number: int) -> None:
        assert bare_queries(data.thirty, asked[number]) == bare_queries(data.one, asked[number])

    many, few = apps
    return side_by_side(
        name,
        lambda number: runner.run(get(many, asked[number].target)),
        lambda number: runner.run(get(few, asked[number].target)),
        _LIMIT_OF_SIZE,
        prepare=warm,
        rounds=_MANY,
    )


def _legs(answer: Answer) -> int:
    return int(answer["total_calls"] + answer["total_puts"])


def _records(answer: Answer) -> int:
    return len(answer["records"])
