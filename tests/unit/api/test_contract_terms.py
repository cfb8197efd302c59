"""Lots, ticks and freeze quantities in /symbols, and what /health says where no lot is known."""

from datetime import date, timedelta
from typing import Any

import pytest

from optionchain.contract_lists import ContractList
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import exchange_date
from optionchain.mongo.contract_register import ContractRegister, ListUnread
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.api import NOW, client, database_with
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock
TODAY = exchange_date(NOW)
BEFORE = TODAY - timedelta(days=1)
LATER = EXPIRY + timedelta(days=7)
NIFTY_ALONE = Settings(nse_symbols=("NIFTY",))


def listed(source: str, day: date, terms: ContractTerms, expiry: date = EXPIRY) -> ContractList:
    return ContractList("NIFTY", source, day, TICK, {expiry: terms})


def symbols(database: AnyDatabase) -> list[dict[str, Any]]:
    (row,) = client(database).get("/symbols").json()["symbols"]
    found: list[dict[str, Any]] = row["contract_terms"]
    return found


def test_each_expiry_has_its_lot_tick_and_freeze_quantity() -> None:
    database = database_with(snapshot(), snapshot(expiry=LATER))
    ContractRegister(database).write(
        [
            listed("upstox", TODAY, ContractTerms(65, 0.05, 1755)),
            listed("bhavcopy", BEFORE, ContractTerms(65)),
        ]
    )
    known, unknown = symbols(database)
    assert known == {
        "expiry_date": "23-Jun-2026",
        "lot_size": 65,
        "lot_size_reason": None,
        "tick_size": 0.05,
        "tick_size_reason": None,
        "freeze_quantity": 1755,
        "freeze_quantity_reason": None,
    }
    assert {unknown[f"{name}_reason"] for name in ("lot_size", "tick_size")} == {"not_listed"}
    assert unknown["lot_size"] is None


def test_without_any_list_nothing_is_known() -> None:
    (row,) = symbols(database_with(snapshot()))
    assert (row["lot_size"], row["lot_size_reason"]) == (None, "not_read")


def recorded(reason: str | None, *lists: ContractList, unread: str = "") -> AnyDatabase:
    """Return a database with a header whose lot is not known for this reason."""
    database = memory_database()
    lot = None if reason else 65
    facts = SnapshotFacts(terms=ContractTerms(lot, reasons={"lot_size": reason} if reason else {}))
    SnapshotWriter(database).commit(Commit(snapshot(), facts=facts))
    register = ContractRegister(database)
    register.write(lists)
    if unread:
        register.note_failure(ListUnread(BEFORE, "bhavcopy", unread, TICK))
    return database


@pytest.mark.parametrize(("database", "told"), [
    (recorded(None), None),
    # Nobody tries to read a list: the exchange is a simulated one.
    (recorded("not_read"), None),
    (recorded("not_read", unread="blocked: HTTP 403"),
     ("is not known: no list of contracts that states it was read in the last seven days; "
     "bhavcopy of 2026-06-18 was not read: blocked: HTTP 403")),
    (recorded("not_read", listed("bhavcopy", BEFORE, ContractTerms(475))),
     ("is not known: the first list of contracts was read after this snapshot, which keeps no "
     "lot; bhavcopy of 2026-06-18: 475")),
    (recorded("not_listed", listed("bhavcopy", BEFORE, ContractTerms(65), LATER), unread="late"),
     "is not known: no list of contracts that was read has this expiry"),
    (recorded("sources_differ", listed("bhavcopy", BEFORE, ContractTerms(65)),
              listed("upstox", TODAY, ContractTerms(75))),
     ("is not known: lists of contracts differ; bhavcopy of 2026-06-18: 65; "
     "upstox of 2026-06-19: 75")),
])  # fmt: skip
def test_a_lot_that_is_not_known_is_a_notice(database: AnyDatabase, told: str | None) -> None:
    health = client(database, settings=NIFTY_ALONE).get("/health").json()
    notices = [each for each in health["notices"] if each["code"] == "lot_size_unknown"]
    expected = [f"the lot of NIFTY 23-Jun-2026 {told}"] if told else []
    assert [each["detail"] for each in notices] == expected
    assert health["status"] == "healthy"
