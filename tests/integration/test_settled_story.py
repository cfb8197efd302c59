"""A day, its evening and the next morning: the real recorder, and what the API answers meanwhile.

Simulated time, real HTTP, a real mongod.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from local.nse_simulator.market import SimulatedMarket
from tests.integration.conftest import Play, SceneAt
from tests.support.api import client, read
from tests.support.bodies import EXPIRY, Json, chain_body
from tests.support.captured import as_v3
from tests.support.histories import iso, ist
from tests.support.naive_reader import Numbers, contracts_of
from tests.support.scripted_nse import LockstepClock, Scene

type Captured = Callable[[str], dict[str, Any]]

CHAIN = "/option-chain/NIFTY"
NAMES = ("open_interest", "last_price", "total_traded_volume")


def ask(here: Scene, path: str = "", **query: object) -> Json:
    """Return what the API answers now."""
    api = client(here.database, here.clock.now, here.settings)
    return read(api, f"{CHAIN}{path}", **query)


@contextmanager
def next_morning(
    play: Play, bodies: tuple[Json, Json, Json], days: tuple[date, date], expiry: date
) -> Iterator[Scene]:
    """A day and the next one, read after the close, in the evening and in the morning.

    Until the morning is read, the API is asked what it shows.
    """
    today, tomorrow = days
    script: Any = list(bodies)
    begins = ist(today, "15:35")
    with play(script, start=begins, expiry=expiry, market_hours="exchange") as (here, recorder):
        recorder.work()
        told = {"15:36": ask(here)}
        here.clock.go_to(ist(today, "19:45"))
        recorder.work()
        told["19:46"] = ask(here)
        here.clock.go_to(ist(tomorrow, "09:00"))
        told["09:00"] = ask(here)
        here.clock.go_to(ist(tomorrow, "09:26"))
        recorder.work()
        told["09:27"] = ask(here)
        assert [answer["settled"] for answer in told.values()] == [False, True, True, False]
        assert told["09:00"]["timestamp"] == told["19:46"]["timestamp"] == iso(ist(today, "19:45"))
        yield here


def numbers(rows: list[Json]) -> dict[tuple[str, float], Numbers]:
    return {(row["type"], row["strike_price"]): {name: row[name] for name in NAMES} for row in rows}


def check_day(here: Scene, evening: Json, today: date, expiry: date) -> int:
    """Check what is made of the whole day; return how many contracts have no trade in it."""
    sent = {
        (side, strike): {name: leg[name] for name in NAMES}
        for (day, side, strike), leg in contracts_of(evening).items()
        if day == expiry
    }
    end = ask(here, as_of=today)
    assert end["settled"] is True
    assert numbers(end["calls"] + end["puts"]) == sent
    given: dict[str, object] = {"from_": today, "to": today, "strike_min": 0, "interval": "1d"}
    candles = ask(here, "/history", **given, limit=10_000)["records"]
    assert {(candle["type"], candle["strike_price"]) for candle in candles} == set(sent)
    for candle in candles:
        leg = sent[candle["type"], candle["strike_price"]]
        traded = leg["total_traded_volume"] != 0
        assert candle["settled"] is True
        assert candle["close"] == (leg["last_price"] if traded else None)
        assert candle["open_interest"] == leg["open_interest"]
        assert candle["volume"] == candle["total_traded_volume"] == leg["total_traded_volume"]
        assert traded or [candle[name] for name in ("open", "high", "low")] == [None] * 3
    return sum(leg["total_traded_volume"] == 0 for leg in sent.values())


def check_changes(here: Scene, today: date) -> tuple[int, int]:
    """Check that changes count from the settled chain, as the exchange's own do.

    Return of how many contracts the exchange sends a change, and of how many it is the same.
    """
    answer = ask(here, "/changes", from_="previous_close", limit=10_000)
    assert (answer["from"]["settled"], answer["to"]["settled"]) == (True, False)
    assert answer["from"]["timestamp"] == iso(ist(today, "19:45"))
    now = ask(here)
    sent = {leg["identifier"]: leg["change_in_oi"] for leg in now["calls"] + now["puts"]}
    found = [
        (row["open_interest_change"], sent[row["identifier"]])
        for row in answer["records"]
        if row["open_interest_change"] is not None and sent.get(row["identifier"])
    ]
    return len(found), sum(round(ours - theirs, 4) == 0 for ours, theirs in found)


def test_whole_days_are_made_of_the_settled_chain(play: Play) -> None:
    friday, monday = date(2026, 6, 19), date(2026, 6, 22)
    close, evening = (
        chain_body(stamp=ist(friday, "15:30"), open_interest=interest, last_price=price)
        for interest, price in ((1200, 101.35), (1166, 104.0))
    )
    morning = chain_body(stamp=ist(monday, "09:25:30"), open_interest=1200, change_in_oi=34)
    with next_morning(play, (close, evening, morning), (friday, monday), EXPIRY) as here:
        assert check_day(here, evening, friday, EXPIRY) == 0
        assert check_changes(here, friday) == (6, 6)
        (candle,) = ask(here, "/history", from_=friday, to=friday, identifier=CALL, interval="1d")[
            "records"
        ]
        # The price of the evening is no trade, so the day's high stays below it.
        assert [candle[name] for name in ("open", "high", "low", "close")] == [*[101.35] * 3, 104.0]


def test_changes_of_a_simulated_day_are_those_that_the_exchange_sends(scene_at: SceneAt) -> None:
    """The simulated exchange rewrites a day in its evening, and counts from there."""
    monday, tuesday = date(2026, 9, 21), date(2026, 9, 22)

    def exchange(clock: LockstepClock) -> SimulatedMarket:
        return SimulatedMarket(clock=clock.true, hours="exchange")

    given = {"market_hours": "exchange", "nse_symbols": ("NIFTY",), "nse_expiries": 3}
    begins = ist(monday, "15:45")
    with scene_at(begins, exchange, **given) as here, here.recorder() as recorder:
        recorder.work()
        afternoon = ask(here)
        for moment in (ist(monday, "19:45"), ist(tuesday, "09:16")):
            here.clock.go_to(moment)
            recorder.work()
        legs = 0
        for expiry in ask(here, "/expiry-dates")["expiry_dates"][:3]:
            answer = ask(here, "/changes", from_="previous_close", expiry=expiry, limit=10_000)
            assert answer["from"]["settled"] is True
            now = ask(here, expiry=expiry)
            sent = {leg["identifier"]: leg["change_in_oi"] for leg in now["calls"] + now["puts"]}
            for row in answer["records"]:
                if row["open_interest_from"] is not None:  # else it was listed today
                    assert row["open_interest_change"] == sent[row["identifier"]]
                    legs += 1
        assert legs > 400
        evening = ask(here, as_of=monday)
        assert evening["settled"] is True
        was = {leg["identifier"]: leg["open_interest"] for leg in afternoon["calls"]}
        unchanged = sum(leg["open_interest"] == was[leg["identifier"]] for leg in evening["calls"])
        assert unchanged < len(was)


@pytest.mark.parametrize(
    ("expiry", "without_trade", "changed"),
    [
        (date(2025, 10, 20), 31, 122),
        (date(2025, 10, 28), 27, 126),
        (date(2025, 11, 4), 68, 62),
        (date(2025, 11, 25), 36, 77),
    ],
)
def test_whole_days_are_made_of_the_captured_evening(
    expiry: date, without_trade: int, changed: int, play: Play, captured_body: Captured
) -> None:
    """NIFTY on 16 October 2025: at 16:16, at 19:18, and at 09:25 of the next day."""
    thursday, friday = date(2025, 10, 16), date(2025, 10, 17)
    folder = "legacy/new-strikes-2025-10-17"
    names = (
        "legacy/settled-2025-10-16/16-oct-1616-ist.json.gz",
        f"{folder}/day-before-20251016T134838Z.json.gz",
        f"{folder}/20251017T035513Z.json.gz",
    )
    bodies: Any = tuple(as_v3(captured_body(name))[expiry] for name in names)
    with next_morning(play, bodies, (thursday, friday), expiry) as here:
        assert check_day(here, bodies[1], thursday, expiry) == without_trade
        assert check_changes(here, thursday) == (changed, changed)


CALL = "NIFTY_CE_24000_23-Jun-2026"
