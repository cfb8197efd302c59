"""Exactly one recorded outcome for each symbol and tick."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.mongod import Mongod
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import SecretStr, Settings
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase
from tests.support.snapshots import INTERVAL, TICK

STORED = {"outcome": "stored", "legs": 206, "lateness_ms": 12.5}
FAILED = {"outcome": "failed", "reason": "timeout", "lateness_ms": 40.0}


def entries(database: AnyDatabase) -> list[Any]:
    return list(database["ticks"].find({}, {"_id": False}))


def test_a_symbol_s_tick_is_claimed_once(ledger: TickLedger) -> None:
    assert ledger.claim("NIFTY", TICK, "first", TICK)
    assert not ledger.claim("NIFTY", TICK, "second", TICK)
    assert not ledger.claim("NIFTY", TICK, "first", TICK)
    assert ledger.claim("M&M", TICK, "second", TICK)
    assert ledger.claim("NIFTY", TICK + INTERVAL, "second", TICK)


def test_the_symbols_of_a_tick_are_claimed_together_and_each_once(ledger: TickLedger) -> None:
    assert ledger.claim_all(["NIFTY", "M&M", "IDEA"], TICK, "first", TICK) == [
        "NIFTY",
        "M&M",
        "IDEA",
    ]
    assert ledger.claim_all(["IDEA", "INFY", "NIFTY"], TICK, "second", TICK) == ["INFY"]
    assert ledger.claim_all([], TICK, "third", TICK) == []
    assert ledger.last_claim(["INFY"]) == TICK


def test_the_outcomes_of_a_tick_are_recorded_together(
    ledger: TickLedger, database: AnyDatabase
) -> None:
    """One has an outcome already, one is claimed by another invocation: nothing else is held up."""
    ledger.claim_all(["NIFTY", "M&M"], TICK, "mine", TICK)
    ledger.claim("IDEA", TICK, "theirs", TICK)
    ledger.record("M&M", TICK, FAILED)
    symbols = ("M&M", "IDEA", "NIFTY", "INFY")
    ledger.record_all(TICK, dict.fromkeys(symbols, STORED), "mine")
    found = {entry["symbol"]: entry.get("outcome") for entry in entries(database)}
    assert found == {"NIFTY": "stored", "M&M": "failed", "IDEA": None, "INFY": "stored"}
    ledger.write([])


def test_a_tick_is_claimed_once_whatever_the_uri_says(
    real_database: AnyDatabase, mongod: Mongod
) -> None:
    """With w=0 the server reports no duplicate, and both claims succeeded."""
    Indexes(real_database, RETENTION_DAYS).ensure()
    uri = SecretStr(f"{mongod.uri}&w=0&readPreference=secondary&readConcernLevel=available")
    settings = Settings(mongodb_uri=uri, mongodb_database=real_database.name)
    database = open_database(settings)
    rotating = rotating_database(RotatingClient(settings))
    claims = [
        TickLedger(each).claim("NIFTY", TICK, "any", TICK)
        for each in (database, rotating, rotating)
    ]
    assert claims == [True, False, False]
    assert TickLedger(rotating).between("NIFTY", TICK, TICK + INTERVAL) == [{"tick": TICK}]
    database.client.close()
    rotating.client.close()


def test_of_eight_that_claim_at_once_one_succeeds(real_database: AnyDatabase) -> None:
    """On the real server alone: mongomock is not made for threads."""
    Indexes(real_database, RETENTION_DAYS).ensure()
    ledger = TickLedger(real_database)
    ticks = [TICK + number * INTERVAL for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        claims = pool.map(
            lambda claimant: [
                name
                for tick in ticks
                for name in ledger.claim_all(["NIFTY", "M&M"], tick, f"o{claimant}", tick)
            ],
            range(8),
        )
    assert Counter(name for won in claims for name in won) == {"NIFTY": 40, "M&M": 40}


def test_an_outcome_completes_its_claim(ledger: TickLedger, database: AnyDatabase) -> None:
    claim = {"symbol": "NIFTY", "tick": TICK, "owner": "first", "claimed_at": TICK + INTERVAL}
    ledger.claim("NIFTY", TICK, "first", TICK + INTERVAL)
    assert entries(database) == [claim]
    ledger.record("NIFTY", TICK, STORED)
    assert entries(database) == [claim | STORED]


def test_an_outcome_needs_no_claim(ledger: TickLedger, database: AnyDatabase) -> None:
    """A tick that the database was away for could not be claimed."""
    ledger.record("NIFTY", TICK, FAILED)
    assert entries(database) == [{"symbol": "NIFTY", "tick": TICK, **FAILED}]
    assert not ledger.claim("NIFTY", TICK, "late", TICK)


@pytest.mark.parametrize("claimed", [True, False])
def test_a_first_outcome_is_kept(claimed: bool, ledger: TickLedger, database: AnyDatabase) -> None:
    if claimed:
        ledger.claim("NIFTY", TICK, "first", TICK)
    ledger.record("NIFTY", TICK, STORED)
    ledger.record("NIFTY", TICK, FAILED)
    (entry,) = entries(database)
    assert entry["outcome"] == "stored"
    assert "reason" not in entry


def test_an_outcome_is_of_one_symbol_and_tick(ledger: TickLedger, database: AnyDatabase) -> None:
    for symbol, tick in (("NIFTY", TICK), ("NIFTY", TICK + INTERVAL), ("M&M", TICK)):
        ledger.claim(symbol, tick, "first", tick)
    ledger.record("NIFTY", TICK, STORED)
    outcomes = {(each["symbol"], each["tick"]): each.get("outcome") for each in entries(database)}
    assert outcomes == {
        ("NIFTY", TICK): "stored",
        ("NIFTY", TICK + INTERVAL): None,
        ("M&M", TICK): None,
    }


@pytest.fixture
def session(ledger: TickLedger) -> TickLedger:
    """Five ticks of NIFTY: stored, unchanged, failed, skipped, claimed; and one of M&M."""
    outcomes = ("stored", "unchanged", "failed", "skipped")
    for number, outcome in enumerate(outcomes):
        entry = {"outcome": outcome, "lateness_ms": float(number)}
        ledger.claim("NIFTY", TICK + number * INTERVAL, "first", TICK)
        ledger.record("NIFTY", TICK + number * INTERVAL, entry)
    ledger.claim("NIFTY", TICK + 4 * INTERVAL, "first", TICK)
    ledger.record("M&M", TICK + 5 * INTERVAL, STORED)
    return ledger


def test_the_last_good_tick_was_stored_or_unchanged(session: TickLedger) -> None:
    assert session.last_good(["NIFTY"]) == TICK + INTERVAL
    assert session.last_good(["NIFTY", "M&M"]) == TICK + 5 * INTERVAL
    assert session.last_good(["IDEA"]) is None


def test_the_last_busy_tick_of_each_symbol_is_the_newest_within_the_window(
    ledger: TickLedger,
) -> None:
    busy = {"outcome": "skipped", "reason": "busy"}
    for number in range(3):
        ledger.record("NIFTY", TICK + number * INTERVAL, busy)
    ledger.record("NIFTY", TICK + 3 * INTERVAL, {"outcome": "failed", "reason": "timeout"})
    ledger.record("M&M", TICK, {"outcome": "failed", "reason": "busy"})
    symbols = ["NIFTY", "M&M", "IDEA"]
    newest = TICK + 2 * INTERVAL
    assert ledger.last_busy(symbols, TICK) == {"NIFTY": newest, "M&M": TICK}
    assert ledger.last_busy(symbols, TICK + INTERVAL) == {"NIFTY": newest}
    assert ledger.last_busy([], TICK) == {}


def test_the_last_claim_is_the_newest_claimed_tick(session: TickLedger) -> None:
    assert session.last_claim(["NIFTY", "M&M"]) == TICK + 4 * INTERVAL
    assert session.last_claim(["IDEA"]) is None


def confirmation(
    expiry: str = "23-Jun-2026", outcome: str = "unchanged", verdict: str = "unchanged"
) -> dict[str, Any]:
    """Return a tick's entry whose one expiry ended as said."""
    expiries = [{"expiry_date": expiry, "outcome": outcome, "verdict": verdict}]
    return {"outcome": outcome, "expiries": expiries}


@pytest.fixture
def confirmed(ledger: TickLedger) -> TickLedger:
    """Ticks 1, 2 and 5 confirmed the nearest expiry; 3 failed, 4 revised it, 6 another one."""
    entries = {
        1: confirmation(),
        2: confirmation(),
        3: FAILED,
        4: confirmation(outcome="stored", verdict="revised"),
        5: confirmation(),
        6: confirmation("30-Jun-2026"),
        7: confirmation(verdict="out_of_order"),
    }
    for number, entry in entries.items():
        ledger.record("NIFTY", TICK + number * INTERVAL, entry)
    ledger.record("M&M", TICK + 8 * INTERVAL, confirmation())
    return ledger


@pytest.mark.parametrize(
    ("after", "until", "found"),
    [
        (0, 9, 5),
        (0, 5, 5),  # inclusive
        (0, 4, 2),
        (1, 2, 2),
        (2, 4, None),  # exclusive: a confirmation is after the header's own tick
        (0, 1, 1),
        (0, 0, None),
        (5, 9, None),
    ],
)
def test_the_newest_confirmation_is_after_one_tick_and_not_after_another(
    after: int, until: int, found: int | None, confirmed: TickLedger
) -> None:
    since, end = TICK + after * INTERVAL, TICK + until * INTERVAL
    expected = None if found is None else TICK + found * INTERVAL
    assert confirmed.confirmed_at("NIFTY", "23-Jun-2026", since, end) == expected


def test_a_confirmation_is_of_its_symbol_and_expiry_alone(confirmed: TickLedger) -> None:
    end = TICK + 9 * INTERVAL
    assert confirmed.confirmed_at("NIFTY", "30-Jun-2026", TICK, end) == TICK + 6 * INTERVAL
    assert confirmed.confirmed_at("M&M", "23-Jun-2026", TICK, end) == TICK + 8 * INTERVAL
    assert confirmed.confirmed_at("NIFTY", "29-Dec-2026", TICK, end) is None
    assert confirmed.confirmed_at("IDEA", "23-Jun-2026", TICK, end) is None


def test_a_verdict_is_counted_after_an_instant_for_one_expiry(ledger: TickLedger) -> None:
    verdicts = ["shrunken", "shrunken", "new", "shrunken"]
    for number, verdict in enumerate(verdicts):
        expiry = {"expiry_date": "23-Jun-2026", "verdict": verdict}
        other = {"expiry_date": "30-Jun-2026", "verdict": "shrunken"}
        entry = {"outcome": "failed", "expiries": [other, expiry]}
        ledger.record("NIFTY", TICK + number * INTERVAL, entry)
    counted = [
        ledger.verdicts_since("NIFTY", "23-Jun-2026", "shrunken", TICK + number * INTERVAL)
        for number in (-1, 0, 3)
    ]
    assert counted == [3, 2, 0]
    assert ledger.verdicts_since("M&M", "23-Jun-2026", "shrunken", TICK - INTERVAL) == 0


def test_one_expiry_s_outcome_is_not_another_s(ledger: TickLedger) -> None:
    """A tick that stored one expiry may have found the other unchanged."""
    one = {"expiry_date": "23-Jun-2026", "outcome": "stored", "verdict": "new"}
    other = {"expiry_date": "30-Jun-2026", "outcome": "unchanged", "verdict": "unchanged"}
    ledger.record("NIFTY", TICK, {"outcome": "stored", "expiries": [one, other]})
    before = TICK - INTERVAL
    assert ledger.confirmed_at("NIFTY", "23-Jun-2026", before, TICK) is None
    assert ledger.confirmed_at("NIFTY", "30-Jun-2026", before, TICK) == TICK


@pytest.mark.parametrize(
    ("start", "end", "ticks"),
    [(0, 0, [0]), (-9, -1, []), (-9, 1, [1, 0]), (2, 9, [3, 2]), (1, 9, [3, 2, 1])],
)
def test_completed_ticks_come_newest_first_without_those_that_are_open(
    start: int, end: int, ticks: list[int], session: TickLedger
) -> None:
    found = session.completed("NIFTY", TICK + start * INTERVAL, TICK + end * INTERVAL)
    assert [(each["tick"] - TICK) // INTERVAL for each in found] == ticks
    assert all(each.keys() <= {"tick", "outcome", "expiries"} for each in found)


def test_a_completed_tick_has_the_outcome_of_each_expiry(ledger: TickLedger) -> None:
    asked = [
        {"expiry_date": "23-Jun-2026", "outcome": "stored"},
        {"expiry_date": "30-Jun-2026", "outcome": "failed"},
    ]
    full = [{**each, "verdict": "new", "received_at": TICK} for each in asked]
    ledger.record("NIFTY", TICK, {"outcome": "failed", "expiries": full})
    expected = {"tick": TICK, "outcome": "failed", "expiries": asked}
    assert ledger.completed("NIFTY", TICK, TICK) == [expected]


GOOD_EXPIRY = {"outcome": "stored"}


@pytest.mark.parametrize(
    ("entry", "complete"),
    [
        ({"outcome": "stored", "expiries": [GOOD_EXPIRY]}, True),
        ({"outcome": "unchanged", "expiries": []}, True),
        ({"outcome": "stored", "expiries": [GOOD_EXPIRY, FAILED]}, False),
        ({"outcome": "stored", "expiries": [GOOD_EXPIRY, FAILED | {"reason": "stale"}]}, True),
        ({"outcome": "stored", "expiries": [FAILED | {"reason": "stale"}, FAILED]}, False),
        (FAILED | {"expiries": [FAILED]}, False),
        (FAILED | {"reason": "stale", "expiries": [FAILED | {"reason": "stale"}]}, False),
    ],
)
def test_a_complete_tick_is_good_and_no_answer_to_it_is_outstanding(
    entry: dict[str, Any], complete: bool, ledger: TickLedger
) -> None:
    """A stale expiry was answered; one that failed may still be answered late."""
    ledger.record("NIFTY", TICK, entry)
    assert ledger.is_complete("NIFTY", TICK) is complete
    assert not ledger.is_complete("NIFTY", TICK + INTERVAL)


def test_a_range_has_ticks_from_its_start_to_before_its_end(ledger: TickLedger) -> None:
    for number in (-1, 0, 2, 3):
        ledger.claim("NIFTY", TICK + number * INTERVAL, "me", TICK)
    ledger.record("NIFTY", TICK, FAILED | {"detail": "long", "expiries": [{"a": 1}]})
    ledger.record("M&M", TICK + INTERVAL, STORED)
    found = ledger.between("NIFTY", TICK, TICK + 3 * INTERVAL)
    assert sorted(found, key=lambda row: row["tick"]) == [
        {"tick": TICK, "outcome": "failed", "reason": "timeout"},
        {"tick": TICK + 2 * INTERVAL},
    ]
    assert ledger.between("IDEA", TICK, TICK + 3 * INTERVAL) == []


def test_a_range_is_found_by_the_index_of_symbol_and_tick(indexed_database: AnyDatabase) -> None:
    """On the real server alone: mongomock explains nothing."""
    query = {"symbol": "NIFTY", "tick": {"$gte": TICK, "$lt": TICK + INTERVAL}}
    plan = indexed_database["ticks"].find(query).explain()["queryPlanner"]["winningPlan"]
    assert "COLLSCAN" not in str(plan)
    assert "symbol_1_tick_-1" in str(plan)


def test_the_last_source_is_that_of_the_newest_tick_that_was_asked_for(ledger: TickLedger) -> None:
    many = [f"S{number}" for number in range(90)]
    assert ledger.last_sources(["NIFTY"], TICK) == {}
    for number, source in enumerate(("nse", "upstox")):
        entries = dict.fromkeys(["NIFTY", *many], STORED | {"source": source})
        ledger.record_all(TICK + number * INTERVAL, entries)
    ledger.record("NIFTY", TICK + 2 * INTERVAL, {"outcome": "skipped", "reason": "blocked"})
    found = [ledger.last_sources(["NIFTY"], TICK + number * INTERVAL) for number in range(4)]
    assert found == [{}, *({"NIFTY": source} for source in ("nse", "upstox", "upstox"))]
    sources = ledger.last_sources(["M&M", *many], TICK + INTERVAL)
    assert sources == dict.fromkeys(many, "nse")
