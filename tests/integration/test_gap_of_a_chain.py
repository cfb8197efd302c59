"""When a chain says that it may be old: by the ledger near its moment, or near the last close."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from optionchain.exchange_time import expiry_text
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from optionchain.symbol_selection import Tier
from tests.support.api import client, commit
from tests.support.histories import iso, ist
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import snapshot

THURSDAY, FRIDAY, SATURDAY = (date(2026, 6, day) for day in (18, 19, 20))
STEP = timedelta(seconds=5)

type Gap = Callable[[datetime], bool]


def record(database: AnyDatabase, first: datetime, outcomes: str, *, news: bool = True) -> None:
    """Write a stretch of ticks: s stored, u unchanged, f failed, - nothing at all."""
    ledger = TickLedger(database)
    names = {"s": "stored", "u": "unchanged", "f": "failed"}
    for number, letter in enumerate(outcomes):
        tick = first + STEP * number
        if letter == "s" and news:
            commit(database, snapshot((24_000.0,), tick=tick, stamp=tick))
        if letter in names:
            ledger.record("NIFTY", tick, {"outcome": names[letter], "expiries": []})


def gap_of(database: AnyDatabase) -> Gap:
    """Whether there is a gap at a moment: asked then, and asked on the next day."""

    def asked(api: TestClient, **query: str) -> bool:
        response = api.get("/option-chain/NIFTY", params=query)
        assert response.status_code == 200, response.text
        assert response.headers["x-gap"] == str(response.json()["gap"]).lower()
        gap: bool = response.json()["gap"]
        return gap

    later = client(database, ist(SATURDAY, "12:00"))

    def gap(moment: datetime) -> bool:
        then = asked(client(database, moment))
        assert asked(later, as_of=iso(moment)) == then
        return then

    return gap


@pytest.mark.parametrize(
    ("outcomes", "seconds", "expected"),
    [
        ("suuuu", 20, False),
        ("suuuf", 20, False),
        ("sufff", 20, False),  # the second tick is 15 seconds old
        ("sufff", 21, True),
        ("sffff", 20, True),
        ("s----", 20, True),
        ("sfffu", 20, False),
        ("sfffs", 20, False),
        ("s", 15, False),
        ("s", 15.001, True),
    ],
)
def test_a_gap_is_more_than_three_intervals_without_a_good_tick(
    database: AnyDatabase, outcomes: str, seconds: float, expected: bool
) -> None:
    """One failed tick is none: the exchange changes its data every 30 to 60 seconds."""
    first = ist(FRIDAY, "11:00")
    record(database, first, outcomes)
    assert gap_of(database)(first + timedelta(seconds=seconds)) == expected


def test_a_gap_ends_with_the_first_good_tick_though_the_chain_is_old(database: AnyDatabase) -> None:
    """Of an expiry that is read in rotation: its age says how old it is."""
    first = ist(FRIDAY, "11:00")
    record(database, first, "sffffffu")
    gap = gap_of(database)
    moments = [first + STEP * number for number in range(12)]
    assert [gap(moment) for moment in moments] == [False] * 4 + [True] * 3 + [False] * 4 + [True]


@pytest.mark.parametrize(
    ("last_ticks", "expected"), [("uuu", False), ("uff", False), ("fff", True)]
)
def test_outside_a_session_the_last_ticks_before_the_close_decide(
    database: AnyDatabase, last_ticks: str, expected: bool
) -> None:
    """At the close, in the evening, in the morning, and until the new session is under way."""
    close = ist(THURSDAY, "15:30")
    record(database, close - STEP * (len(last_ticks) + 1), f"s{last_ticks}")
    gap = gap_of(database)
    for moment in (close, ist(THURSDAY, "19:00"), ist(FRIDAY, "09:14:59"), ist(FRIDAY, "09:15")):
        assert gap(moment) == expected, moment


@pytest.mark.parametrize(
    ("outcomes", "seconds", "expected"),
    [("", 14.999, False), ("", 15, True), ("s", 15, False), ("fff", 14, False), ("fff", 15, True)],
)
def test_the_first_seconds_of_a_session_are_judged_by_the_one_before(
    database: AnyDatabase, outcomes: str, seconds: float, expected: bool
) -> None:
    """It closed well; only when three intervals have passed could the new one have been missed."""
    record(database, ist(THURSDAY, "15:29:55"), "s")
    record(database, ist(FRIDAY, "09:15"), outcomes)
    assert gap_of(database)(ist(FRIDAY, "09:15") + timedelta(seconds=seconds)) == expected


def test_after_a_weekend_the_close_of_friday_decides(database: AnyDatabase) -> None:
    record(database, ist(FRIDAY, "15:29:55"), "s")
    assert not gap_of(database)(ist(SATURDAY, "10:00"))
    record(database, ist(FRIDAY, "15:45"), "s")  # a read after the close mends nothing before it
    assert not gap_of(database)(ist(SATURDAY, "10:00"))


NEAR, FAR = date(2026, 6, 23), date(2026, 7, 28)


def record_expiries(database: AnyDatabase, first: datetime, near: str, far: str) -> None:
    """Write ticks that ask for two expiries: s stored, u unchanged, f failed, - not asked for."""
    ledger, names = TickLedger(database), {"s": "stored", "u": "unchanged", "f": "failed"}
    for number, letters in enumerate(zip(near, far, strict=True)):
        tick = first + STEP * number
        for day, letter in zip((NEAR, FAR), letters, strict=True):
            if letter == "s":
                commit(database, snapshot((24_000.0,), expiry=day, tick=tick, stamp=tick))
        expiries = [
            {"expiry_date": expiry_text(day), "outcome": names[letter]}
            for day, letter in zip((NEAR, FAR), letters, strict=True)
            if letter != "-"
        ]
        outcome = "failed" if letters[0] == "f" else names[letters[0]]
        ledger.record("NIFTY", tick, {"outcome": outcome, "expiries": expiries})


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [
        ("suuuuuuu", "sfffffff", (False, True)),  # a good expiry hides no gap of another
        ("sfffffff", "suuuuuuu", (True, False)),  # and a bad one makes none of another
        ("suuuuuuu", "s-------", (False, False)),  # its turn has not come again
        ("suuuuuuuu", "s---f----", (False, False)),  # a single answer was missed
        ("suuuuuuuuuuuu", "s---f---f---f", (False, True)),  # three in a row
        ("suuuuuuuuuuuu", "f---f---s---f", (False, False)),
        ("sffffffffffff", "s---u---u---u", (True, False)),
        ("sffffffffffff", "s---u---u----", (True, False)),  # it has its own rhythm
    ],
)
def test_a_gap_is_of_one_expiry_by_the_rhythm_in_which_it_is_asked_for(
    database: AnyDatabase, near: str, far: str, expected: tuple[bool, bool]
) -> None:
    first = ist(FRIDAY, "11:00")
    record_expiries(database, first, near, far)
    moment = first + STEP * (len(near) - 1) + timedelta(seconds=1)
    api = client(database, moment)
    told = api.get("/option-chain/NIFTY?expiry=all").json()
    assert tuple(row["gap"] for row in told["expiries"]) == expected
    for day, gap in zip((NEAR, FAR), expected, strict=True):
        answer = api.get("/option-chain/NIFTY", params={"expiry": expiry_text(day)})
        assert answer.json()["gap"] is gap
    assert told["gap"] is any(expected)


def test_with_more_symbols_than_requests_a_gap_is_judged_by_their_turns(
    database: AnyDatabase,
) -> None:
    """213 symbols at 3 requests a second: each has its turn every 75 seconds."""
    first = ist(FRIDAY, "11:00")
    record(database, first, "s")
    many = Settings(nse_symbols=("NIFTY", *(f"S{number}" for number in range(212))))
    for seconds, expected in ((16, False), (225, False), (226, True)):
        api = client(database, first + timedelta(seconds=seconds), many)
        assert api.get("/option-chain/NIFTY").json()["gap"] is expected
        few = client(database, first + timedelta(seconds=seconds))
        assert few.get("/option-chain/NIFTY").json()["gap"] is True


def test_a_gap_is_judged_by_the_interval_of_the_symbol(database: AnyDatabase) -> None:
    first = ist(FRIDAY, "11:00")
    record(database, first, "s")
    slow = Settings(nse_symbols=("NIFTY", "IDEA"), nse_tiers=(Tier("NIFTY", 60),))
    fast = replace(slow, nse_tiers=(Tier("IDEA", 60),))
    for seconds, settings, expected in ((16, fast, True), (16, slow, False), (181, slow, True)):
        api = client(database, first + timedelta(seconds=seconds), settings)
        assert api.get("/option-chain/NIFTY").json()["gap"] is expected


def test_in_turns_the_period_of_each_tier_is_longer_by_as_much(database: AnyDatabase) -> None:
    """60 symbols each 5 s and 60 each minute take 13 requests a second: each fifth tick at 3."""
    first = ist(FRIDAY, "11:00")
    record(database, first, "s")
    names = tuple(f"S{number}" for number in range(119))
    tiers = tuple(Tier(name, 60) for name in names[:60])
    many = Settings(nse_symbols=("NIFTY", *names), nse_tiers=tiers)
    for seconds, settings, expected in (
        (75, many, False),
        (76, many, True),
        (76, replace(many, nse_tiers=(*tiers, Tier("NIFTY", 60))), False),
        (16, replace(many, nse_addresses=5), True),
    ):
        api = client(database, first + timedelta(seconds=seconds), settings)
        assert api.get("/option-chain/NIFTY").json()["gap"] is expected
