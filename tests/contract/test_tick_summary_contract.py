"""What the ledger says of many symbols together."""

from collections import Counter
from statistics import quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_api.store.tick_summary import TickCounts, TickSummary
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK

FAILED = {"outcome": "failed", "reason": "timeout"}
# A letter a tick: stored, failed by a source, busy (of no source), claimed alone, nothing.
ENTRIES = {
    "s": {"outcome": "stored", "source": "nse"},
    "f": {**FAILED, "source": "upstox"},
    "b": {"outcome": "skipped", "reason": "busy"},
}
ledgers = st.dictionaries(
    st.sampled_from(["NIFTY", "NIFTY50", "M&M", "360ONE"]), st.text("sfbc-", max_size=8)
)


@pytest.fixture
def summary(database: AnyDatabase) -> TickSummary:
    return TickSummary(database)


def write(database: AnyDatabase, ticks: dict[str, str]) -> None:
    ledger = TickLedger(database)
    for symbol, letters in ticks.items():
        for number, letter in enumerate(letters):
            tick = TICK + number * INTERVAL
            if letter == "c":
                ledger.claim(symbol, tick, "me", tick)
            elif letter in ENTRIES:
                ledger.record(symbol, tick, ENTRIES[letter] | {"detail": number})


def test_claims_without_an_outcome_do_not_hide_the_outcome_before(
    database: AnyDatabase, summary: TickSummary
) -> None:
    write(database, {"NIFTY": "sfccc", "M&M": "s", "IDEA": "ccc", "BHEL": "sb"})
    found = summary.last(["NIFTY", "M&M", "IDEA", "NONE"])
    assert {symbol: row["detail"] for symbol, row in found.items()} == {"NIFTY": 1, "M&M": 0}
    assert found["NIFTY"] == {"tick": TICK + INTERVAL, "detail": 1, **FAILED}
    assert summary.sources(["NIFTY", "BHEL", "IDEA"]) == {"NIFTY": "upstox", "BHEL": "nse"}
    assert summary.last([]) == {}


@settings(deadline=None)
@given(ledgers)
def test_the_last_outcomes_are_those_that_are_found_symbol_by_symbol(
    indexed_database: AnyDatabase, ticks: dict[str, str]
) -> None:
    indexed_database[TICKS].delete_many({})
    write(indexed_database, ticks)
    found = TickSummary(indexed_database).last(list(ticks))
    last = {symbol: max(map(letters.rfind, "sfb")) for symbol, letters in ticks.items()}
    expected = {symbol: number for symbol, number in last.items() if number >= 0}
    assert {symbol: row["detail"] for symbol, row in found.items()} == expected


def test_ticks_are_counted_by_symbol_and_outcome(
    database: AnyDatabase, summary: TickSummary
) -> None:
    write(database, {"NIFTY": "ssfbc", "M&M": "-----s"})
    found = summary.counts(["NIFTY", "IDEA"], TICK + INTERVAL, TICK + 3 * INTERVAL)
    today = Counter(stored=1, failed=1, skipped=1, open=1)
    assert found == {
        "NIFTY": TickCounts(today, Counter(skipped=1, open=1)),
        "IDEA": TickCounts(Counter(), Counter()),
    }
    after_midnight = summary.counts(["NIFTY"], TICK + 3 * INTERVAL, TICK)["NIFTY"]
    assert (after_midnight.today.total(), after_midnight.last_hour.total()) == (2, 5)


@pytest.mark.parametrize(
    "values", [[100.04], [1.0, 2.0], [float(7 * n % 101) for n in range(101)], [5.5] * 7]
)
def test_percentiles_of_the_lateness_are_those_of_all_ticks(
    database: AnyDatabase, summary: TickSummary, values: list[float]
) -> None:
    ledger = TickLedger(database)
    ledger.record("NIFTY", TICK, {"outcome": "stored", "lateness_ms": 9_999.0})
    ledger.record("M&M", TICK + INTERVAL, {"outcome": "stored", "lateness_ms": 9_999.0})
    for number, value in enumerate(values, start=1):
        entry = {"outcome": "stored", "lateness_ms": value}
        ledger.record("NIFTY", TICK + number * INTERVAL, entry)
    ledger.record("NIFTY", TICK + 200 * INTERVAL, {"outcome": "skipped"})
    cuts = quantiles(values, n=100, method="inclusive") if len(values) > 1 else values * 99
    found = summary.lateness(["NIFTY"], TICK + INTERVAL)
    assert found == {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1)}
    assert summary.lateness(["IDEA"], TICK) == {"p50": None, "p99": None}
