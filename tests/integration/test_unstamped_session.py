"""Days of a source without time stamps, by the real recorder and the real API in simulated time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient

from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument
from tests.support.api import CHAIN, client, read
from tests.support.fakes import SimulatedClock
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.two_sources import LEGS, VENDOR, State, session, stamped, state_of, unstamped
from tests.support.unstamped_vendor import Vendor, VendorRecorder

pytestmark = uses_mongomock

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
MINUTE = timedelta(minutes=1)
MARKET = Market()
_TRADED = session(FRIDAY, 375, every=MINUTE)
# In the evening the exchange takes some open interest back.
REWRITTEN_AT = ist(FRIDAY, "19:16")
_LAST = _TRADED[-1]
SETTLED = replace(
    _LAST,
    number=_LAST.number + 1,
    at=REWRITTEN_AT,
    interest={leg: number - 7 for leg, number in _LAST.interest.items()},
)
NEXT_DAY = session(MONDAY, 375, every=MINUTE, seed=2, base=SETTLED.interest)
# What the vendor goes on to serve for some minutes after the opening.
STATES = [*_TRADED, SETTLED, *NEXT_DAY[3:]]


def shown(now: datetime) -> State:
    """Return the newest state; the vendor is up to 50 s behind the market, and never goes back."""
    lag = timedelta(seconds=Random(int(now.timestamp()) // 60).randrange(50))
    return _newest(now - lag)


def exchange(now: datetime) -> State:
    """Return the state that the exchange's own site shows: it is stamped, and 20 s behind."""
    return _newest(now - timedelta(seconds=20))


def _newest(at: datetime) -> State:
    return [STATES[0], *(state for state in STATES if state.at <= at)][-1]


def ticks(day: date, begins: str, ends: str) -> list[datetime]:
    """Return the ticks that are due in a part of a day, the evening's among them."""
    due = {*MARKET.due_ticks(day, MINUTE), *MARKET.evening_ticks(day)}
    return sorted(tick for tick in due if ist(day, begins) <= tick <= ist(day, ends))


def headers(database: AnyDatabase) -> list[HeaderDocument]:
    found: Any = database["snapshots"].find(sort=[("fetched_at", 1)])
    return list(found)


@pytest.fixture(scope="module")
def recorded() -> VendorRecorder:
    """The end of a Friday, its evening, and the next morning: of the vendor alone."""
    clock = SimulatedClock(ist(FRIDAY, "14:29"))
    recorder = VendorRecorder(memory_database(), clock)
    source = recorder.connect({VENDOR: Vendor(clock.now, shown, unstamped)})[VENDOR]
    recorder.read(source, ticks(FRIDAY, "14:30", "21:15"))
    recorder.read(source, ticks(MONDAY, "09:15", "10:15"))
    return recorder


@pytest.fixture
def api(recorded: VendorRecorder) -> TestClient:
    return client(recorded.database, recorded.clock.now)


def test_no_tick_fails_though_the_vendor_lags_and_stands_still(recorded: VendorRecorder) -> None:
    assert {entry["outcome"] for entry in recorded.entries} == {"stored", "unchanged"}
    verdicts = [entry["expiries"][0]["verdict"] for entry in recorded.entries]
    assert verdicts.count("earlier_session") == 4  # 09:15 to 09:18
    in_session = [entry["data_age_seconds"] for entry in recorded.entries[:60]]
    assert {0, 60} <= set(in_session) <= {0, 60, 120}


def test_each_state_is_stored_once_in_the_order_of_the_market(recorded: VendorRecorder) -> None:
    for day, states in ((FRIDAY, _TRADED), (MONDAY, NEXT_DAY)):
        close = MARKET.sessions(day)[0].closes + 5 * MINUTE
        opens = ist(day, "09:00")
        found = headers(recorded.database)
        of_day = [each for each in found if opens <= each["fetched_at"] <= close]
        numbers = [state_of(each, states) for each in of_day]
        assert numbers == sorted(set(numbers))
        assert len(numbers) > 40
        assert not any(each["revised"] for each in of_day)


def test_the_evening_is_settled_and_the_morning_proves_it(recorded: VendorRecorder) -> None:
    settled = [each for each in headers(recorded.database) if each.get("settled")]
    assert [(each["fetched_at"], each["revised"]) for each in settled] == [
        (ist(FRIDAY, "19:45"), True)
    ]
    (proof,) = recorded.settlements
    assert (proof.day, proof.status, proof.legs) == (FRIDAY, "matched", len(LEGS))
    assert proof.checked_at == ist(MONDAY, "09:20")


def test_the_api_says_by_what_the_numbers_are_dated(api: TestClient) -> None:
    for moment in ("2026-06-19T15:00", "2026-06-19T20:00", "2026-06-22T10:10"):
        answer = read(api, CHAIN, as_of=moment)
        assert (answer["source"], answer["dated_by"]) == (VENDOR, "receipt")
        assert answer["exchange_timestamp"] is None
        assert answer["gap"] is False
        assert len(answer["calls"]) == len(LEGS) / 2


def test_two_sources_that_take_turns_repeat_nothing_and_never_go_back() -> None:
    """The exchange's site is stamped and behind; the vendor is neither, and takes over at times."""
    clock = SimulatedClock(ist(FRIDAY, "10:29"))
    recorder = VendorRecorder(memory_database(), clock)
    vendors = {
        VENDOR: Vendor(clock.now, shown, unstamped),
        "nse": Vendor(clock.now, exchange, stamped),
    }
    sources = recorder.connect(vendors)
    random = Random(3)
    for tick in ticks(FRIDAY, "10:30", "11:30"):
        recorder.read(sources[random.choice((VENDOR, "nse"))], [tick])
    found = headers(recorder.database)
    numbers = [state_of(each, _TRADED) for each in found]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 40
    assert {each["source"] for each in found} == {VENDOR, "nse"}
    assert {entry["outcome"] for entry in recorder.entries} == {"stored", "unchanged"}
    api = client(recorder.database, clock.now)
    told = [
        (row["source"], row["dated_by"], row["exchange_timestamp"] is None)
        for row in read(api, f"{CHAIN}/snapshots", limit=100)["records"]
    ]
    assert set(told) == {("nse", "exchange", False), (VENDOR, "receipt", True)}
