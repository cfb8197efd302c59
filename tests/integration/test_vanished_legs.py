"""Contracts that are missing in some snapshots of a day: found where they were, and not made up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from optionchain.snapshot import Side, Snapshot
from tests.integration.conftest import Play
from tests.support.api import all_records, client, commit, read
from tests.support.bodies import EXPIRY, chain_body
from tests.support.histories import iso, ist
from tests.support.mongomock_database import AnyDatabase
from tests.support.scripted_nse import STEP
from tests.support.snapshots import TICK, quote

type Legs = dict[tuple[Side, float], float]

HISTORY, CHANGES = "/option-chain/NIFTY/history", "/option-chain/NIFTY/changes"
MINUTE = timedelta(minutes=1)
TICKS = [ist(date(2026, 6, 19), "11:00") + number * MINUTE for number in range(5)]
ALWAYS: list[tuple[Side, float]] = [("CE", 23950.0), ("PE", 24050.0)]
# Vanishes for the third snapshot; is there in the second and the third alone.
AWAY, PASSING = ("CE", 24000.0), ("PE", 24000.0)
PRESENT = [[AWAY], [AWAY, PASSING], [PASSING], [AWAY], [AWAY]]


def chain(number: int) -> Snapshot:
    """The n-th snapshot; each contract has traded ten lots more than in the one before."""
    legs = sorted([*ALWAYS, *PRESENT[number]], key=lambda leg: (leg[1], leg[0]))
    quotes = tuple(
        quote(side, strike, total_traded_volume=10.0 * (number + 1), last_price=100.0 + number)  # type: ignore[arg-type]
        for side, strike in legs
    )
    return Snapshot("NIFTY", EXPIRY, TICKS[number], TICKS[number], 24010.0, quotes)


@pytest.fixture
def api(database: AnyDatabase) -> TestClient:
    commit(database, *map(chain, range(len(TICKS))), rate=5.5)
    return client(database, TICKS[-1])


def of(name: str, records: list[dict[str, object]], field: str) -> list[object]:
    """The values of a field of one contract, in order of time."""
    return [row[field] for row in records if str(row["identifier"]).startswith(name)]


@pytest.mark.parametrize(
    "window",
    [{"strike_min": 0}, {"strikes_around_atm": 0}, {"strike_min": 24000, "strike_max": 24000}],
)
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_history_of_a_window_has_legs_of_no_first_or_last_snapshot(
    api: TestClient, window: dict[str, int], limit: int
) -> None:
    records = all_records(api, HISTORY, **window, limit=limit)
    ticks = [iso(tick) for tick in TICKS]
    assert of("NIFTY_PE_24000_", records, "fetched_at") == ticks[1:3]
    assert of("NIFTY_CE_24000_", records, "fetched_at") == [*ticks[:2], *ticks[3:]]
    names = [row["identifier"] for row in records]
    assert len(names) == (16 if window == {"strike_min": 0} else 6)


def test_a_window_around_the_money_has_a_strike_that_has_vanished(database: AnyDatabase) -> None:
    """The newest snapshot lacks the strike at the money; its neighbours are the window."""
    commit(database, *map(chain, range(len(TICKS))))
    last = chain(4)
    tick = TICKS[-1] + MINUTE
    quotes = tuple(leg for leg in last.quotes if leg.strike_price != 24000.0)
    commit(database, replace(last, fetched_at=tick, quotes=quotes))
    records = all_records(client(database, tick), HISTORY, strikes_around_atm=1, limit=100)
    assert {row["strike_price"] for row in records} == {23950.0, 24000.0, 24050.0}


def test_a_leg_that_is_away_has_no_candle_and_loses_no_volume(api: TestClient) -> None:
    candles = all_records(api, HISTORY, strike_min=0, interval="1m", limit=100)
    ticks = [iso(tick) for tick in TICKS]
    assert of("NIFTY_CE_24000_", candles, "timestamp") == [*ticks[:2], *ticks[3:]]
    assert of("NIFTY_CE_24000_", candles, "count") == [1] * 4
    # What was traded while it was away is in the candle of its return: the counter says so.
    assert of("NIFTY_CE_24000_", candles, "volume") == [None, 10, 20, 10]
    assert of("NIFTY_PE_24000_", candles, "timestamp") == ticks[1:3]


@pytest.mark.parametrize(("name", "known"), [("CE_24000", "from"), ("PE_23950", None)])
def test_a_leg_that_is_away_has_no_change(api: TestClient, name: str, known: str | None) -> None:
    records = read(api, CHANGES, from_="11:01:00", to="11:02:00")["records"]
    rows = [row for row in records if name in row["identifier"]]
    assert len(rows) == (known is not None)
    for row in rows:
        assert row["open_interest_from"] == 1200
        assert (row["open_interest_to"], row["open_interest_change"]) == (None, None)
        assert (row["last_price_to"], row["last_price_change"]) == (None, None)


def test_analytics_say_where_a_sum_jumps_by_a_missing_leg(play: Play) -> None:
    """From the exchange to the answer: one body without its largest put."""
    bodies = [chain_body(stamp=TICK + number * STEP) for number in range(3)]
    del bodies[1]["records"]["data"][0]["PE"]
    del bodies[1]["filtered"]
    with play(bodies) as (here, recorder):
        assert [row["outcome"] for row in recorder.work(3)] == ["stored"] * 3
        answers = client(here.database, here.clock.now, here.settings)
        history = all_records(
            answers, "/option-chain/NIFTY/analytics/history", metric="pcr_oi,legs_missing", limit=2
        )
        at_the_loss = read(answers, "/option-chain/NIFTY/analytics", as_of=iso(TICK + STEP))
        now = read(answers, "/option-chain/NIFTY/analytics")
    assert [row["legs_missing"] for row in history] == [None, 1, 0]
    assert [row["pcr_oi"] for row in history] == [1.0, pytest.approx(2 / 3), 1.0]
    assert (at_the_loss["legs_missing"], now["legs_missing"]) == (1, 0)
