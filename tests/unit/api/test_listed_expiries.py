"""nearest, next, all and the lists of expiries mean what the exchange listed at that moment."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from tests.support.api import Clock, client, commit, read
from tests.support.histories import iso
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock
NIFTY = "/option-chain/NIFTY"
A, B, C, D = date(2026, 6, 23), date(2026, 6, 25), date(2026, 6, 30), date(2026, 7, 28)
LATER = TICK + 12 * INTERVAL


def texts(*days: date) -> list[str]:
    return [f"{day:%d-%b-%Y}" for day in days]


def lists(database: AnyDatabase, since: datetime, *days: date) -> None:
    ListingRegister(database).write(Listing("NIFTY", days, since, since))


def told(api: TestClient, **query: str) -> dict[str, Any]:
    """What the API calls nearest, next and all; None where it has no such expiry."""
    named = {}
    for choice in ("nearest", "next"):
        response = api.get(NIFTY, params={"expiry": choice, "columns": "last_price", **query})
        named[choice] = response.json().get("expiry_date")
    chains = read(api, NIFTY, expiry="all", **query)["expiries"]
    dates = read(api, f"{NIFTY}/expiry-dates", **query)["expiry_dates"]
    assert [row["expiry_date"] for row in chains] == dates
    assert read(api, f"{NIFTY}/analytics", **query)["expiry_date"] == named["nearest"]
    return named | {"all": dates}


@pytest.mark.parametrize(("listed", "expected"), [
    ((A, C, D), (A, C, D)),
    ((C, D), (C, D)),  # A was moved, its snapshot stays
    ((B, C, D), (C, D)),  # to B, of which there is none yet
    ((D,), (D,)),
    ((B,), (A, C, D)),  # of what is listed there is no snapshot at all
    ((date(2026, 6, 18),), (A, C, D)),  # all that was listed has passed
])  # fmt: skip
def test_choices_are_of_what_is_listed_and_recorded(
    listed: tuple[date, ...], expected: tuple[date, ...]
) -> None:
    database = memory_database()
    commit(database, *(snapshot(expiry=day) for day in (A, C, D)))
    clock = Clock(TICK + 13 * INTERVAL)
    assert told(client(database, clock))["all"] == texts(A, C, D), "by what is recorded"
    lists(database, TICK - INTERVAL, *listed)
    answer = told(client(database, clock))
    near, further, *_ = *texts(*expected), None
    assert answer == {"nearest": near, "next": further, "all": texts(*expected)}
    row = read(client(database, clock), "/symbols")["symbols"][0]
    assert row["expiry_dates"] == texts(*expected)
    assert (
        read(client(database, clock), NIFTY, expiry="23-Jun-2026")["expiry_date"] == "23-Jun-2026"
    )


def test_a_moved_expiry_is_gone_at_once_and_as_of_before_gives_it() -> None:
    database, clock = memory_database(), Clock(TICK + INTERVAL)
    commit(database, *(snapshot(expiry=day) for day in (A, C)))
    lists(database, TICK, A, C)
    api = client(database, clock)
    assert told(api) == {"nearest": texts(A)[0], "next": texts(C)[0], "all": texts(A, C)}
    clock.now = LATER + timedelta(seconds=1)
    lists(database, LATER, B, C)
    assert told(api) == {"nearest": texts(C)[0], "next": None, "all": texts(C)}
    commit(database, snapshot(expiry=B, tick=LATER))
    assert told(api) == {"nearest": texts(B)[0], "next": texts(C)[0], "all": texts(B, C)}
    before = iso(LATER - INTERVAL)
    assert told(api, as_of=before)["all"] == texts(A, C)
    assert told(api, as_of=before)["nearest"] == texts(A)[0]
    # Before the first list that is kept the record decides.
    assert told(client(database, clock), as_of=iso(TICK + timedelta(seconds=1)))["all"]


@pytest.mark.parametrize("seed", range(3))
def test_as_of_a_moment_equals_what_was_told_then(seed: int) -> None:
    """Whatever is listed, withdrawn, listed again, recorded and confirmed in between."""
    chance, database, clock = random.Random(seed), memory_database(), Clock(TICK)
    writer, listed, answers = SnapshotWriter(database), [A, C, D], {}
    for number in range(25):
        tick = TICK + number * INTERVAL
        if number % 4 == 0:
            listed = sorted(chance.sample([A, B, C, D], 3))
            lists(database, tick, *listed)
        for day in chance.sample(listed, 2):
            last = writer.latest_header("NIFTY", day)
            if last is None or chance.random() < 1 / 2:
                commit(database, snapshot(expiry=day, tick=tick, last_price=float(number + 1)))
            else:
                writer.confirm(last, tick)
        clock.now = tick + timedelta(seconds=2)
        answers[iso(clock.now)] = told(client(database, clock))
    clock.now = tick + timedelta(minutes=10)
    api = client(database, clock)
    assert {moment: told(api, as_of=moment) for moment in answers} == answers
    assert len({answer["nearest"] for answer in answers.values()}) > 1


def test_pages_of_a_list_stay_with_what_was_listed_when_it_began() -> None:
    database, clock = memory_database(), Clock(LATER)
    for number in range(4):
        tick = TICK + number * INTERVAL
        commit(database, *(snapshot(expiry=day, tick=tick) for day in (A, C)))
    lists(database, TICK, A, C)
    api = client(database, clock)
    first = read(api, f"{NIFTY}/snapshots", expiry="all", limit=3)
    clock.now = LATER + INTERVAL
    lists(database, LATER + INTERVAL, C)
    second = api.get(f"{NIFTY}/{first['next']}").json()
    assert len(first["records"]) == len(second["records"]) == 3
    assert first["timestamp"] == second["timestamp"]
