"""The gaps in the ledger of a session are equal to a count by hand."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api import schemas
from chain_api.calculations.tick_gaps import gaps_answer
from optionchain.exchange_time import IST
from optionchain.market import Session

DAY = date(2026, 6, 19)
OPENS = datetime(2026, 6, 19, 9, 15, tzinfo=IST)
SECOND = timedelta(seconds=1)
# A session of a minute: twelve ticks.
MINUTE = Session(OPENS, OPENS + 60 * SECOND)
LATER = OPENS + timedelta(hours=8)
LETTERS = {
    "s": {"outcome": "stored"},
    "u": {"outcome": "unchanged"},
    "t": {"outcome": "failed", "reason": "timeout"},
    "b": {"outcome": "failed", "reason": "blocked"},
    "k": {"outcome": "skipped", "reason": "blocked"},
    "o": {},
}


def rows(letters: str) -> Iterator[dict[str, Any]]:
    """Yield a ledger document for each letter, at ticks of 5 s; `.` is a tick without a claim."""
    for number, letter in enumerate(letters):
        if letter != ".":
            tick = (OPENS + number * 5 * SECOND).astimezone(UTC)
            yield {"tick": tick, **LETTERS[letter]}


def gaps_of(letters: str, now: datetime = LATER) -> Any:  # noqa: ANN401
    found = gaps_answer("NIFTY", DAY, MINUTE, 5, rows(letters), now)
    schemas.Gaps.model_validate(found)
    return found


def stretches(letters: str, now: datetime = LATER) -> list[tuple[str, str | None, int, int]]:
    """Return outcome, reason, first tick and number of ticks of each gap."""
    return [
        (gap["outcome"], gap["reason"], (gap["start"] - OPENS) // (5 * SECOND), gap["ticks"])
        for gap in gaps_of(letters, now)["gaps"]
    ]


@pytest.mark.parametrize(("letters", "expected"), [
    ("suuuuusuuuuu", []),
    ("............", [("missing", None, 0, 12)]),
    ("ttuuuuuuuuuu", [("failed", "timeout", 0, 2)]),
    ("uuuuuuuuuuuo", [("open", None, 11, 1)]),
    ("uttbuuuuuuuu", [("failed", "timeout", 1, 2), ("failed", "blocked", 3, 1)]),
    ("ubkkkuuuuuuu", [("failed", "blocked", 1, 1), ("skipped", "blocked", 2, 3)]),
    ("uo..uuuuuuuu", [("open", None, 1, 1), ("missing", None, 2, 2)]),
    ("uuuuuuuu.uu.", [("missing", None, 8, 1), ("missing", None, 11, 1)]),
])  # fmt: skip
def test_gap_is_a_stretch_of_one_outcome_and_reason(
    letters: str, expected: list[tuple[str, str | None, int, int]]
) -> None:
    assert stretches(letters) == expected


@pytest.mark.parametrize(("seconds", "market"), [(-1, "closed"), (0, "open"), (60, "closed")])
def test_market_is_open_during_the_session(seconds: int, market: str) -> None:
    assert gaps_of("", OPENS + seconds * SECOND)["market"] == market


@pytest.mark.parametrize(("letters", "seconds", "expected_ticks", "gap"), [
    ("", -3_600, 0, []),
    ("", 0, 0, []),
    ("", 0.5, 0, []),  # not claimed yet
    ("o", 4, 0, []),  # being read
    ("o", 7.9, 0, []),  # being written
    ("o", 8, 1, [("open", None, 0, 1)]),
    ("", 8, 1, [("missing", None, 0, 1)]),
    ("s", 0.5, 1, []),  # done already
    ("t", 4, 1, [("failed", "timeout", 0, 1)]),
    ("suo", 14, 2, []),
    ("su", 30, 5, [("missing", None, 2, 3)]),
])  # fmt: skip
def test_during_a_session_only_due_ticks_are_expected(
    letters: str, seconds: float, expected_ticks: int, gap: list[Any]
) -> None:
    now = OPENS + seconds * SECOND
    assert gaps_of(letters, now)["expected_ticks"] == expected_ticks
    assert stretches(letters, now) == gap


def test_age_is_that_of_the_newest_good_tick() -> None:
    now = OPENS + 30 * SECOND
    assert gaps_of("suut", now)["age_seconds"] == 20.0
    assert gaps_of("tt", now)["age_seconds"] is None


def by_hand(
    session: Session, interval: int, ledger: dict[datetime, dict[str, Any]], now: datetime
) -> tuple[Counter[str], dict[datetime, tuple[str, str | None]]]:
    """Return the counts of a loop over all seconds, and each uncovered tick with its cause."""
    counts: Counter[str] = Counter()
    uncovered = {}
    for second in range(int((session.closes - session.opens).total_seconds())):
        tick = session.opens + second * SECOND
        if second % interval or tick >= now:
            continue
        row = ledger.get(tick)
        outcome = "missing" if row is None else row.get("outcome", "open")
        if outcome in ("missing", "open") and (now - tick).total_seconds() < interval + 3:
            continue
        counts[outcome] += 1
        if outcome not in ("stored", "unchanged"):
            uncovered[tick] = (outcome, row.get("reason") if row else None)
    return counts, uncovered


@given(
    interval=st.sampled_from([1, 2, 5, 12, 60]),
    minutes=st.integers(1, 5),
    letters=st.text("sssuuuutbko...", max_size=320),
    seconds=st.floats(-60, 400),
)
def test_gaps_are_those_of_an_independent_count(
    interval: int, minutes: int, letters: str, seconds: float
) -> None:
    """For any ledger at any time each uncovered tick is in one gap, and no other tick is."""
    session = Session(OPENS, OPENS + timedelta(minutes=minutes))
    # From before the opening to after the close, and off the grid too.
    ledger = {
        (OPENS + (number - 10) * SECOND).astimezone(UTC): LETTERS[letter]
        for number, letter in enumerate(letters)
        if letter != "."
    }
    now = OPENS + seconds * SECOND
    documents = [{"tick": tick, **row} for tick, row in ledger.items()]
    found = gaps_answer("NIFTY", DAY, session, interval, documents, now)
    counts, uncovered = by_hand(session, interval, ledger, now)

    assert found["expected_ticks"] == counts.total()
    assert {name: number for name, number in found["ticks"].items() if number} == counts
    good = counts["stored"] + counts["unchanged"]
    if counts:
        assert found["coverage_percent"] == pytest.approx(100 * good / counts.total(), abs=6e-4)
    inside: dict[datetime, tuple[str, str | None]] = {}
    for gap in found["gaps"]:
        ticks = [gap["start"] + number * interval * SECOND for number in range(gap["ticks"])]
        assert gap["end"] == ticks[-1] + interval * SECOND
        assert not inside.keys() & set(ticks)
        inside |= dict.fromkeys(ticks, (gap["outcome"], gap["reason"]))
    assert inside == uncovered
    for before, after in zip(found["gaps"], found["gaps"][1:], strict=False):
        assert before["end"] <= after["start"]
        causes = [(gap["outcome"], gap["reason"]) for gap in (before, after)]
        assert before["end"] < after["start"] or causes[0] != causes[1], "one stretch in two"
