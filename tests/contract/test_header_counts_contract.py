"""Totals without a look at every header are those of every header, whatever has happened."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from chain_api.store.header_totals import HeaderTotals
from optionchain.mongo.header_counts import (
    QUARTER,
    HeaderCounts,
    SymbolCount,
    closed_until,
    quarter_of,
)
from optionchain.mongo.indexes import HEADER_COUNTS, SNAPSHOTS
from tests.support.mongomock_database import AnyDatabase

NOON = datetime(2026, 6, 19, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SYMBOLS = ("BANKNIFTY", "M&M", "NIFTY")


def store(database: AnyDatabase, symbol: str, tick: datetime, calls: int = 3, **more: str) -> None:
    """Store the part of a header that totals are made of, under a new expiry."""
    number = database[SNAPSHOTS].count_documents({})
    header = {"symbol": symbol, "expiry": NOON + timedelta(days=number), "fetched_at": tick}
    database[SNAPSHOTS].insert_one(header | {"calls": calls, "puts": calls + 1} | more)


def totals_of_all(database: AnyDatabase) -> list[SymbolCount]:
    totals: dict[str, SymbolCount] = {}
    for row in database[SNAPSHOTS].find():
        one = SymbolCount(row["symbol"], 1, row["calls"], row["puts"])
        known = totals.get(row["symbol"])
        totals[row["symbol"]] = known.plus(one) if known else one
    return [totals[symbol] for symbol in sorted(totals)]


@pytest.mark.parametrize(("instant", "start"), [
    (NOON, NOON),
    (NOON + 15 * MINUTE - timedelta(microseconds=1), NOON),
    (NOON + 15 * MINUTE, NOON + 15 * MINUTE),
])  # fmt: skip
def test_quarter_is_one_of_an_hour_by_the_clock(instant: datetime, start: datetime) -> None:
    assert quarter_of(instant) == start


@pytest.mark.parametrize(("after", "closed"), [(0, -15), (4, -15), (5, 0), (19, 0), (20, 15)])
def test_quarter_is_closed_five_minutes_after_its_end(after: int, closed: int) -> None:
    assert closed_until(NOON + after * MINUTE) == NOON + closed * MINUTE


def test_sums_of_a_closed_period_are_written_once(database: AnyDatabase) -> None:
    for symbol in SYMBOLS:
        store(database, symbol, NOON + MINUTE)
        store(database, symbol, NOON + 16 * MINUTE)
    recorder, other = HeaderCounts(database), HeaderCounts(database)
    recorder.write(NOON + 20 * MINUTE)
    written = {start: sorted(rows) for start, rows in other.read().items()}
    assert written == {NOON: [SymbolCount(name, 1, 3, 4) for name in SYMBOLS]}
    for each in (recorder, other, recorder):
        each.write(NOON + 25 * MINUTE)
    assert database[HEADER_COUNTS].count_documents({}) == 1
    other.write(NOON + 60 * MINUTE)
    assert sorted(other.read()) == [NOON, NOON + QUARTER]


def test_each_source_is_counted_by_itself(database: AnyDatabase) -> None:
    """Headers and sums of older versions name none: they are of NSE."""
    store(database, "NIFTY", NOON + MINUTE)
    HeaderCounts(database).write(NOON + 20 * MINUTE)
    database[HEADER_COUNTS].update_one({}, {"$unset": {"symbols.0.source": ""}})
    for quarter in (16, 40):
        for source in ("nse", "upstox", "upstox"):
            store(database, "NIFTY", NOON + quarter * MINUTE, source=source)
    HeaderCounts(database).write(NOON + 40 * MINUTE)
    found = HeaderTotals(database).read(NOON + 41 * MINUTE)
    counted = [(row.symbol, row.source, row.snapshots) for row in found]
    assert counted == [("NIFTY", "nse", 3), ("NIFTY", "upstox", 4)]


def test_night_and_weekend_are_skipped(database: AnyDatabase) -> None:
    """A recorder that has been away writes a day at each call, until it has caught up."""
    days = (0, 3, 4)
    for number in days:
        store(database, "NIFTY", NOON + timedelta(days=number))
    counts = HeaderCounts(database)
    for written in (1, 2, 3, 3):
        counts.write(NOON + timedelta(days=5))
        assert len(counts.read()) == written
    assert sorted(counts.read()) == [NOON + timedelta(days=number) for number in days]


def test_recorders_that_write_at_once_write_the_same(database: AnyDatabase) -> None:
    for number in range(4):
        store(database, "NIFTY", NOON + number * QUARTER)
    first = HeaderCounts(database)
    first.write(NOON + 2 * QUARTER + 5 * MINUTE)
    database[HEADER_COUNTS].delete_one({"start": NOON + QUARTER})  # not written yet

    class Late(HeaderCounts):
        """A recorder that looked before the other one wrote."""

        def _next_start(self) -> datetime | None:
            return NOON

    Late(database).write(NOON + 10 * QUARTER)
    Late(database).write(NOON + 10 * QUARTER)
    HeaderCounts(database).write(NOON + 10 * QUARTER)
    found = [row["start"] for row in database[HEADER_COUNTS].find(sort=[("start", 1)])]
    assert len(found) == len(set(found))


def test_totals_of_an_empty_database_are_empty(database: AnyDatabase) -> None:
    assert HeaderTotals(database).read(NOON) == []


class History:
    """What happens to a database, at random but the same for each seed."""

    def __init__(self, database: AnyDatabase, seed: int) -> None:
        self.database, self.random, self.now = database, Random(seed), NOON
        # Not both: one header lost and another gained between two reads cannot be seen.
        strange = self.delete if seed % 2 else self.restore
        self.steps = [*[self.record] * 3, self.expire, strange, self.add_up]

    def record(self) -> None:
        for _ in range(self.random.randrange(1, 5)):
            tick = self.now - timedelta(seconds=self.random.randrange(60))
            store(self.database, self.random.choice(SYMBOLS), tick, self.random.randrange(50))

    def expire(self) -> None:
        oldest = self.now - timedelta(minutes=self.random.randrange(30, 300))
        self.database[SNAPSHOTS].delete_many({"fetched_at": {"$lt": oldest}})

    def restore(self) -> None:
        store(self.database, "NIFTY", self.now - self.random.randrange(400) * MINUTE)

    def delete(self) -> None:
        self.database[SNAPSHOTS].delete_one({"symbol": self.random.choice(SYMBOLS)})

    def add_up(self) -> None:
        HeaderCounts(self.database).write(self.now)

    def step(self) -> None:
        self.now += self.random.randrange(20) * MINUTE
        self.random.choice(self.steps)()


@pytest.mark.parametrize("seed", range(12))
def test_totals_are_those_of_every_header(database: AnyDatabase, seed: int) -> None:
    """Headers are written, expire, are deleted or restored; recorders and environments come."""
    history, totals = History(database, seed), HeaderTotals(database)
    for number in range(40):
        history.step()
        if number % 7 == 0:
            totals = HeaderTotals(database)
        if number % 3:
            assert totals.read(history.now) == totals_of_all(database)
