"""What answers tell of contracts that had no close the day before."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from starlette.testclient import TestClient

from optionchain.analytics import analytics_of
from optionchain.exchange_time import exchange_date
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Leg
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.api import CHAIN, client, read
from tests.support.bodies import STAMP
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import quote, snapshot

pytestmark = uses_mongomock

STRIKES = (24000.0, 24050.0, 24100.0)
OLD: Leg = (24000.0, "CE")
LISTED: Leg = (24050.0, "CE")
NEW: Leg = (24050.0, "PE")
DOUBTED: Leg = (24100.0, "CE")
UNHELD: Leg = (24100.0, "PE")


@pytest.fixture
def database() -> AnyDatabase:
    """A chain with a contract that was listed today, one that is new, two that may be, and two."""
    zeros = {"open_interest": 500.0, "change_in_oi": 0.0, "pchange_in_oi": 0.0}
    quotes = [
        quote(side, strike, **(zeros if strike > 24000.0 else {}))
        for strike, side in sorted(snapshot(STRIKES).legs)
    ]
    quotes[-1] = quotes[-1]._replace(open_interest=0.0)
    facts = SnapshotFacts(
        iv_as_of={LISTED: STAMP},
        listed_on={LISTED: exchange_date(STAMP)},
        new_legs=frozenset({LISTED, NEW}),
        doubted_legs=frozenset({DOUBTED, UNHELD}),
    )
    database = memory_database()
    derive = partial(analytics_of, rate=5.5)
    whole = replace(snapshot(STRIKES), quotes=tuple(quotes))
    SnapshotWriter(database).commit(Commit(whole, facts=facts, derive=derive))
    return database


@pytest.fixture
def api(database: AnyDatabase) -> TestClient:
    return client(database)


def legs(answer: dict[str, Any]) -> dict[Leg, dict[str, Any]]:
    return {(leg["strike_price"], leg["type"]): leg for leg in answer["calls"] + answer["puts"]}


def test_a_chain_tells_what_was_sent_and_what_is_true(api: TestClient) -> None:
    names = "change_in_oi", "oi_since_previous_close", "buildup", "change_reason", "listed_on"
    found = legs(read(api, CHAIN, greeks="true"))
    rows = {leg: tuple(row[name] for name in names) for leg, row in found.items()}
    assert rows == {
        (24000.0, "CE"): (-34.0, -34.0, "short_covering", None, None),
        (24000.0, "PE"): (-34.0, -34.0, "short_covering", None, None),
        LISTED: (0.0, 500.0, None, "newly_listed", "19-Jun-2026"),
        NEW: (0.0, None, None, "newly_listed", None),
        DOUBTED: (0.0, None, None, "day_before_unknown", None),
        UNHELD: (0.0, 0.0, None, "day_before_unknown", None),
    }
    assert found[LISTED]["iv_as_of"] == "2026-06-19T09:32:20Z"
    told = {leg: row["newly_listed"] for leg, row in found.items()}
    assert [leg for leg, new in told.items() if new] == [LISTED, NEW]
    assert [leg for leg, new in told.items() if new is None] == [DOUBTED, UNHELD]


@pytest.mark.parametrize("column", ["oi_since_previous_close", "change_reason", "newly_listed"])
def test_one_column_has_the_same_values_as_all(api: TestClient, column: str) -> None:
    every = legs(read(api, CHAIN, greeks="true"))
    one = legs(read(api, CHAIN, greeks="true", columns=f"strike_price,type,{column}"))
    assert {leg: row[column] for leg, row in every.items()} == {
        leg: row[column] for leg, row in one.items()
    }


def test_a_profile_has_no_0_that_means_no_yesterday(api: TestClient) -> None:
    found = read(api, f"{CHAIN}/analytics/open-interest")
    assert (found["call_change_in_oi"], found["put_change_in_oi"]) == (
        [-34.0, 500.0, None],
        [-34.0, None, 0.0],
    )
    assert found["call_newly_listed"] == [False, True, None]
    assert found["put_newly_listed"] == [False, True, None]


def test_analytics_count_what_is_new(api: TestClient, database: AnyDatabase) -> None:
    """Where a contract may be new, their number is not known."""
    found = read(api, f"{CHAIN}/analytics")
    assert (found["newly_listed"], found["reasons"]["pcr_change"]) == (None, "newly_listed")
    contracts, headers = (database[name] for name in ("option_chain", "snapshots"))
    contracts.update_many({"newly_listed": None}, {"$set": {"newly_listed": False}})
    headers.update_many({}, {"$unset": {"analytics": 1}})
    assert read(client(database), f"{CHAIN}/analytics")["newly_listed"] == 2


def test_of_what_an_older_version_recorded_nothing_is_known(database: AnyDatabase) -> None:
    """It took a 0 at its word; now one that may be none has a reason."""
    added = ("iv_as_of", "listed_on", "newly_listed")
    database["option_chain"].update_many({}, {"$unset": dict.fromkeys(added, 1)})
    database["snapshots"].update_many({}, {"$unset": {"analytics": 1}})
    api = client(database)
    found = legs(read(api, CHAIN, greeks="true"))
    assert [found[LISTED][name] for name in added] == [None] * 3
    names = "oi_since_previous_close", "buildup", "change_reason"
    assert [tuple(found[leg][name] for name in names) for leg in (OLD, LISTED, UNHELD)] == [
        (-34.0, "short_covering", None),
        (None, None, "day_before_unknown"),
        (0.0, None, "day_before_unknown"),
    ]
    analytics = read(api, f"{CHAIN}/analytics")
    assert analytics["newly_listed"] is None
    assert analytics["reasons"]["pcr_change"] == "day_before_unknown"
