"""What the ledger says of a tick, from what became of its readings."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chain_fetch.nse.refusals import Refused
from chain_fetch.recording.deduplication import Verdict
from chain_fetch.recording.ledger_entry import entry_of, lost, skipped
from chain_fetch.recording.plan import Reading
from chain_fetch.recording.tick import Read
from optionchain.errors import StoreUnavailable
from optionchain.mongo.snapshot_writer import CommitResult
from optionchain.mongo.tick_ledger import Outcome
from tests.support.bodies import EXPIRY, STAMP
from tests.support.snapshots import TICK

STARTED = TICK + timedelta(milliseconds=120)
RECEIVED = TICK + timedelta(milliseconds=480)


def read(*, required: bool = True, expiry: date = EXPIRY) -> Read:
    return Read(Reading("NIFTY", expiry, required))


def good(reading: Read, outcome: Outcome, verdict: Verdict, inserted: int) -> Read:
    """The reading after a chain of 206 contracts was received."""
    return replace(
        reading,
        outcome=outcome,
        verdict=verdict,
        received_at=RECEIVED,
        exchange_timestamp=STAMP,
        legs=206,
        committed=CommitResult(inserted, duplicates=0),
    )


def stored(*, required: bool = True) -> Read:
    return good(read(required=required), "stored", Verdict.NEW, 206)


def unchanged(verdict: Verdict = Verdict.UNCHANGED) -> Read:
    return good(read(), "unchanged", verdict, 0)


def failed(*, required: bool = True, expiry: date = EXPIRY) -> Read:
    reading = read(required=required, expiry=expiry)
    reading.fail("timeout", Refused("timeout", "no answer in time"))
    return reading


@pytest.mark.parametrize(
    ("reads", "outcome"),
    [
        ([stored(), stored()], "stored"),
        ([unchanged(), stored()], "stored"),
        ([unchanged(), stored(required=False)], "stored"),
        ([unchanged(), unchanged()], "unchanged"),
        ([unchanged(Verdict.OUT_OF_ORDER)], "unchanged"),
        ([unchanged(), failed(required=False)], "unchanged"),
        ([stored(), failed(required=False)], "stored"),
        ([stored(), failed()], "failed"),
        ([failed(), failed(required=False)], "failed"),
        ([stored(required=False)], "skipped"),
        ([], "skipped"),
    ],
)
def test_a_tick_fails_where_a_required_expiry_failed_and_is_stored_where_anything_was_news(
    reads: list[Read], outcome: str
) -> None:
    assert entry_of(TICK, STARTED, reads)["outcome"] == outcome


def test_a_failed_tick_has_the_reason_and_detail_of_its_first_required_failure() -> None:
    further = read(required=False)
    further.fail("blocked", Refused("blocked", "HTTP 403"))
    entry = entry_of(TICK, STARTED, [further, stored(), failed()])
    assert entry["reason"] == "timeout"
    assert entry["detail"] == "timeout: no answer in time"


@pytest.mark.parametrize("reads", [[stored()], [unchanged()]])
def test_a_good_tick_has_no_reason(reads: list[Read]) -> None:
    entry = entry_of(TICK, STARTED, reads)
    assert "reason" not in entry
    assert "detail" not in entry


def test_a_tick_for_which_the_budget_left_nothing_is_skipped_as_busy() -> None:
    entry = entry_of(TICK, STARTED, [])
    assert (entry["outcome"], entry["reason"]) == ("skipped", "busy")


def test_lateness_and_durations_are_in_milliseconds() -> None:
    reads = [
        replace(stored(), fetch_ms=200.0, parse_ms=2.0, store_ms=20.0),
        replace(stored(), fetch_ms=300.0, parse_ms=3.0, store_ms=30.0),
    ]
    entry = entry_of(TICK, STARTED, reads)
    assert entry["lateness_ms"] == 120.0
    # Fetched side by side, so the longest counts; parsing and storing are work, so their sum.
    assert (entry["fetch_ms"], entry["parse_ms"], entry["store_ms"]) == (300.0, 5.0, 50.0)


def test_counts_are_sums_over_the_readings() -> None:
    reads = [
        stored(),
        replace(
            stored(), verdict=Verdict.REVISED, committed=CommitResult(inserted=8, duplicates=2)
        ),
        unchanged(Verdict.OUT_OF_ORDER),
    ]
    entry = entry_of(TICK, STARTED, reads)
    assert (entry["legs"], entry["inserted"], entry["duplicates"]) == (618, 214, 2)
    assert (entry["revised"], entry["out_of_order"]) == (1, 1)


def test_each_expiry_says_what_became_of_it() -> None:
    entry = entry_of(TICK, STARTED, [stored(), failed(expiry=date(2026, 6, 30))])
    assert entry["expiries"] == [
        {
            "outcome": "stored",
            "expiry_date": "23-Jun-2026",
            "verdict": "new",
            "received_at": RECEIVED,
            "exchange_timestamp": STAMP,
        },
        {
            "outcome": "failed",
            "expiry_date": "30-Jun-2026",
            "reason": "timeout",
            "detail": "timeout: no answer in time",
        },
    ]


def test_a_failure_to_learn_the_expiries_names_none() -> None:
    entry = entry_of(TICK, STARTED, [failed(expiry=date.min)])
    assert entry["outcome"] == "failed"
    assert "expiry_date" not in entry["expiries"][0]


def test_a_skipped_tick_says_why_and_how_late_that_was_known() -> None:
    assert skipped(TICK, TICK + timedelta(seconds=6), "busy", "too long") == {
        "outcome": "skipped",
        "reason": "busy",
        "detail": "too long",
        "lateness_ms": 6000.0,
    }


def test_a_tick_lost_to_an_absent_database_is_failed() -> None:
    entry = lost(TICK, datetime(2026, 6, 19, 9, 32, 27, tzinfo=UTC), StoreUnavailable("away"))
    assert (entry["outcome"], entry["reason"], entry["detail"]) == ("failed", "database", "away")
    assert entry["lateness_ms"] == 2000.0
