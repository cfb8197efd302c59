"""Started while the market is closed, the recorder reads the last session once, as of then."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.recording.evening.last_session import as_of_session, session_to_read
from chain_fetch.refused import Refused
from local.nse_simulator.faults import CHAIN
from local.nse_simulator.listing import Listing
from local.nse_simulator.market import SimulatedMarket
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import DUTIES, SNAPSHOTS, TICKS
from tests.integration.conftest import SceneAt
from tests.support.api import client
from tests.support.histories import ist
from tests.support.scripted_nse import LockstepClock, Recorder, Scene
from tests.support.snapshots import snapshot

FRIDAY, SATURDAY, MONDAY = date(2026, 9, 18), date(2026, 9, 19), date(2026, 9, 21)
CLOSE = ist(FRIDAY, "15:40")
NIGHT = ist(FRIDAY, "22:00")


def exchange(clock: LockstepClock) -> SimulatedMarket:
    return SimulatedMarket(clock=clock.true, hours="exchange", listing=Listing(("NIFTY", "IDEA")))


type Closed = Callable[..., AbstractContextManager[tuple[Scene, Recorder]]]


@pytest.fixture
def closed(scene_at: SceneAt) -> Closed:
    """A recorder that is started at a moment, with an empty database."""

    @contextmanager
    def begin(at: datetime, **changes: object) -> Iterator[tuple[Scene, Recorder]]:
        settings = {
            "market_hours": "exchange",
            "nse_symbols": ("NIFTY",),
            "nse_expiries": 1,
            "nse_fetch_interval": 60,
        }
        with scene_at(at, exchange, **(settings | changes)) as here:
            here.reads_last_session = True
            with here.recorder() as recorder:
                yield here, recorder

    return begin


def headers(here: Scene) -> list[Document]:
    return list(here.database[SNAPSHOTS].find(sort=[("symbol", 1), ("fetched_at", 1)]))


@pytest.mark.parametrize(
    ("now", "at", "settled"),
    [
        (ist(FRIDAY, "16:30"), ist(FRIDAY, "16:30"), False),
        (ist(FRIDAY, "21:30"), ist(FRIDAY, "21:30"), True),
        (ist(SATURDAY, "12:00"), NIGHT, True),
        (ist(MONDAY, "07:30"), NIGHT, True),
    ],
)
def test_the_last_session_is_read_once_and_stored_as_of_then(
    closed: Closed, now: datetime, at: datetime, *, settled: bool
) -> None:
    with closed(now) as (here, recorder):
        (entry,) = recorder.work()
        assert (entry["tick"], entry["outcome"], entry["read"]) == (now, "stored", "last_session")
        found = headers(here)
        assert {each["fetched_at"] for each in found} == {at}
        assert {each["exchange_timestamp"] for each in found} == {CLOSE}
        assert {each["settled"] for each in found} == {settled}
        chains = here.asked(CHAIN)
        for _ in range(3):
            here.clock.sleep(60)
            assert recorder.work() == []
        with here.recorder() as another:
            assert another.work() == []
        assert here.asked(CHAIN) == chains


def test_the_api_shows_it_as_of_that_session_and_the_market_closed(closed: Closed) -> None:
    now = ist(SATURDAY, "12:00")
    with closed(now) as (here, recorder):
        recorder.work()
        api = client(here.database, now, here.settings)
        chain = api.get("/option-chain/NIFTY").json()
        assert (chain["timestamp"], chain["last_seen_at"]) == ("2026-09-18T16:30:00Z",) * 2
        assert (chain["age_seconds"], chain["settled"]) == (14 * 3600.0, True)
        assert chain["gap"] is False
        health = api.get("/health")
        assert (health.status_code, health.json()["market"]) == (200, "closed")
        assert health.json()["reasons"] == []
        gaps = api.get("/option-chain/NIFTY/gaps?date=2026-09-18").json()
        assert (gaps["expected_ticks"], gaps["gaps"]) == (0, [])


@pytest.mark.parametrize(
    "now", [ist(FRIDAY, "12:00"), ist(FRIDAY, "15:43:30"), ist(MONDAY, "08:05")]
)
def test_nothing_is_read_so_while_ticks_are_due_or_a_session_comes(
    closed: Closed, now: datetime
) -> None:
    with closed(now) as (here, recorder):
        assert not [each for each in recorder.work() if "read" in each]
        assert not [each for each in headers(here) if each["fetched_at"] < now]


def test_what_is_recorded_of_the_session_is_enough(closed: Closed) -> None:
    with closed(ist(FRIDAY, "15:00")) as (here, recorder):
        (tick,) = recorder.work()
        assert tick["outcome"] == "stored"
        here.clock.go_to(ist(SATURDAY, "12:00"))
        assert recorder.work() == []


def test_the_next_session_goes_on_from_it(closed: Closed) -> None:
    with closed(ist(MONDAY, "07:30")) as (here, recorder):
        recorder.work()
        here.clock.go_to(ist(MONDAY, "09:15"))
        (tick,) = recorder.work()
        assert (tick["outcome"], "read" in tick) == ("stored", False)
        assert [each["fetched_at"] for each in headers(here)][-1] == ist(MONDAY, "09:15")


def test_a_body_of_another_session_is_not_stored_and_a_failure_is_tried_again(
    closed: Closed,
) -> None:
    with closed(ist(SATURDAY, "12:01")) as (here, recorder):
        here.exchange.faults.add("server_error", path=CHAIN, status=503, times=9)
        (failed,) = recorder.work()
        assert (failed["outcome"], failed["reason"]) == ("failed", "server_error")
        assert recorder.work() == []
        here.exchange.faults.clear()
        here.clock.go_to(ist(SATURDAY, "12:15"))
        (tick,) = recorder.work()
        assert (tick["outcome"], tick["read"]) == ("stored", "last_session")
        assert here.database[DUTIES].count_documents({}) == 2


def test_a_symbol_that_is_not_listed_is_told(closed: Closed) -> None:
    with closed(ist(SATURDAY, "12:00"), nse_symbols=("NIFTTY",)) as (here, recorder):
        (entry,) = recorder.work()
        assert entry["reason"] == "unknown_symbol"
        assert "near to it: NIFTY" in entry["detail"]
        api = client(here.database, ist(SATURDAY, "12:01"), here.settings)
        told = api.get("/health").json()["last_outcomes"]["NIFTTY"]
        assert (told["reason"], told["detail"]) == ("unknown_symbol", entry["detail"])
    assert here.database[TICKS].count_documents({}) == 1


MARKET = Market("exchange")


def test_a_stamp_of_another_session_is_refused() -> None:
    tick = ist(SATURDAY, "12:00")
    for stamp in (CLOSE - timedelta(days=1), CLOSE + timedelta(minutes=6), tick):
        with pytest.raises(Refused, match=r"stale: the body is stamped .* IST, and not of"):
            as_of_session(snapshot(tick=tick, stamp=stamp), MARKET)
    for stamp in (CLOSE, CLOSE + timedelta(minutes=5)):
        assert as_of_session(snapshot(tick=tick, stamp=stamp), MARKET).fetched_at == NIGHT


def test_without_a_stamp_the_calendar_decides_but_not_on_the_morning_of_a_session() -> None:
    def unstamped(tick: datetime) -> datetime:
        found = replace(snapshot(tick=tick), exchange_timestamp=None)
        return as_of_session(found, MARKET).fetched_at

    assert unstamped(ist(SATURDAY, "12:00")) == NIGHT
    with pytest.raises(Refused, match="may be of the day that begins"):
        unstamped(ist(MONDAY, "07:30"))


def test_a_market_that_never_closes_has_no_last_session() -> None:
    assert session_to_read(Market("always"), ist(SATURDAY, "12:00")) is None
