"""A header whose contracts are not all there: nothing of such a snapshot is ever served."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from optionchain.mongo.indexes import CONTRACTS
from tests.support.api import CHAIN, FILTER, NOW, client, commit, database_with, problem
from tests.support.minutes import FIRST, FROM, JULY, LISTS, TICKS, fill
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock
STRIKES = [float(strike) for strike in range(23_500, 24_500, 50)]

type Ask = Callable[[TestClient], Response]


def get(path: str) -> Ask:
    return lambda api: api.get(path)


def post(**body: Any) -> Ask:  # noqa: ANN401
    return lambda api: api.post(FILTER, json={"symbol": "NIFTY", **body})


READS = {
    "whole": get(CHAIN),
    "all": get(f"{CHAIN}?expiry=all"),
    "rows": get(f"{CHAIN}?layout=rows&columns=last_price"),
    "csv": get(f"{CHAIN}?format=csv"),
    "greeks": get(f"{CHAIN}?greeks=true"),
    "calls": get(f"{CHAIN}?option_type=CE"),
    "strikes_of_it": get(f"{CHAIN}?strike_min=24000&strike_max=24100"),
    "window": get(f"{CHAIN}?strikes_around_atm=2"),
    "minimum": get(f"{CHAIN}?min_open_interest=1&expiry=all"),
    "as_of": get(f"{CHAIN}?as_of=15:02:30"),
    "strikes": get(f"{CHAIN}/strikes"),
    "smile": get(f"{CHAIN}/analytics/smile"),
    "profile": get(f"{CHAIN}/analytics/open-interest"),
    "exposure": get(f"{CHAIN}/analytics/gamma-exposure"),
    "surface": get(f"{CHAIN}/analytics/surface"),
    "profile_through_time": get(f"{CHAIN}/analytics/open-interest/history"),
    "changes": get(f"{CHAIN}/changes?from=15:02:25"),
    "changes_of_some": get(f"{CHAIN}/changes?from=15:02:25&strikes_around_atm=2"),
    "filter": post(),
    "filter_some": post(option_type="PE", min_volume=1),
}


def damaged(database: AnyDatabase, strikes: int = 10) -> AnyDatabase:
    """Take some strikes' contracts away, as a hand or a restored backup may."""
    for strike in STRIKES[-strikes:]:
        database[CONTRACTS].delete_many({"strike_price": strike})
    return database


@pytest.mark.parametrize("name", READS)
def test_nothing_of_an_incomplete_snapshot_is_served(name: str) -> None:
    """Even if the contracts that a request selects are all there: nobody can know that."""
    api = client(damaged(database_with(snapshot(STRIKES))))
    response = READS[name](api)
    told = problem(response, 503, "snapshot-incomplete")["detail"]
    assert told.startswith("The snapshot NIFTY 23-Jun-2026 of 2026-06-19 15:02:25 IST has 20 of 40")
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize("name", READS)
def test_a_whole_snapshot_is_served(name: str) -> None:
    assert READS[name](client(database_with(snapshot(STRIKES)))).status_code == 200


def test_a_newer_whole_snapshot_ends_it() -> None:
    database = damaged(database_with(snapshot(STRIKES)))
    api = client(database, NOW + INTERVAL)
    problem(api.get(CHAIN), 503, "snapshot-incomplete")
    commit(database, snapshot(STRIKES, tick=TICK + INTERVAL, last_price=7.0))
    assert api.get(f"{CHAIN}/strikes").json()["total_strikes"] == 20
    problem(api.get(f"{CHAIN}?as_of=15:02:26"), 503, "snapshot-incomplete")


def test_a_kept_answer_is_not_renewed_from_an_incomplete_snapshot() -> None:
    database = database_with(snapshot(STRIKES))
    clock = [NOW]
    api = client(database, lambda: clock[0])
    assert api.get(CHAIN).status_code == 200
    commit(database, snapshot(STRIKES, tick=TICK + INTERVAL, last_price=7.0))
    damaged(database)
    clock[0] = NOW + INTERVAL
    problem(api.get(CHAIN), 503, "snapshot-incomplete")


def test_contracts_without_a_header_add_nothing() -> None:
    """Those of a later tick, whose header was never written."""
    database = database_with(snapshot(STRIKES))
    stray = [
        {**row, "fetched_at": TICK + INTERVAL, "_id": f"{place}"}
        for place, row in enumerate(database[CONTRACTS].find())
    ]
    database[CONTRACTS].insert_many(stray)
    assert all(read(client(database)).status_code == 200 for read in READS.values())


SERIES = [address for address in LISTS if f"{CHAIN}/history" in address]


@pytest.mark.parametrize("limit", [3, 7, 10_000])
@pytest.mark.parametrize("address", SERIES)
def test_a_series_with_a_hole_is_refused_only_if_its_snapshot_is_not_whole(
    address: str, limit: int
) -> None:
    database = memory_database()
    fill(database)
    whole, pages = walk(client(database), f"{address}&limit={limit}")
    assert whole.status_code == 200
    tick = FIRST + 5 * INTERVAL
    database[CONTRACTS].delete_many({"fetched_at": tick, "strike_price": {"$gte": 24_000.0}})
    torn, before = walk(client(database), f"{address}&limit={limit}")
    problem(torn, 503, "snapshot-incomplete")
    assert before < pages


def walk(api: TestClient, address: str) -> tuple[Response, int]:
    """Return the last answer of a list by its links, and how many pages were answered."""
    response, pages = api.get(address), 0
    while response.status_code == 200:
        pages += 1
        if not (link := response.json()["next"]):
            break
        response = api.get(f"{CHAIN}/{link}")
    return response, pages


@pytest.mark.parametrize("place", [0, 6, TICKS - 1])
def test_a_contract_that_was_not_listed_is_no_hole(place: int) -> None:
    """It is in no snapshot before, or in none after; all are whole."""
    database = memory_database()
    for number in range(TICKS):
        listed = [24_000.0, *([24_050.0] if number == place else [])]
        commit(database, snapshot(listed, tick=FIRST + number * INTERVAL, last_price=float(number)))
    api = client(database)
    answer = api.get(f"{CHAIN}/history?{FROM}&strike=24050&option_type=CE").json()
    assert [row["last_price"] for row in answer["records"]] == [float(place)]
    both = api.get(f"{CHAIN}/history?{FROM}&strike_min=24000&option_type=CE").json()
    assert len(both["records"]) == TICKS + 1


def test_volume_before_a_candle_is_not_taken_from_a_torn_snapshot() -> None:
    database = memory_database()
    fill(database)
    begins = FIRST + 6 * INTERVAL
    names = {"fetched_at": begins - INTERVAL, "identifier": "NIFTY_CE_24000_23-Jun-2026"}
    assert database[CONTRACTS].delete_many(names).deleted_count == 1
    moment = (begins + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S")
    address = f"{CHAIN}/history?from={moment}&strike=24000&option_type=CE&interval=15s"
    problem(client(database).get(address), 503, "snapshot-incomplete")


def test_other_expiries_are_served_meanwhile() -> None:
    database = database_with(snapshot(STRIKES), snapshot(STRIKES, expiry=JULY))
    database[CONTRACTS].delete_one({"expiry_date": "28-Jul-2026"})
    api = client(database)
    assert api.get(CHAIN).status_code == 200
    problem(api.get(f"{CHAIN}?expiry=28-Jul-2026"), 503, "snapshot-incomplete")
    problem(api.get(f"{CHAIN}?expiry=all"), 503, "snapshot-incomplete")
