"""The ticks of today and of the last hour: what is kept in memory never shows in an answer."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from math import ceil, floor
from statistics import quantiles
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_api.calculations.tick_tally import TickSums
from chain_api.store.ticks_today import TicksToday
from optionchain.exchange_time import IST
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SYMBOLS = ("NIFTY", "M&M", "360ONE")
MIDNIGHT = datetime.fromisoformat("2026-06-19T00:00:00+05:30")
OUTCOMES = ("stored", "unchanged", "failed", "skipped")


def plain(database: AnyDatabase, symbols: list[str], now: datetime) -> TickSums:
    """Add up the whole ledger."""
    midnight = now.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
    today, hour = (list(found(database, symbols, since)) for since in (midnight, now - HOUR))
    lateness = sorted(each["lateness_ms"] for each in hour if "lateness_ms" in each)
    return TickSums(
        {
            symbol: Counter(sorted(outcome(each) for each in today if each["symbol"] == symbol))
            for symbol in symbols
        },
        Counter(sorted(map(outcome, hour))),
        {"p50": percentile(lateness, 50), "p99": percentile(lateness, 99)},
    )


def found(database: AnyDatabase, symbols: list[str], since: datetime) -> Any:  # noqa: ANN401
    return database[TICKS].find({"symbol": {"$in": symbols}, "tick": {"$gte": since}})


def at_once(*symbols: str) -> dict[str, timedelta]:
    """Say that no open tick of these symbols is waited for."""
    return dict.fromkeys(symbols, timedelta.min)


def outcome(entry: dict[str, Any]) -> str:
    return str(entry.get("outcome", "open"))


def percentile(values: list[float], percent: int) -> float | None:
    if not values:
        return None
    place = (len(values) - 1) * percent / 100
    below, above = values[floor(place)], values[ceil(place)]
    return round(below + (above - below) * (place % 1), 1)


def shown(sums: TickSums) -> Any:  # noqa: ANN401
    """Return sums with the order of the outcomes, and with those that are zero."""
    today = {symbol: list(outcomes.items()) for symbol, outcomes in sums.today.items()}
    return today, list(sums.last_hour.items()), sums.lateness_ms


class Run:
    """A ledger that is written while a clock moves, and asked about its symbols."""

    def __init__(self, database: AnyDatabase, now: datetime) -> None:
        database[TICKS].delete_many({})
        self.database, self.now, self.symbols = database, now, list(SYMBOLS)
        self.ledger, self.today = TickLedger(database), TicksToday(database)
        self.claims: list[tuple[str, datetime]] = []

    def claim(self, symbol: str, age: timedelta) -> None:
        self.claims.append((symbol, self._tick(age)))
        self.ledger.claim(*self.claims[-1], "me", self.now)

    def complete(self, number: int, kind: str, lateness: float) -> None:
        if self.claims:
            symbol, tick = self.claims[number % len(self.claims)]
            self.ledger.record(symbol, tick, {"outcome": kind, "lateness_ms": lateness})

    def record(self, symbol: str, age: timedelta, entry: dict[str, Any]) -> None:
        self.ledger.record(symbol, self._tick(age), entry)

    def move(self, by: timedelta) -> None:
        self.now += by

    def choose(self, symbols: list[str]) -> None:
        self.symbols = symbols

    def check(self) -> None:
        expected = plain(self.database, self.symbols, self.now)
        assert shown(self.today.read(at_once(*self.symbols), self.now)) == shown(expected)

    def _tick(self, age: timedelta) -> datetime:
        tick = self.now - age
        return tick.replace(second=tick.second // 5 * 5, microsecond=0)


def minutes(*numbers: float) -> st.SearchStrategy[timedelta]:
    return st.sampled_from([timedelta(minutes=number) for number in numbers])


# How far a tick is from the time of writing: in time, late, hours late, of a clock that is ahead.
AGES = minutes(0, 0, 0.1, 1, 2, 2.9, 3, 3.1, 4, 30, 59.9, 60, 60.1, 64, 66, 180, 1_200, -1, -70)
LATE = st.integers(0, 99).map(float)
ENTRIES = st.fixed_dictionaries(
    {"outcome": st.sampled_from(OUTCOMES)}, optional={"lateness_ms": LATE}
)
STEPS: dict[str, st.SearchStrategy[Any]] = {
    "claim": st.tuples(st.sampled_from(SYMBOLS), AGES),
    "complete": st.tuples(st.integers(0, 9), st.sampled_from(OUTCOMES), LATE),
    "record": st.tuples(st.sampled_from(SYMBOLS), AGES, ENTRIES),
    "move": st.tuples(
        minutes(0.01, 0.1, 1, 1, 2, 3, 4, 58, 62, 200, 1_440, -0.1, -1, -4, -6, -30, -90, -1_440)
    ),
    "choose": st.tuples(st.lists(st.sampled_from(SYMBOLS), unique=True)),
    "check": st.just(()),
}
BEGINNINGS = st.sampled_from(
    [TICK, MIDNIGHT - MINUTE, MIDNIGHT, MIDNIGHT + MINUTE, MIDNIGHT + 61 * MINUTE]
)


@settings(deadline=None, max_examples=150)
@given(
    BEGINNINGS,
    st.integers(0, 4_999_999),
    st.booleans(),
    st.lists(
        st.one_of([st.tuples(st.just(name), what) for name, what in STEPS.items()]), max_size=40
    ),
)
def test_every_answer_is_that_of_the_whole_ledger(
    indexed_database: AnyDatabase,
    begins: datetime,
    microseconds: int,
    always: bool,
    steps: list[tuple[str, Any]],
) -> None:
    run = Run(indexed_database, begins + timedelta(microseconds=microseconds))
    for name, what in steps:
        getattr(run, name)(*what)
        if always:
            run.check()
    run.check()


def test_ticks_are_counted_by_symbol_and_outcome(database: AnyDatabase) -> None:
    ledger, now = TickLedger(database), MIDNIGHT + HOUR / 2
    for number, kind in enumerate(("stored", "stored", "failed", "skipped")):
        ledger.record("NIFTY", MIDNIGHT + (number - 1) * INTERVAL, {"outcome": kind})
    ledger.claim("NIFTY", now, "me", now)
    ledger.record("M&M", now, {"outcome": "stored"})
    found = TicksToday(database).read(at_once("NIFTY", "IDEA"), now)
    today = Counter(failed=1, open=1, skipped=1, stored=1)
    assert found.today == {"NIFTY": today, "IDEA": Counter()}
    assert list(found.today["NIFTY"]) == ["failed", "open", "skipped", "stored"]
    assert found.last_hour == today + Counter(stored=1)


def test_entry_that_is_written_hours_late_is_counted(database: AnyDatabase) -> None:
    ledger, today = TickLedger(database), TicksToday(database)
    ledger.record("NIFTY", TICK - 5 * HOUR, {"outcome": "stored"})
    ledger.claim("NIFTY", TICK - 4 * HOUR, "me", TICK)
    kept = today.read(at_once("NIFTY"), TICK).today["NIFTY"]
    assert (kept, today.read(at_once("NIFTY"), TICK).today["NIFTY"]) == (
        Counter(stored=1, open=1),
        kept,
    )
    ledger.record("NIFTY", TICK - 4 * HOUR, {"outcome": "failed"})
    assert today.read(at_once("NIFTY"), TICK).today["NIFTY"] == Counter(stored=1, failed=1)
    ledger.record("NIFTY", TICK - 3 * HOUR, {"outcome": "failed"})
    assert today.read(at_once("NIFTY"), TICK).today["NIFTY"] == Counter(stored=1, failed=2)


def test_late_outcome_of_a_symbol_that_is_not_asked_for_is_passed_over(
    database: AnyDatabase,
) -> None:
    ledger, today = TickLedger(database), TicksToday(database)
    for symbol in SYMBOLS[:2]:
        ledger.claim(symbol, TICK - 4 * HOUR, "me", TICK)
    assert today.read(at_once("NIFTY"), TICK).today == {"NIFTY": Counter(open=1)}
    ledger.record_all(TICK - 4 * HOUR, {name: {"outcome": "failed"} for name in SYMBOLS[:2]})
    assert today.read(at_once("NIFTY"), TICK).today == {"NIFTY": Counter(failed=1)}


def test_at_midnight_in_india_a_day_begins(database: AnyDatabase) -> None:
    ledger, today = TickLedger(database), TicksToday(database)
    ledger.record("NIFTY", MIDNIGHT - 10 * MINUTE, {"outcome": "stored"})
    for minute in (-2, -1, 0, 1):
        sums = today.read(at_once("NIFTY"), MIDNIGHT + minute * MINUTE)
        assert sums.today["NIFTY"].total() == (minute < 0)
        assert sums.last_hour.total() == 1


def test_parts_of_a_millisecond_count_no_tick_twice(database: AnyDatabase) -> None:
    TickLedger(database).record("NIFTY", TICK, {"outcome": "stored"})
    for settled in (0, 1, 2, 3, 5, 60):
        today, now = TicksToday(database), TICK + settled * MINUTE + timedelta(microseconds=400)
        for _ in range(3):
            assert today.read(at_once("NIFTY"), now).last_hour == Counter(stored=1)


def test_threads_that_ask_while_ticks_are_written_leave_it_right(database: AnyDatabase) -> None:
    ledger, today, symbols = TickLedger(database), TicksToday(database), list(SYMBOLS)

    def ask(number: int) -> int:
        return today.read(at_once(*symbols), TICK + number * MINUTE / 4).last_hour.total()

    with ThreadPoolExecutor(4) as threads:
        asked = []
        for number in range(40):
            tick = TICK + number * MINUTE / 4
            ledger.claim_all(symbols, tick, "me", tick)
            asked.append(threads.submit(ask, number))
            ledger.record_all(tick, {name: {"outcome": "stored"} for name in symbols})
        totals = [each.result() for each in asked]
    assert totals[0] >= len(symbols)
    now = TICK + 10 * MINUTE
    assert today.read(at_once(*symbols), now) == plain(database, symbols, now)


@pytest.mark.parametrize(
    "values", [[100.04], [1.0, 2.0], [float(7 * n % 101) for n in range(101)], [5.5] * 7]
)
def test_percentiles_of_the_lateness_are_those_of_all_ticks(
    database: AnyDatabase, values: list[float]
) -> None:
    ledger, now = TickLedger(database), TICK + HOUR
    ledger.record("NIFTY", TICK - INTERVAL, {"outcome": "stored", "lateness_ms": 9_999.0})
    ledger.record("M&M", TICK, {"outcome": "stored", "lateness_ms": 9_999.0})
    for number, value in enumerate(values):
        entry = {"outcome": "stored", "lateness_ms": value}
        ledger.record("NIFTY", TICK + number * INTERVAL, entry)
    ledger.record("NIFTY", TICK + 200 * INTERVAL, {"outcome": "skipped"})
    cuts = quantiles(values, n=100, method="inclusive") if len(values) > 1 else values * 99
    today = TicksToday(database)
    for _ in range(2):
        found = today.read(at_once("NIFTY"), now).lateness_ms
        assert found == {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1)}
    assert today.read(at_once("IDEA"), now).lateness_ms == {"p50": None, "p99": None}


def test_open_tick_is_pending_as_long_as_its_symbol_is_waited_for(database: AnyDatabase) -> None:
    ledger, today = TickLedger(database), TicksToday(database)
    for symbol in ("NIFTY", "M&M"):
        ledger.claim(symbol, TICK, "me", TICK)
    waited = {"NIFTY": timedelta(seconds=8), "M&M": timedelta(seconds=63)}
    for seconds, expected in ((7, ["pending", "pending"]), (8, ["open", "pending"]), (63, None)):
        sums = today.read(waited, TICK + timedelta(seconds=seconds))
        told = [name for each in sums.today.values() for name in each]
        assert told == (expected or ["open", "open"])
        assert sums.last_hour == Counter(told)
    assert today.read(waited, TICK + 10 * MINUTE).last_hour == Counter(open=2)
