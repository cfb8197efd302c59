"""The documents of symbols and days: made of closed quarters, once, and the same in any order."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from optionchain.exchange_time import expiry_text, midnight_utc
from optionchain.mongo.header_counts import closed_until
from optionchain.mongo.housekeeping_register import CONTROL
from optionchain.mongo.indexes import SNAPSHOTS, SYMBOL_DAYS, Indexes
from optionchain.mongo.symbol_days import SymbolDays
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase

# A Friday: 09:30 in India.
MORNING = datetime(2026, 6, 19, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVENING = MORNING + timedelta(hours=10, minutes=20)
NEAR, FAR = date(2026, 6, 23), date(2026, 7, 28)


def store(
    database: AnyDatabase, tick: datetime, expiry: date = NEAR, iv: float = 12.0, **more: object
) -> None:
    """Store the part of a header that days are made of."""
    days = (midnight_utc(expiry) + timedelta(hours=10) - tick) / timedelta(days=1)
    database[SNAPSHOTS].insert_one(
        {
            "symbol": "NIFTY",
            "expiry": midnight_utc(expiry),
            "expiry_date": expiry_text(expiry),
            "fetched_at": tick,
            "exchange_timestamp": tick,
            "underlying_value": 25_000.0,
            "call_open_interest": 100.0,
            "put_open_interest": 130.0,
            "call_volume": 10.0,
            "put_volume": 20.0,
            "analytics": {
                "pcr_oi": 1.3,
                "max_pain": 24_900.0,
                "atm_iv": iv,
                "straddle_price": 210.5,
                "days_to_expiry": days,
                "iv_source": "price",
                "reasons": {},
            },
        }
        | more
    )


def days_of(database: AnyDatabase) -> list[dict[str, Any]]:
    return list(database[SYMBOL_DAYS].find({}, {"_id": False}, sort=[("symbol", 1), ("day", 1)]))


def caught_up(database: AnyDatabase, now: datetime) -> list[dict[str, Any]]:
    SymbolDays(database).catch_up(lambda: now)
    return days_of(database)


def test_day_has_the_last_values_and_a_point_a_quarter(database: AnyDatabase) -> None:
    Indexes(database, RETENTION_DAYS).ensure()
    for minute, spot in ((0, 1.0), (14, 2.0), (15, 3.0), (31, 4.0)):
        store(database, MORNING + minute * MINUTE, underlying_value=spot)
    (day,) = caught_up(database, MORNING + 36 * MINUTE)
    assert day["day"] == datetime(2026, 6, 19, tzinfo=UTC)
    assert day["nearest"] == "23-Jun-2026"
    assert [point["underlying_value"] for point in day["points"]] == [2.0, 3.0]
    assert day["expiries"][0]["underlying_value"] == 3.0
    assert day["expiries"][0]["pcr_oi"] == 1.3
    (day,) = caught_up(database, MORNING + 51 * MINUTE)
    assert [point["underlying_value"] for point in day["points"]] == [2.0, 3.0, 4.0]


def test_settled_chain_of_the_evening_replaces_the_closing_one(database: AnyDatabase) -> None:
    store(database, MORNING, call_open_interest=100.0)
    store(database, EVENING, call_open_interest=97.0)
    (day,) = caught_up(database, EVENING + 20 * MINUTE)
    assert (day["expiries"][0]["at"], day["expiries"][0]["call_open_interest"]) == (EVENING, 97.0)


def test_volatility_in_thirty_days_lies_between_the_expiries_around(database: AnyDatabase) -> None:
    store(database, MORNING, NEAR, iv=10.0)
    store(database, MORNING, FAR, iv=20.0)
    (day,) = caught_up(database, MORNING + 20 * MINUTE)
    near, far = (each["days_to_expiry"] for each in day["expiries"])
    expected = (100 * near + (400 * far - 100 * near) * (30 - near) / (far - near)) / 30
    assert day["iv_30d"] == pytest.approx(expected**0.5)
    assert day["iv_30d_reason"] is None


@pytest.mark.parametrize(("header", "reason"), [
    ({"analytics": {"iv_source": "exchange", "atm_iv": 9.0}}, "not_derived"),
    ({"exchange_timestamp": MORNING + timedelta(hours=1)}, "not_derived"),
])  # fmt: skip
def test_number_that_was_derived_in_another_way_is_none_with_a_reason(
    database: AnyDatabase, header: dict[str, Any], reason: str
) -> None:
    store(database, MORNING, **header)
    (day,) = caught_up(database, MORNING + 20 * MINUTE)
    assert day["expiries"][0]["atm_iv"] is None
    assert day["expiries"][0]["reasons"]["atm_iv"] == reason
    assert (day["iv_30d"], day["iv_30d_reason"]) == (None, "no_expiry_around")


def test_withdrawn_expiry_is_not_the_nearest(database: AnyDatabase) -> None:
    store(database, MORNING, NEAR, unlisted_since=MORNING + MINUTE)
    store(database, MORNING, FAR)
    (day,) = caught_up(database, MORNING + 20 * MINUTE)
    assert day["nearest"] == "28-Jul-2026"


def test_whatever_is_added_again_or_by_two_changes_nothing(database: AnyDatabase) -> None:
    """Days that an older version recorded are made as well, the oldest first."""
    Indexes(database, RETENTION_DAYS).ensure()
    for back in (0, 3, 20):
        for minute in range(0, 300, 7):
            store(database, MORNING - timedelta(days=back) + minute * MINUTE, iv=10.0 + back)
    made = caught_up(database, MORNING + 310 * MINUTE)
    assert len(made) == 3
    assert all(len(day["points"]) == 20 for day in made)
    until = closed_until(MORNING + 310 * MINUTE)
    for since in (MORNING - timedelta(days=20), MORNING + 60 * MINUTE, MORNING):
        SymbolDays(database).add(since, min(since + timedelta(hours=2), until))
    assert days_of(database) == made


def test_one_recorder_at_a_time_adds_and_a_crash_costs_a_minute(database: AnyDatabase) -> None:
    store(database, MORNING)
    now = MORNING + 20 * MINUTE
    taken = SymbolDays(database)._take(closed_until(now), now)
    assert taken == MORNING
    assert caught_up(database, now + timedelta(seconds=30)) == []
    assert len(caught_up(database, now + timedelta(seconds=61))) == 1
    assert database[CONTROL].count_documents({"_id": "symbol_days"}) == 1


def test_long_past_is_added_by_and_by(database: AnyDatabase) -> None:
    """A call begins nothing more after a second, so that no tick waits for it."""
    for hour in range(6):
        store(database, MORNING + timedelta(hours=hour))
    begun = MORNING + timedelta(hours=8)
    seconds = iter(range(1_000))
    SymbolDays(database).catch_up(lambda: begun + timedelta(seconds=next(seconds)))
    assert len(days_of(database)[0]["points"]) == 1
    SymbolDays(database).catch_up(lambda: begun + timedelta(minutes=2))
    assert len(days_of(database)[0]["points"]) == 6
