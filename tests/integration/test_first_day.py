"""The first day of a record: what its answers say of contracts that may be new, from tick to tick.

The real handler reads over HTTP, from a fresh database on, and the API answers of what it stored.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import StringIO

import pytest

from local.nse_simulator.listing import Listing
from local.nse_simulator.market import SimulatedMarket
from optionchain.mongo.indexes import CONTRACTS
from optionchain.snapshot import Leg
from tests.integration.conftest import Play, SceneAt
from tests.support.api import CHAIN, answered, client, read
from tests.support.bodies import Json, body, leg, row
from tests.support.scripted_nse import STEP, LockstepClock, Scene
from tests.support.simulated_day import WEDNESDAY, SimulatedDay
from tests.support.snapshots import TICK

LISTED: Leg = (24050.0, "CE")
HELD: Leg = (24050.0, "PE")
UNHELD: Leg = (24100.0, "CE")
# Open interest and volume of what is sent with a change of 0.
type Zeros = Mapping[Leg, tuple[float, float]]
QUIET: Zeros = {HELD: (700, 600), UNHELD: (0, 0)}


def sent(zeros: Zeros, tick: int) -> Json:
    """A chain with two contracts that had a day before, and these."""
    legs: dict[float, list[Json]] = {24000.0: [leg("CE", 24000.0), leg("PE", 24000.0)]}
    for (strike, side), (interest, volume) in zeros.items():
        numbers: Json = {"open_interest": interest, "total_traded_volume": volume}
        zero = leg(side, strike, change_in_oi=0, pchange_in_oi=0, **numbers)
        legs.setdefault(strike, []).append(zero)
    rows = [row(strike, *both) for strike, both in sorted(legs.items())]
    # Another underlying at each tick: every body is news.
    return body(rows, stamp=TICK + tick * STEP, underlying=24_000 + tick)


def told(here: Scene, *legs: Leg) -> Iterator[tuple[object, ...]]:
    """Yield what the newest chain says of contracts."""
    answer = read(client(here.database, here.clock.now), CHAIN, greeks="true")
    found = {
        (each["strike_price"], each["type"]): each for each in answer["calls"] + answer["puts"]
    }
    for each in legs:
        names = "newly_listed", "oi_since_previous_close", "change_reason", "change_in_oi"
        yield tuple(found[each][name] for name in names)


DOUBTED = (None, None, "day_before_unknown", 0.0)
NEW = (True, None, "newly_listed", 0.0)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("comes_at", [0, 1])
def test_a_0_is_no_number_until_the_record_tells(play: Play, comes_at: int, restarts: bool) -> None:
    """Whether a contract is in the first body or comes later, and whoever reads the next one."""
    interests = [40, 40, 55, 55]
    script = [sent(QUIET, number) for number in range(comes_at)]
    script += [
        sent({LISTED: (interest, 60), **QUIET}, comes_at + number)
        for number, interest in enumerate(interests)
    ]
    with play(script) as (here, first):
        first.work(comes_at)
        found = []
        for _ in interests:
            if restarts:
                with here.recorder() as recorder:
                    recorder.work(owner="another")
            else:
                first.work()
            found.append(next(told(here, LISTED)))
            assert list(told(here, HELD, UNHELD, (24000.0, "CE"))) == [
                (False, 0.0, None, 0.0),  # more than the day's volume: it was there
                (None, 0.0, "day_before_unknown", 0.0),  # 0 whether it is new or not
                (False, -34.0, None, -34.0),
            ]
    assert found == [DOUBTED, DOUBTED, NEW, NEW]


def test_all_that_is_made_of_a_doubted_0_is_null_with_its_reason(play: Play) -> None:
    with play([sent({LISTED: (40, 60), **QUIET}, 0)]) as (here, recorder):
        recorder.work()
        api = client(here.database, here.clock.now)
        analytics = read(api, f"{CHAIN}/analytics")
        profile = read(api, f"{CHAIN}/analytics/open-interest")
        table = answered(api, CHAIN, greeks="true", format="csv").text
    assert (analytics["newly_listed"], analytics["pcr_change"]) == (None, None)
    assert analytics["reasons"]["pcr_change"] == "day_before_unknown"
    strikes = [each["strike_price"] for each in analytics["fastest_oi"]["calls"]]
    assert strikes == [24000.0]
    assert profile["call_change_in_oi"] == [-34.0, None, 0.0]
    assert profile["call_newly_listed"] == [False, None, None]
    rows = {
        (float(each["strike_price"]), each["type"]): each
        for each in csv.DictReader(StringIO(table))
    }
    names = "newly_listed", "oi_since_previous_close", "change_reason", "buildup"
    assert [rows[LISTED][name] for name in names] == ["", "", "day_before_unknown", ""]
    assert [rows[HELD][name] for name in names] == ["false", "0.0", "", ""]


def test_no_contract_of_the_simulated_market_is_said_to_be_old_on_the_day_it_is_listed(
    scene_at: SceneAt,
) -> None:
    """Neither of the first symbol of a record, nor of one that is added to the setting later."""
    symbols = ("NIFTY", "BANKNIFTY")
    start = SimulatedDay(WEDNESDAY).at("09:16")

    def market(clock: LockstepClock) -> SimulatedMarket:
        return SimulatedMarket(7, clock.true, listing=Listing(symbols), hours="exchange")

    with scene_at(start, market, nse_expiries=1, market_hours="exchange") as here:
        for recorded in (symbols[:1], symbols):
            with here.recorder(nse_symbols=recorded) as recorder:
                recorder.work(2)
            here.clock.go_to(here.clock.now() + 240 * STEP)
        for symbol in symbols:
            check_first_day(here, symbol, start)


def check_first_day(here: Scene, symbol: str, start: datetime) -> None:
    before = SimulatedDay(WEDNESDAY, symbol=symbol).before
    known = {
        (expiry, *leg)
        for expiry in before.expiries()
        for leg in before.snapshot("21:00", expiry).legs
    }
    facts: dict[bool, list[bool | None]] = {True: [], False: []}
    for each in here.database[CONTRACTS].find({"symbol": symbol, "fetched_at": {"$gte": start}}):
        if each["open_interest"]:
            contract = each["expiry"].date(), each["strike_price"], each["type"]
            facts[contract in known].append(each["newly_listed"])
    assert facts[False]
    assert set(facts[False]) <= {None, True}
    assert True not in facts[True]
    assert facts[True].count(None) < len(facts[True]) / 50, "a first day is no chain of nulls"
