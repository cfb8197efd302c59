"""Where ranges, expiries and days end: the cases that a session in full swing does not show."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from optionchain.exchange_time import expiry_text
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import CHAIN, client, commit, problem
from tests.support.histories import iso, ist
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import snapshot

MONDAY = date(2026, 6, 22)
EXPIRIES = (date(2026, 6, 23), date(2026, 6, 30), date(2026, 7, 7))
DATES = [expiry_text(expiry) for expiry in EXPIRIES]
STEP = timedelta(seconds=5)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_once_all_expiries_have_passed_it_is_those_of_the_last_recorded_day(
    database: AnyDatabase, order: Sequence[int]
) -> None:
    """Whichever was written first or last of a tick, and now as well as as of a moment."""
    tick = ist(MONDAY, "15:00")
    commit(database, *(snapshot((100.0,), expiry=EXPIRIES[rank], tick=tick) for rank in order))
    commit(database, snapshot((100.0,), expiry=EXPIRIES[1], tick=tick + STEP))
    api = client(database, ist(date(2026, 8, 3), "12:00"))
    for query in ({}, {"as_of": "2026-08-02"}):
        chosen = [
            [row["expiry_date"] for row in api.get(CHAIN, params=query | more).json()["expiries"]]
            for more in ({}, {"expiry": "next"}, {"expiry": "all"})
        ]
        assert chosen == [DATES[:1], DATES[1:2], DATES]


def test_an_expiry_that_came_later_is_unknown_as_of_a_moment_before(database: AnyDatabase) -> None:
    tick = ist(MONDAY, "15:00")
    for number, expiry in enumerate(EXPIRIES):
        commit(database, snapshot((100.0,), expiry=expiry, tick=tick + STEP * number))
    api = client(database, ist(MONDAY, "15:20"))
    response = api.get(CHAIN, params={"expiry": DATES[2], "as_of": iso(tick + STEP)})
    later = problem(response, 404, "nothing-yet")
    assert DATES[2] in later["detail"]
    assert later["first_snapshot"] == iso(tick + STEP * 2)
    response = api.get(CHAIN, params={"expiry": "01-Jan-2031", "as_of": iso(tick + STEP)})
    assert problem(response, 404, "unknown-expiry")["known_expiries"] == DATES[:2]


def test_a_tick_at_midnight_does_not_hide_the_last_one_of_the_day(database: AnyDatabase) -> None:
    """A strike that was listed for some hours of that day is in the window's history."""
    midnight = ist(date(2026, 6, 23), "00:00")
    hours = timedelta(hours=1)
    for strikes, tick in (
        ((100.0,), midnight - 5 * hours),
        ((100.0, 300.0), midnight - STEP),
        ((100.0,), midnight),
        ((100.0,), midnight + hours),
    ):
        commit(database, snapshot(strikes, expiry=EXPIRIES[1], tick=tick))
    api = client(database, midnight + 2 * hours, Settings(market_hours="always"))
    given = {"strike_min": "0", "from": "2026-06-22"}
    records = api.get(f"{CHAIN}/history", params=given).json()["records"]
    assert {record["strike_price"] for record in records} == {100.0, 300.0}


def late(database: AnyDatabase, tick: datetime, underlying: float) -> None:
    """Write a snapshot under a tick that has passed, as a recorder does that takes its time."""
    commit(database, snapshot((100.0, 200.0, 300.0), tick=tick, underlying=underlying))


def test_all_pages_of_changes_say_the_same_of_both_moments(database: AnyDatabase) -> None:
    """Also where a snapshot is written meanwhile under a tick before either."""
    first = ist(MONDAY, "12:00")
    seen = first + STEP * 6
    late(database, first, 100.0)
    header = SnapshotWriter(database).first_header("NIFTY")
    assert header is not None
    SnapshotWriter(database).confirm(header, seen)
    confirmed = {"outcome": "unchanged", "verdict": "unchanged", "expiry_date": DATES[0]}
    entry = {"outcome": "unchanged", "expiries": [confirmed]}
    TickLedger(database).record("NIFTY", seen, entry)
    late(database, first + STEP * 12, 200.0)
    api = client(database, first + STEP * 18)
    answer = api.get(f"{CHAIN}/changes", params={"from": "12:00:40", "limit": "2"}).json()
    ends = answer["from"], answer["to"]
    assert [end["last_seen_at"] for end in ends] == [iso(seen), iso(first + STEP * 12)]
    late(database, first + STEP * 8, 150.0)
    late(database, first + STEP * 18, 300.0)
    pages = 1
    while answer["next"]:
        answer = api.get(f"/option-chain/NIFTY/{answer['next']}").json()
        assert (answer["from"], answer["to"]) == ends
        pages += 1
    assert pages == 3
