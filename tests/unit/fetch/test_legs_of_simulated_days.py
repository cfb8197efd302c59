"""What the record knows of the contracts of simulated days, which have the exchange's habits."""

from datetime import date, timedelta

import pytest

from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.exchange_time import expiry_text
from optionchain.market import Market
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Leg, Snapshot
from tests.support.ingesting import take_in
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.simulated_day import WEDNESDAY, SimulatedDay

pytestmark = uses_mongomock

MOMENTS = ("09:16", "10:40", "12:20", "14:00", "15:45", "21:00")


def record(database: AnyDatabase, *bodies: Snapshot) -> None:
    """Take in bodies, each time in an environment of its own."""
    for body in bodies:
        facts = RecordedFacts(RecordedLegs(database))
        ledger, request = TickLedger(database), PlannedRequest("NIFTY", body.expiry, required=True)
        ingestion = Ingestion(SnapshotWriter(database), ledger, 5.5, Market, facts)
        take_in(ingestion, body, RequestResult(request))


def new_in(database: AnyDatabase, body: Snapshot) -> dict[Leg, str | None]:
    """Return the contracts of a stored body that are newly listed, with the day of each."""
    wanted = {"fetched_at": body.fetched_at, "newly_listed": True}
    rows = database["option_chain"].find(wanted)
    return {(row["strike_price"], row["type"]): row["listed_on"] for row in rows}


@pytest.mark.parametrize("day", [WEDNESDAY, date(2026, 9, 21), date(2026, 11, 25)])
def test_what_the_evening_before_lacks_is_newly_listed_all_day_and_counts_in_full(
    day: date,
) -> None:
    database, today = memory_database(), SimulatedDay(day)
    evening = today.before.snapshot("21:00", today.expiries()[0])
    record(database, evening)
    seen: set[Leg] = set()
    for moment in MOMENTS:
        body = today.snapshot(moment)
        record(database, body)
        new = body.legs - evening.legs
        assert new_in(database, body) == dict.fromkeys(new, expiry_text(day))
        header = database["snapshots"].find_one({"fetched_at": body.fetched_at})
        assert header
        sums = {"CE": 0.0, "PE": 0.0}
        for quote in body.quotes:
            base = (
                0.0 if quote.leg in new else (quote.open_interest or 0) - (quote.change_in_oi or 0)
            )
            sums[quote.side] += (quote.open_interest or 0) - base
        assert header["analytics"]["pcr_change"] == pytest.approx(sums["PE"] / sums["CE"], rel=1e-9)
        seen |= new
    assert len(seen) >= 4


def test_on_the_day_after_a_weekly_expiry_a_whole_series_is_newly_listed() -> None:
    database, today = memory_database(), SimulatedDay(WEDNESDAY)
    yesterday = today.before
    (series,) = set(today.expiries()) - set(yesterday.expiries())
    read_at = yesterday.at("12:00")
    listed = Listing("NIFTY", tuple(yesterday.expiries()), read_at, read_at)
    ListingRegister(database).write(listed)
    for moment in MOMENTS[:3]:
        body = today.snapshot(moment, series)
        record(database, body)
        assert new_in(database, body) == dict.fromkeys(body.legs, expiry_text(WEDNESDAY))


def test_a_volatility_is_never_older_than_the_exchange_s_ten_minutes() -> None:
    database, today = memory_database(), SimulatedDay()
    moments = [f"10:{minute:02}" for minute in range(0, 26, 2)]
    record(database, *map(today.snapshot, moments))
    known = database["option_chain"].find({"iv_as_of": {"$ne": None}})
    ages = sorted(row["exchange_timestamp"] - row["iv_as_of"] for row in known)
    assert ages[0] == timedelta()
    # A volatility may be refreshed to the same number.
    assert timedelta(minutes=6) < ages[len(ages) * 19 // 20] < timedelta(minutes=10)
