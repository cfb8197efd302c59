"""What became of settled chains: judged once, whoever comes first, and found by day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from optionchain.mongo.settlement_register import (
    Known,
    LegDifference,
    Settlement,
    SettlementRegister,
)
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK, snapshot

THURSDAY, FRIDAY = date(2026, 6, 18), date(2026, 6, 19)
JULY = date(2026, 7, 28)
MATCHED = Settlement("NIFTY", EXPIRY, FRIDAY, TICK, "matched", 206)
NAMED = LegDifference("NIFTY_CE_24000_28-Jul-2026", 20240.333333333332, 20241.0)
DIFFERS = Settlement("NIFTY", JULY, FRIDAY, TICK, "differs", 90, 1, 0.666667, (NAMED,))
MISSING = Settlement("M&M", EXPIRY, THURSDAY, TICK, "missing")


@pytest.fixture
def settlements(database: AnyDatabase) -> SettlementRegister:
    writer = SettlementRegister(database)
    for each in (DIFFERS, MATCHED, MISSING):
        writer.judge(each)
    return SettlementRegister(database)


def test_a_day_is_read_as_it_was_judged(settlements: SettlementRegister) -> None:
    assert settlements.of_day("NIFTY", FRIDAY) == [MATCHED, DIFFERS]
    assert settlements.of_day("NIFTY", THURSDAY) == settlements.of_day("M&M", FRIDAY) == []


@pytest.mark.parametrize(("symbols", "since", "found"), [
    (["NIFTY", "M&M"], THURSDAY, [MISSING, DIFFERS]),
    (["NIFTY", "M&M"], FRIDAY, [DIFFERS]),
    (["M&M"], THURSDAY, [MISSING]),
    ([], THURSDAY, []),
])  # fmt: skip
def test_what_is_missing_or_differs_is_found_since_a_day(
    symbols: list[str], since: date, found: list[Settlement], settlements: SettlementRegister
) -> None:
    assert settlements.bad_since(symbols, since) == found


def test_what_is_judged_or_doubted_is_known(settlements: SettlementRegister) -> None:
    august = date(2026, 8, 25)
    settlements.doubt("NIFTY", august, FRIDAY, TICK)
    settlements.doubt("NIFTY", august, FRIDAY, TICK + timedelta(minutes=1))  # the first one counts
    judged = Known(True, None)
    assert settlements.known(["NIFTY", "M&M"], FRIDAY) == {
        ("NIFTY", EXPIRY): judged,
        ("NIFTY", JULY): judged,
        ("NIFTY", august): Known(False, TICK),
    }
    assert settlements.known(["M&M"], THURSDAY) == {("M&M", EXPIRY): judged}
    assert settlements.of_day("NIFTY", FRIDAY) == [MATCHED, DIFFERS]  # doubted is not judged


def test_a_doubt_ends_with_a_judgement(database: AnyDatabase) -> None:
    register = SettlementRegister(database)
    register.doubt("NIFTY", EXPIRY, FRIDAY, TICK)
    register.judge(MATCHED)
    register.doubt("NIFTY", EXPIRY, FRIDAY, TICK + timedelta(minutes=9))
    assert register.known(["NIFTY"], FRIDAY) == {("NIFTY", EXPIRY): Known(True, TICK)}
    assert register.of_day("NIFTY", FRIDAY) == [MATCHED]
    assert database["settlements"].count_documents({}) == 1


def test_the_first_judgement_is_kept(settlements: SettlementRegister) -> None:
    settlements.judge(MATCHED._replace(status="differs", legs_differing=3))
    assert settlements.of_day("NIFTY", FRIDAY) == [MATCHED, DIFFERS]


def test_many_that_judge_at_once_leave_one_document(database: AnyDatabase) -> None:
    registers = [SettlementRegister(database) for _ in range(8)]

    def judge(number: int) -> None:
        register = registers[number]
        if number % 2:
            register.doubt("NIFTY", EXPIRY, FRIDAY, TICK)
        register.judge(MATCHED._replace(checked_at=TICK + timedelta(seconds=number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(judge, range(8)))
    (found,) = registers[0].of_day("NIFTY", FRIDAY)
    assert found.status == "matched"
    assert database["settlements"].count_documents({}) == 1


@pytest.mark.parametrize(("day", "recorded"), [(THURSDAY, False), (FRIDAY, True)])
def test_an_expiry_is_recorded_on_the_days_of_its_headers(
    day: date, recorded: bool, store: SnapshotWriter
) -> None:
    store.commit(Commit(snapshot()))
    assert store.recorded_on("NIFTY", EXPIRY, day) is recorded
    assert store.recorded_on("NIFTY", JULY, day) is False
