"""What the ledger says of many symbols together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_api.store.tick_summary import TickSummary
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
