"""The gaps in the ledger of a session are equal to a count by hand."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api import schemas
from chain_api.calculations.duty_hours import DutyHours
from chain_api.calculations.tick_gaps import DayOfTicks, gaps_answer
from optionchain.exchange_time import IST
from optionchain.market import Market, Session
from optionchain.mongo.recorder_switch import SwitchState, stops_of
from optionchain.mongo.shift_register import HANDOVER, Duty
from optionchain.rhythm import Rhythm

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


@dataclass(frozen=True)
class Hours(Market):
    """A calendar of a single session, without a closing tick."""

    only: Session = MINUTE

    def sessions(self, day: date) -> tuple[Session, ...]:  # noqa: ARG002
        return (self.only,)

    def closing_ticks(self, day: date) -> tuple[datetime, ...]:  # noqa: ARG002
        return ()


def answered(
    documents: Iterable[dict[str, Any]], now: datetime, market: Market, duty: DutyHours
) -> Any:  # noqa: ANN401
    found = gaps_answer(DayOfTicks("NIFTY", DAY, market, duty, list(documents)), now)
    schemas.Gaps.model_validate(found)
    return found


def gaps_of(letters: str, now: datetime = LATER) -> Any:  # noqa: ANN401
    return answered(rows(letters), now, Hours(), DutyHours([], [], None, Rhythm(5)))


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
    # From before the opening to after the close.
    ledger = {
        (OPENS + (number - 10) * interval * SECOND).astimezone(UTC): LETTERS[letter]
        for number, letter in enumerate(letters)
        if letter != "."
    }
    now = OPENS + seconds * SECOND
    documents = [{"tick": tick, **row} for tick, row in ledger.items()]
    found = answered(documents, now, Hours(only=session), DutyHours([], [], None, Rhythm(interval)))
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


def at(seconds: float) -> datetime:
    return OPENS + seconds * SECOND


def on_duty(since: float, until: float, interval: int = 5, offset: int = 0) -> Duty:
    return Duty(at(since), at(until), interval, offset)


def off(seconds: float) -> SwitchState:
    return SwitchState(enabled=False, changed_at=at(seconds))


def on(seconds: float) -> SwitchState:
    return SwitchState(enabled=True, changed_at=at(seconds))


@pytest.mark.parametrize(
    ("duties", "switched", "expected"),
    [
        ([], [], "mmmmmmmmmmmm"),  # nothing is known of that day
        ([on_duty(-9, 111)], [], "mmmmmmmmmmmm"),
        ([on_duty(-9, 30)], [], "mmmmmmdddddd"),  # its time was up, and nobody came
        ([on_duty(-99, -9), on_duty(20, 140)], [], "ddddmmmmmmmm"),
        ([on_duty(-9, 30), on_duty(20, 140)], [], "mmmmmmmmmmmm"),
        ([on_duty(-9, 140), on_duty(20, 30)], [], "mmmmmmdddddd"),  # the newer one took over
        ([on_duty(-9, 111)], [off(20)], "mmmmssssssss"),
        ([on_duty(-9, 111)], [off(20), on(40)], "mmmmssssdddd"),  # it had left at the stop
        ([on_duty(-9, 111), on_duty(30, 150)], [off(20), on(40)], "mmmmssssdddd"),  # left at once
        ([on_duty(-9, 111), on_duty(45, 165)], [off(20), on(40)], "mmmmssssdmmm"),
        ([on_duty(-9, 111)], [off(-99), on(-50)], "mmmmmmmmmmmm"),
        ([on_duty(-9, 111)], [on(-99), off(-50)], "ssssssssssss"),
        ([], [off(10)], "mmssssssssss"),
        ([on_duty(30, 150)], [off(10), on(20)], "mmssmmmmmmmm"),
        ([on_duty(-9, 111)], [off(10), off(20), on(30), on(40)], "mmssssdddddd"),
    ],
)
def test_a_tick_that_nobody_claimed_says_why(
    duties: list[Duty], switched: list[SwitchState], expected: str
) -> None:
    """Nobody on duty, stopped on purpose, or missing although somebody was there."""
    words = {"m": "missing", "d": "off_duty", "s": "stopped"}
    found = answered([], LATER, Hours(), DutyHours(duties, stops_of(switched), None, Rhythm(5)))
    told = [(gap["outcome"], gap["ticks"]) for gap in found["gaps"]]
    assert told == [(words[letter], len(list(run))) for letter, run in groupby(expected)]
    assert found["expected_ticks"] == sum(found["ticks"].values()) == 12


def test_a_claim_without_an_outcome_is_open_whoever_was_there() -> None:
    for duties in ([], [on_duty(-9, -5)]):
        duty = DutyHours(duties, stops_of([off(0)]), None, Rhythm(5))
        found = answered(rows("o"), LATER, Hours(), duty)
        assert found["ticks"]["open"] == 1


@pytest.mark.parametrize("setting", [1, 5, 60])
def test_a_day_is_judged_by_the_interval_that_held_then(setting: int) -> None:
    """After a change of the setting a failure had vanished, and six holes had appeared."""
    duty = DutyHours([on_duty(-9, 111)], [], at(-9), Rhythm(setting))
    found = answered(rows("suutusuuuuuu"), LATER, Hours(), duty)
    assert (found["expected_ticks"], found["interval_seconds"]) == (12, 5)
    (gap,) = found["gaps"]
    assert (gap["outcome"], gap["reason"], gap["ticks"]) == ("failed", "timeout", 1)
    assert gap["end"] - gap["start"] == 5 * SECOND
    assert found["interval_known"]


@pytest.mark.parametrize(("seconds", "known"), [(1.5, True), (1.6, False)])
def test_the_first_tick_of_a_record_is_of_the_shift_that_begins_right_after_it(
    seconds: float, known: bool
) -> None:
    duty = DutyHours([on_duty(seconds, 111)], [], at(0), Rhythm(5))
    assert answered(rows("s"), LATER, Hours(), duty)["interval_known"] is known


def test_an_interval_that_changes_within_a_day_holds_from_its_shift_on() -> None:
    duties = [on_duty(-9, 111, 20), on_duty(21, 141, 5), on_duty(38, 158, 10), on_duty(39, 159, 10)]
    found = answered([], LATER, Hours(), DutyHours(duties, [], at(-9), Rhythm(60)))
    # 0 and 20, then 25, 30 and 35, then 40 and 50.
    assert found["expected_ticks"] == found["ticks"]["missing"] == 7
    assert found["intervals"] == [
        {"since": at(seconds), "interval_seconds": interval, "offset_seconds": 0}
        for seconds, interval in ((0, 20), (21, 5), (38, 10))
    ]
    assert found["interval_seconds"] == 10
    ends = [(gap["start"], gap["end"], gap["ticks"]) for gap in found["gaps"]]
    assert ends == [(at(0), at(60), 7)]


def test_ticks_are_due_by_the_offset_that_held_then() -> None:
    """10, 25 and 40 by the first rhythm; then 50, and not 55: the last shift has another offset."""
    duties = [on_duty(-9, 111, 15, 10), on_duty(48, 168, 20, 10), on_duty(52, 172, 20, 5)]
    found = answered([], LATER, Hours(), DutyHours(duties, [], at(-9), Rhythm(5)))
    told = [(gap["start"], gap["end"], gap["ticks"]) for gap in found["gaps"]]
    assert told == [(at(10), at(70), 4)]
    assert found["intervals"] == [
        {"since": at(seconds), "interval_seconds": interval, "offset_seconds": offset}
        for seconds, interval, offset in ((0, 15, 10), (48, 20, 10), (52, 20, 5))
    ]


def test_a_tick_just_before_a_shift_is_the_new_shift_s() -> None:
    """The one before left it to the newcomer, whose rhythm has another one."""
    before = HANDOVER.total_seconds() - 0.1
    duties = [on_duty(-9, 111, 10), on_duty(20 + before, 140, 60, 25)]
    found = answered([], LATER, Hours(), DutyHours(duties, [], at(-9), Rhythm(5)))
    assert [gap["start"] for gap in found["gaps"]] == [at(0), at(25)]
    assert found["expected_ticks"] == 3  # 0, 10 and 25


def test_the_closing_tick_is_as_late_as_the_rhythm() -> None:
    closes = Market().sessions(DAY)[0].closes.astimezone(UTC)
    duty = DutyHours([on_duty(-9, 111, 60, 35)], [], None, Rhythm(5))
    closing = {"tick": closes + timedelta(minutes=5, seconds=35), "outcome": "stored"}
    found = answered([closing], LATER, Market(), duty)
    assert (found["expected_ticks"], found["ticks"]["stored"]) == (376, 1)
    assert found["gaps"][0]["start"] == at(35)


def test_what_the_ledger_has_counts_whatever_the_interval_seems_to_be() -> None:
    """Of a day before shifts were kept, today's interval is only a guess."""
    found = answered(rows("stuu"), LATER, Hours(), DutyHours([], [], None, Rhythm(10)))
    counts = {name: count for name, count in found["ticks"].items() if count}
    assert counts == {"stored": 1, "failed": 1, "unchanged": 2, "missing": 4}
    assert not found["interval_known"]
    gap = {"outcome": "failed", "reason": "timeout", "start": at(5), "end": at(10), "ticks": 1}
    assert found["gaps"][0] == gap


@pytest.mark.parametrize(
    ("begins", "ledger", "expected"),
    [
        (at(20), "", 8),
        (at(20), "..s", 9),  # the ledger knows better
        (LATER, "", 0),
        (at(-999), "", 12),
        (None, "", 12),
    ],
)
def test_before_a_symbol_was_recorded_none_of_its_ticks_is_expected(
    begins: datetime | None, ledger: str, expected: int
) -> None:
    duties = [on_duty(20, 140)] if begins == at(20) else []
    found = answered(rows(ledger), LATER, Hours(), DutyHours(duties, [], begins, Rhythm(5)))
    assert (found["expected_ticks"], found["recorded_since"]) == (expected, begins)


TWO = {DAY: ((time(9, 15), time(9, 16)), (time(11, 30), time(11, 31)))}


def test_each_session_of_a_day_counts_and_the_closing_tick_after_it() -> None:
    found = answered([], LATER, Market(special=TWO), DutyHours([], [], None, Rhythm(5)))
    assert found["expected_ticks"] == found["ticks"]["missing"] == 26
    starts = [0, 360, 8_100, 8_460]  # two sessions, and five minutes after each close
    told = [((gap["start"] - OPENS) // SECOND, gap["ticks"]) for gap in found["gaps"]]
    assert told == list(zip(starts, (12, 1, 12, 1), strict=True))
    assert found["session"] == found["sessions"][0] == {"opens": at(0), "closes": at(60)}
    assert found["sessions"][1]["opens"] == at(8_100)
    for seconds, market in ((30, "open"), (70, "closed"), (8_130, "open"), (8_161, "closed")):
        duty = DutyHours([], [], None, Rhythm(5))
        assert answered([], at(seconds), Market(special=TWO), duty)["market"] == market


def test_the_closing_tick_of_an_ordinary_day_is_expected_once_it_is_due() -> None:
    duty = DutyHours([], [], None, Rhythm(60))
    closes = Market().sessions(DAY)[0].closes
    for minutes, expected in ((4, 375), (7, 376)):
        now = closes + timedelta(minutes=minutes)
        assert answered([], now, Market(), duty)["expected_ticks"] == expected
    settled = {"tick": (closes + timedelta(minutes=5)).astimezone(UTC), "outcome": "stored"}
    assert answered([settled], LATER, Market(), duty)["ticks"]["stored"] == 1


NIGHT = OPENS + timedelta(hours=14)
CLOCKS = {"1945": "19:45", "1946": "19:46", "2100": "21:00", "2101": "21:01"}


@pytest.mark.parametrize(
    ("ledger", "now", "expected"),
    [
        # The first tick of the evening is due, and at 21:00 only while something is unsettled.
        ("", "19:45:30", ""),  # it may still begin
        ("", "19:46:04", "1945 missing"),
        ("1945 o", "19:46:02", ""),  # it may take its minute
        ("1945 o", "19:46:04", "1945 open"),
        ("", "23:00", "1945 missing, 2100 missing"),
        ("1945 s0", "23:00", "1945 stored"),
        ("1945 s3", "23:00", "1945 stored, 2100 missing"),
        ("1945 s3, 2100 u0", "23:00", "1945 stored, 2100 unchanged"),
        # The others are due where the recorder found something unread.
        ("1945 t4, 1946 s0", "23:00", "1945 failed, 1946 stored"),
        ("1946 s0", "23:00", "1945 missing, 1946 stored"),
        ("1945 s0, 2101 s0", "23:00", "1945 stored, 2101 stored"),
        ("1945 k6, 2100 t6, 2101 u0", "23:00", "1945 skipped, 2100 failed, 2101 unchanged"),
    ],
)
def test_ticks_of_the_evening_are_due_until_everything_is_settled(
    ledger: str, now: str, expected: str
) -> None:
    def instant(text: str) -> datetime:
        return datetime.combine(DAY, time.fromisoformat(text), IST)

    written = []
    for name, told in (entry.split() for entry in ledger.split(", ") if entry):
        more = {"unsettled": int(told[1:])} if told[1:] else {}
        written.append({"tick": instant(CLOCKS[name]).astimezone(UTC), **LETTERS[told[0]], **more})
    found = answered(written, instant(now), Market(), DutyHours([], [], None, Rhythm(60)))
    session = answered([], instant("19:00"), Market(), DutyHours([], [], None, Rhythm(60)))
    outcomes = [entry.split()[1] for entry in expected.split(", ") if entry]
    assert found["expected_ticks"] - session["expected_ticks"] == len(outcomes)
    counted = Counter(found["ticks"]) - Counter(session["ticks"])
    assert counted == Counter(outcomes)
    ends = {gap["start"]: gap["end"] for gap in found["gaps"][len(session["gaps"]) :]}
    bad = {
        instant(CLOCKS[name]).astimezone(UTC)
        for name, outcome in (entry.split() for entry in expected.split(", ") if entry)
        if outcome not in ("stored", "unchanged")
    }
    assert ends.keys() == bad
    assert {end - start for start, end in ends.items()} <= {60 * SECOND}


def test_an_evening_of_an_older_recorder_is_not_expected() -> None:
    duty = DutyHours([], [], None, Rhythm(60))
    known = DayOfTicks("NIFTY", DAY, Market(), duty, [], reads_evenings=False)
    assert gaps_answer(known, NIGHT)["expected_ticks"] == 376
    assert answered([], NIGHT, Market(), duty)["expected_ticks"] == 378


SWITCHED = {"switched_from": {"source": "upstox", "reason": "server_error"}}


@pytest.mark.parametrize(("sources", "first", "expected"), [
    ("nnnn", {}, []),
    ("....", {}, []),
    ("uunn", {}, [(2, "upstox", "nse")]),
    ("u.nu", {}, [(2, "upstox", "nse"), (3, "nse", "upstox")]),
    ("nn..", SWITCHED, [(0, "upstox", "nse")]),
])  # fmt: skip
def test_the_switches_of_a_day_are_told(
    sources: str, first: dict[str, Any], expected: list[tuple[int, str, str]]
) -> None:
    """A tick for which nothing was asked has no source, and breaks no row."""
    names = {"n": {"source": "nse"}, "u": {"source": "upstox"}, ".": {}}
    ticks = [MINUTE.opens + number * timedelta(seconds=5) for number in range(4)]
    documents = [
        {"tick": tick, "outcome": "stored", **names[letter], **(first if tick == ticks[0] else {})}
        for tick, letter in zip(ticks, sources, strict=True)
    ]
    duty = DutyHours([], [], None, Rhythm(5))
    found = answered(reversed(documents), LATER, Hours(), duty)["source_switches"]
    assert [(ticks.index(each["at"]), each["from"], each["to"]) for each in found] == expected
    assert all(each["reason"] == ("server_error" if first else None) for each in found)
