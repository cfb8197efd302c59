"""What the ledger says of a tick, from the results of its requests."""

from datetime import date, timedelta

import pytest

from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.ledger_entry import (
    completed_entry,
    skipped_entry,
    source_entry,
    unclaimed_entry,
)
from chain_fetch.recording.reports.source_switches import Switch
from optionchain.errors import StoreUnavailable
from optionchain.mongo.snapshot_writer import CommitResult
from tests.support.bodies import STAMP
from tests.support.results import failed, good, stale
from tests.support.snapshots import TICK

STARTED = TICK + timedelta(milliseconds=120)
STORED, FURTHER_STORED = good(), good(required=False)
UNCHANGED = good("unchanged", Verdict.UNCHANGED)
OUT_OF_ORDER = good("unchanged", Verdict.OUT_OF_ORDER)
FAILED, FURTHER_FAILED = failed(), failed("blocked", required=False)


@pytest.mark.parametrize(
    ("results", "outcome", "reason"),
    [
        ([STORED, STORED], "stored", None),
        ([UNCHANGED, STORED], "stored", None),
        ([UNCHANGED, FURTHER_STORED], "stored", None),
        ([UNCHANGED, UNCHANGED], "unchanged", None),
        ([OUT_OF_ORDER], "unchanged", None),
        ([UNCHANGED, FURTHER_FAILED], "unchanged", None),
        ([STORED, FURTHER_FAILED], "stored", None),
        ([stale()], "failed", "stale"),
        ([stale(), stale()], "failed", "stale"),
        ([stale(), FURTHER_STORED], "failed", "stale"),
        ([stale(), UNCHANGED], "unchanged", None),
        ([STORED, stale()], "stored", None),
        ([UNCHANGED, stale(required=False)], "unchanged", None),
        ([stale(), FAILED], "failed", "timeout"),
        ([stale(), UNCHANGED, FAILED], "failed", "timeout"),
        ([STORED, FAILED], "failed", "timeout"),
        ([FURTHER_FAILED, STORED, FAILED], "failed", "timeout"),
        ([FAILED, failed("empty")], "failed", "timeout"),
        ([FURTHER_STORED], "skipped", "busy"),
        ([], "skipped", "busy"),
    ],
)
def test_a_tick_fails_with_its_first_required_expiry_and_is_stored_if_any_was(
    results: list[RequestResult], outcome: str, reason: str | None
) -> None:
    entry = completed_entry(TICK, STARTED, results)
    assert (entry["outcome"], entry.get("reason")) == (outcome, reason)
    assert ("detail" in entry) is (reason is not None)


def test_the_detail_of_a_failed_tick_is_that_of_its_failure() -> None:
    assert completed_entry(TICK, STARTED, [FAILED])["detail"] == "timeout: why"


def test_lateness_and_durations_are_in_milliseconds() -> None:
    results = [
        good(fetch_ms=200.0, parse_ms=2.0, store_ms=20.0),
        good(fetch_ms=300.0, parse_ms=3.0, store_ms=30.0),
    ]
    entry = completed_entry(TICK, STARTED, results)
    assert entry["lateness_ms"] == 120.0
    # Requests run side by side, so the longest counts; parsing and storing is the sum of the work.
    assert (entry["fetch_ms"], entry["parse_ms"], entry["store_ms"]) == (300.0, 5.0, 50.0)


def test_counts_are_sums_over_the_results() -> None:
    revised = good(verdict=Verdict.REVISED, committed=CommitResult(inserted=8, duplicates=2))
    entry = completed_entry(TICK, STARTED, [STORED, revised, OUT_OF_ORDER])
    assert (entry["legs"], entry["inserted"], entry["duplicates"]) == (618, 214, 2)
    assert (entry["revised"], entry["out_of_order"]) == (1, 1)


def test_each_expiry_has_its_own_outcome() -> None:
    entry = completed_entry(TICK, STARTED, [STORED, failed(expiry=date(2026, 6, 30))])
    assert entry["expiries"] == [
        {
            "outcome": "stored",
            "expiry_date": "23-Jun-2026",
            "verdict": "new",
            "received_at": TICK,
            "exchange_timestamp": STAMP,
        },
        {
            "outcome": "failed",
            "expiry_date": "30-Jun-2026",
            "reason": "timeout",
            "detail": "timeout: why",
        },
    ]


def test_a_stale_expiry_of_a_good_tick_is_told() -> None:
    entry = completed_entry(TICK, STARTED, [STORED, stale()])
    assert entry["expiries"][1] == {
        "outcome": "failed",
        "expiry_date": "23-Jun-2026",
        "verdict": "earlier_session",
        "reason": "stale",
        "detail": "of Friday",
        "received_at": TICK,
        "exchange_timestamp": STAMP,
    }


def test_a_failure_to_list_the_expiries_names_none() -> None:
    entry = completed_entry(TICK, STARTED, [failed(expiry=date.min)])
    assert entry["outcome"] == "failed"
    assert "expiry_date" not in entry["expiries"][0]


def test_a_skipped_tick_has_a_reason_and_its_lateness() -> None:
    assert skipped_entry(TICK, TICK + timedelta(seconds=6), "busy", "too long") == {
        "outcome": "skipped",
        "reason": "busy",
        "detail": "too long",
        "lateness_ms": 6000.0,
    }


def test_a_tick_that_was_not_claimed_is_failed_for_the_database() -> None:
    entry = unclaimed_entry(TICK, TICK + timedelta(seconds=2), StoreUnavailable("away"))
    assert (entry["outcome"], entry["reason"], entry["detail"]) == ("failed", "database", "away")
    assert entry["lateness_ms"] == 2000.0


def test_an_entry_names_its_source_those_that_failed_and_the_one_before() -> None:
    assert source_entry("nse", {}, None) == {"source": "nse"}
    tried, switch = {"upstox": failed("blocked")}, Switch("upstox", "blocked")
    assert source_entry("nse", tried, switch) == {
        "source": "nse",
        "sources_failed": [{"source": "upstox", "reason": "blocked", "detail": "blocked: why"}],
        "switched_from": {"source": "upstox", "reason": "blocked"},
    }
