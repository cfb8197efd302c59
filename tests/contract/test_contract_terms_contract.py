"""What sources list of contracts: dated, each list once, and never overwritten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from optionchain.contract_lists import ContractList
from optionchain.contract_terms import ContractTerms
from optionchain.mongo.contract_register import ContractRegister, ListUnread
from tests.support.mongomock_database import AnyDatabase

THURSDAY, FRIDAY = date(2026, 2, 5), date(2026, 2, 6)
READ_AT = datetime(2026, 2, 6, 3, 31, tzinfo=UTC)
EXPIRY, NEXT = date(2026, 2, 24), date(2026, 3, 31)
VENDOR = ContractList(
    "NIFTY",
    "upstox",
    FRIDAY,
    READ_AT,
    {EXPIRY: ContractTerms(65, 0.05, 1755), NEXT: ContractTerms(75)},
)
BHAVCOPY = ContractList(
    "NIFTY",
    "bhavcopy",
    THURSDAY,
    READ_AT,
    {EXPIRY: ContractTerms(reasons={"lot_size": "sources_differ"})},
)
NOTHING = ContractList("M&M", "bhavcopy", THURSDAY, READ_AT, {})


@pytest.fixture
def register(database: AnyDatabase) -> ContractRegister:
    ContractRegister(database).write([VENDOR, BHAVCOPY, NOTHING])
    return ContractRegister(database)


def test_lists_are_read_as_they_were_written(register: ContractRegister) -> None:
    found = register.between(THURSDAY, FRIDAY)
    assert found == {"NIFTY": [BHAVCOPY, VENDOR], "M&M": [NOTHING]}
    assert register.between(FRIDAY, FRIDAY, ["NIFTY", "M&M"]) == {"NIFTY": [VENDOR]}
    assert register.between(THURSDAY, FRIDAY, []) == {}


def test_the_same_list_read_again_is_one_document(
    register: ContractRegister, database: AnyDatabase
) -> None:
    register.write([VENDOR._replace(read_at=READ_AT + timedelta(hours=1))])
    assert register.between(FRIDAY, FRIDAY) == {"NIFTY": [VENDOR]}
    assert database["contract_terms"].count_documents({}) == 3


def test_another_list_of_the_same_day_stands_beside_the_first(register: ContractRegister) -> None:
    later = VENDOR._replace(
        read_at=READ_AT + timedelta(hours=1), terms={EXPIRY: ContractTerms(75, 0.05, 1755)}
    )
    register.write([later])
    assert register.between(FRIDAY, FRIDAY) == {"NIFTY": [VENDOR, later]}


def test_many_that_write_at_once_leave_one_document(database: AnyDatabase) -> None:
    registers = [ContractRegister(database) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda register: register.write([VENDOR, BHAVCOPY]), registers))
    assert database["contract_terms"].count_documents({}) == 2


def test_why_a_list_could_not_be_read_is_kept_by_its_day(register: ContractRegister) -> None:
    late = READ_AT + timedelta(minutes=1)
    for day, detail, tried_at in (
        (THURSDAY, "timeout", READ_AT),
        (FRIDAY, "timeout", READ_AT),
        (FRIDAY, "blocked: HTTP 403", late),
    ):
        register.note_failure(ListUnread(day, "bhavcopy", detail, tried_at))
    assert register.failures(FRIDAY) == [ListUnread(FRIDAY, "bhavcopy", "blocked: HTTP 403", late)]
    assert len(register.failures(THURSDAY)) == 2
    assert register.between(THURSDAY, FRIDAY).keys() == {"NIFTY", "M&M"}
