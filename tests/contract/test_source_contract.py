"""How the exchange takes our requests is remembered beyond one invocation."""

from datetime import timedelta

import pytest

from optionchain.errors import StoreUnavailable
from optionchain.mongo.source_register import SOURCE, SourceRegister, SourceState
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK

NSE = "https://www.nseindia.com"
BLOCKED = SourceState("blocked", "HTTP 403", TICK, TICK + timedelta(hours=1), 3)


def test_a_source_nobody_wrote_of_answers(empty_database: AnyDatabase) -> None:
    assert SourceRegister(empty_database, NSE).read() == SourceState()


@pytest.mark.parametrize(
    "state",
    [
        BLOCKED,
        SourceState("server_error", "HTTP 503", TICK, None, 1),
        SourceState(),
    ],
)
def test_a_state_is_read_as_it_was_written_by_whoever_asks(
    empty_database: AnyDatabase, state: SourceState
) -> None:
    SourceRegister(empty_database, NSE).write(state)
    assert SourceRegister(empty_database, NSE).read() == state


def test_the_last_state_stands_and_there_is_one_document(empty_database: AnyDatabase) -> None:
    register = SourceRegister(empty_database, NSE)
    for state in (BLOCKED, SourceState(), BLOCKED, SourceState()):
        register.write(state)
    assert register.read() == SourceState()
    assert empty_database[SOURCE].count_documents({}) == 1


def test_each_exchange_is_remembered_on_its_own(empty_database: AnyDatabase) -> None:
    SourceRegister(empty_database, NSE).write(BLOCKED)
    assert SourceRegister(empty_database, "http://127.0.0.1:8001").read() == SourceState()


def test_reason_and_end_stand_in_the_document_for_all_to_see(empty_database: AnyDatabase) -> None:
    SourceRegister(empty_database, NSE).write(BLOCKED)
    assert empty_database[SOURCE].find_one() == {
        "_id": NSE,
        "reason": "blocked",
        "detail": "HTTP 403",
        "since": TICK,
        "until": TICK + timedelta(hours=1),
        "failures": 3,
    }


def test_a_wait_holds_up_to_its_end(empty_database: AnyDatabase) -> None:
    register = SourceRegister(empty_database, NSE)
    register.write(SourceState("blocked", "HTTP 403", TICK, TICK + INTERVAL, 1))
    state = register.read()
    moments = [TICK, TICK + INTERVAL - timedelta(milliseconds=1), TICK + INTERVAL]
    assert [state.waits(moment) for moment in moments] == [True, True, False]


def test_without_a_database_nothing_is_known(empty_database: AnyDatabase) -> None:
    shaky = ShakyDatabase(empty_database)
    register = SourceRegister(shaky, NSE)
    shaky.away = True
    with pytest.raises(StoreUnavailable):
        register.read()
    with pytest.raises(StoreUnavailable):
        register.write(BLOCKED)
