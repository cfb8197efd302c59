"""The sessions that queries are measured on: the same in every run, and like recorded ones."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, pairwise

import pytest

from optionchain.market import Market
from optionchain.snapshot import Quote, Snapshot
from tests.performance import sessions
from tests.performance.measure import Figure, Ratio
from tests.performance.request_mix import RequestMix
from tests.support.snapshots import snapshot

LAST = sessions.LAST_DAY
FIRST = snapshot((23950.0, 24000.0, 24050.0))


def first_three(symbol: str = "NIFTY", first: Snapshot = FIRST) -> list[Snapshot]:
    return list(islice(sessions.snapshots(symbol, LAST, first), 3))


def test_thirty_days_of_trade_end_on_the_last_day() -> None:
    days = sessions.days()
    assert len(days) == len(set(days)) == 30
    assert days == sorted(days)
    assert days[-1] == LAST
    assert all(Market().session(day) for day in days)


def test_a_session_has_its_moments_within_its_hours_and_on_the_grid() -> None:
    session = Market().session(LAST)
    moments = sessions.moments(LAST)
    assert session is not None
    assert len(moments) == 250
    assert all(moment in session and moment.second % 5 == 0 for moment in moments)


def test_the_same_numbers_come_in_every_run() -> None:
    assert first_three() == first_three()


def test_every_snapshot_is_news() -> None:
    assert len({each.content_hash for each in first_three() + first_three("BANKNIFTY")}) == 6


def test_expiries_roll_and_are_never_past() -> None:
    for symbol in sessions.SYMBOLS:
        expiries = [sessions.expiry(symbol, day) for day in sessions.days()]
        assert len(set(expiries)) > 1
        assert all(day <= each for day, each in zip(sessions.days(), expiries, strict=True))


def test_what_is_missing_stays_missing() -> None:
    four = (None, None, None, None)
    nothing = Quote("CE", 24000.0, *four, *four, 0, None, None, 0, None, None)
    (last,) = first_three(first=replace(FIRST, quotes=(nothing,)))[2].quotes
    assert last == nothing


def test_the_ledger_has_a_tick_each_five_seconds_and_news_at_each_snapshot() -> None:
    ticks = sessions.ledger("NIFTY", LAST)
    stored = [entry["tick"] for entry in ticks if entry["outcome"] == "stored"]
    assert stored == sessions.moments(LAST)
    steps = {b["tick"] - a["tick"] for a, b in pairwise(ticks)}
    assert steps == {timedelta(seconds=5)}


def test_a_question_of_a_moment_finds_the_snapshot_in_force() -> None:
    questions = RequestMix(1, sessions.days(), FIRST)
    for _ in range(50):
        target, (query,) = questions.as_of()
        asked = target.partition("as_of=")[2]
        behind = datetime.fromisoformat(asked) - query["fetched_at"]
        assert timedelta() <= behind < sessions.EVERY


def test_questions_are_the_same_for_a_seed() -> None:
    one, other = (RequestMix(1, sessions.days(), FIRST) for _ in range(2))
    assert [one.mixed() for _ in range(50)] == [other.mixed() for _ in range(50)]


@pytest.mark.parametrize(
    ("row", "over"),
    [
        (Ratio("slower", 3.0, 2.0, 1.5), False),
        (Ratio("too slow", 3.1, 2.0, 1.5), True),
        (Ratio("fast", 1.0, 10.0, 10.0, faster=True), False),
        (Ratio("not fast", 1.1, 10.0, 10.0, faster=True), True),
        (Ratio("no limit", 9.0, 1.0, None), False),
        (Figure("none", 0, 0), False),
        (Figure("one", 1, 0), True),
    ],
    ids=lambda value: value.name if isinstance(value, (Ratio, Figure)) else None,
)
def test_a_limit_is_the_most_or_the_least(row: Ratio | Figure, *, over: bool) -> None:
    assert row.over is over
