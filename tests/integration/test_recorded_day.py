"""`make run DAY=yes` records a day of the simulated exchange with the real recorder."""

from datetime import date, datetime, time

from pymongo.database import Database

from local.run.simulated_day import record_day
from optionchain.exchange_time import IST
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.settings import Settings
from tests.support.settings import changed
from tests.support.simulated_day import WEDNESDAY, SimulatedDay

MORNING = datetime(2026, 9, 17, 9, 18, tzinfo=IST)
SPELLS = (
    (time(15, 36), time(15, 48)),
    (time(19, 44), time(19, 50)),
    # The expiries that were not read between the close and the evening's rewrite.
    (time(20, 59), time(21, 7)),
)


def test_a_recorded_day_has_its_auction_its_evening_and_the_morning_after(
    database: Database[Document], mongo_settings: Settings
) -> None:
    settings = changed(
        mongo_settings,
        nse_symbols=("NIFTY",),
        nse_expiries=1,
        market_hours="exchange",
        log_level="ERROR",
    )
    record_day(settings, WEDNESDAY, MORNING, spells=SPELLS)
    ticks = list(database[TICKS].find(sort=[("tick", 1)]))
    assert {tick["outcome"] for tick in ticks} <= {"stored", "unchanged"}
    clocks = [tick["tick"].astimezone(IST).time() for tick in ticks]
    # To the close, the closing tick, the evening, and the morning.
    assert {time(15, 36), time(15, 39), time(15, 45), time(19, 45), time(9, 15)} <= set(clocks)
    assert time(15, 40) not in clocks
    day = SimulatedDay(WEDNESDAY)
    settled = list(database[SNAPSHOTS].find({"settled": True}))
    assert len(settled) == len(day.expiries()) == 8
    lots = {header["expiry"].date(): header["lot_size"] for header in settled}
    # The file of the day before lacks the series that is listed today.
    new = set(day.expiries()) - set(day.before.expiries())
    assert {expiry for expiry, lot in lots.items() if lot is None} == new
    nearest = min(settled, key=lambda header: header["expiry"])
    assert nearest["expiry"].date() == date(2026, 9, 22)
    key = {name: nearest[name] for name in ("symbol", "expiry", "fetched_at")}
    stored = sum(leg["open_interest"] for leg in database[CONTRACTS].find(key))
    assert stored == sum(leg["openInterest"] for leg in day.legs("21:00").values())
    assert stored < sum(leg["openInterest"] for leg in day.legs("16:00").values())
