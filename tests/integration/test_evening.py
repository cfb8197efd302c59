"""The evening over a real mongod: races, kills and clocks that differ tear and lose nothing."""

from collections import Counter

import pytest

from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_reader import SnapshotReader, key_of
from tests.integration.conftest import Play
from tests.support.api import client
from tests.support.bodies import chain_body
from tests.support.evening import ALL, DAY, LISTED, clock_text, evening
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase


def check_whole(database: AnyDatabase) -> None:
    """Each header has all its contracts, each contract a header, and no tick came twice."""
    reader = SnapshotReader(database)
    headers: list[HeaderDocument] = list(database["snapshots"].find())  # type: ignore[arg-type]
    committed = sum(len(reader.contracts(header)) for header in headers)
    assert database["option_chain"].count_documents({}) == committed
    assert len({str(key_of(header)) for header in headers}) == len(headers)


@pytest.mark.parametrize("second", [1, 2, 3, 5, 8, 9])
def test_a_kill_at_any_second_of_the_read_costs_nothing_but_a_minute(
    database: AnyDatabase, second: int
) -> None:
    here = evening(
        database, prepare=lambda here: here.at(f"19:45:0{second}", here.kill), offset=30.0
    )
    assert len(here.settled()) == ALL
    assert {clock_text(tick) for tick in here.settled().values()} <= {"19:45", "19:46"}
    assert max(here.asked("19:40", "20:05").values()) <= 2
    check_whole(here.database)


@pytest.mark.parametrize("offset", [0.0, 1.4, 30.0])
def test_invocations_that_race_read_each_chain_once(database: AnyDatabase, offset: float) -> None:
    here = evening(database, offset=offset, times=3)
    assert here.asked("19:40", "20:05").total() == ALL
    assert len(here.settled()) == ALL
    check_whole(here.database)
    outcomes = Counter(row.get("outcome") for row in here.entries())
    assert outcomes == {"stored": 2, "unchanged": 1}


def test_a_reader_finds_the_settled_chains_and_no_gap_in_the_evening(
    database: AnyDatabase,
) -> None:
    here = evening(database)
    api = client(database, lambda: ist(DAY, "22:00"), here.settings)
    for symbol, expiries in LISTED.items():
        chain = api.get(f"/option-chain/{symbol}?expiry=all").json()
        assert (chain["settled"], chain["gap"], len(chain["expiries"])) == (
            True,
            False,
            len(expiries),
        )
        ticks = api.get(f"/option-chain/{symbol}/gaps").json()
        # The session was recorded from 15:39 on, with the tick after the close and the evening's.
        assert ticks["expected_ticks"] == 3 + 1 + (2 if symbol == "NIFTY" else 1)
        assert ticks["gaps"] == []


def test_an_evening_over_http_is_read_in_its_minute(play: Play) -> None:
    """The exchange's client, its threads and its request budget, in simulated time."""
    closes = ist(DAY, "15:40")
    bodies = [
        chain_body(stamp=closes, expiry=DAY, open_interest=number)
        for number in (1_000, 1_000, 980, 980)
    ]
    start = ist(DAY, "15:45")
    with play(bodies, start=start, expiry=DAY, market_hours="exchange") as (here, recorder):
        assert recorder.tick()["outcome"] == "stored"
        here.clock.go_to(ist(DAY, "19:44:30"))
        (entry,) = recorder.work(12)
        assert (entry["tick"], entry["outcome"]) == (ist(DAY, "19:45"), "unchanged")
        assert (entry["read"], entry["unsettled"], entry["revised"]) == ("settled", 1, 0)
        here.clock.go_to(ist(DAY, "20:59:30"))
        (entry,) = recorder.work(12)
        assert (entry["tick"], entry["outcome"]) == (ist(DAY, "21:00"), "stored")
        assert (entry["unsettled"], entry["revised"]) == (0, 1)
        here.clock.go_to(ist(DAY, "21:02"))
        asked = here.asked()
        assert recorder.work(12) == []
        assert here.asked() == asked
    header = SnapshotReader(here.database).settled_header("NIFTY", DAY, DAY)
    assert header is not None
    assert (header["fetched_at"], header["call_open_interest"]) == (ist(DAY, "21:00"), 3 * 980)
