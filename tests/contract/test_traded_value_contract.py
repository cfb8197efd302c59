"""What each symbol traded in a session: the newest header of each listed expiry, or not known."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chain_fetch.recording.lists.traded_value import TradedValue
from local.mongod import Mongod
from optionchain.exchange_time import midnight_utc
from optionchain.market import Market
from optionchain.mongo.indexes import LISTINGS, SNAPSHOTS
from optionchain.mongo.listing_register import Listing, ListingRegister
from tests.support.commands import watched
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase

FRIDAY, MONDAY = date(2026, 9, 18), date(2026, 9, 21)
PASSED, NEAR, FAR = date(2026, 9, 15), date(2026, 9, 29), date(2026, 10, 27)
(SESSION,) = Market().sessions(FRIDAY)
CLOSE = ist(FRIDAY, "15:39")


def header(symbol: str, expiry: date, at: datetime, **changes: object) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "expiry": midnight_utc(expiry),
        "fetched_at": at,
        "call_volume": 30.0,
        "put_volume": 20.0,
        "lot_size": 100,
        "underlying_value": 1_000.0,
        **changes,
    }


@pytest.fixture
def listed(database: AnyDatabase) -> AnyDatabase:
    register = ListingRegister(database)
    for symbol in ("ACC", "TCS"):
        register.write(Listing(symbol, (PASSED, NEAR, FAR), CLOSE, CLOSE))
    return database


def test_the_newest_header_of_each_expiry_of_the_session_counts(listed: AnyDatabase) -> None:
    listed[SNAPSHOTS].insert_many(
        [
            header("ACC", NEAR, CLOSE, call_volume=1.0),
            header("ACC", NEAR, ist(FRIDAY, "18:30")),
            header("ACC", FAR, ist(FRIDAY, "10:00"), call_volume=0.0, put_volume=0.0),
            header("ACC", FAR, ist(FRIDAY, "12:00"), call_volume=0.0, put_volume=7.0),
            # Of other days, and of an expiry that had passed.
            header("ACC", FAR, ist(FRIDAY - timedelta(days=1), "12:00")),
            header("ACC", NEAR, ist(MONDAY, "09:20")),
            header("ACC", PASSED, ist(FRIDAY, "12:00")),
        ]
    )
    found = TradedValue(listed).of(SESSION)
    assert found["ACC"].traded == 50 * 100 * 1_000.0 + 7 * 100 * 1_000.0
    assert found["ACC"].expiries == (PASSED, NEAR, FAR)


@pytest.mark.parametrize(
    "unknown", [{"lot_size": None}, {"underlying_value": None}, {"put_volume": None}]
)
def test_without_a_part_the_whole_is_not_known(
    unknown: dict[str, None], listed: AnyDatabase
) -> None:
    listed[SNAPSHOTS].insert_many(
        [
            header("ACC", NEAR, CLOSE),
            header("ACC", FAR, CLOSE, **unknown),
            header("TCS", NEAR, CLOSE),
        ]
    )
    found = TradedValue(listed).of(SESSION)
    assert (found["ACC"].traded, found["TCS"].traded) == (None, None)


def test_without_a_session_the_expiries_alone_are_known(listed: AnyDatabase) -> None:
    found = TradedValue(listed).of(None)
    assert {symbol: each.traded for symbol, each in found.items()} == {"ACC": None, "TCS": None}


def test_the_reads_are_as_many_for_six_symbols_as_for_213(mongod: Mongod) -> None:
    counted = []
    for number in (6, 213):
        with watched(mongod, f"traded{number}") as (database, commands):
            symbols = [f"S{each}" for each in range(number)]
            key = {"since": CLOSE, "read_at": CLOSE, "unlisted": []}
            expiries = [midnight_utc(each) for each in (NEAR, FAR)]
            listings = [{"symbol": symbol, "expiries": expiries, **key} for symbol in symbols]
            database[LISTINGS].insert_many(listings)
            minutes = [CLOSE - timedelta(minutes=each) for each in range(12)]
            headers = [header(symbol, NEAR, at) for symbol in symbols for at in minutes]
            early = [header(symbol, FAR, ist(FRIDAY, "10:00")) for symbol in symbols]
            database[SNAPSHOTS].insert_many(headers + early)
            with commands.kept() as sent:
                found = TradedValue(database).of(SESSION)
            assert {each.traded for each in found.values()} == {2 * 50 * 100 * 1_000.0}
            counted.append([next(iter(command)) for command in sent])
    assert counted[0] == counted[1] == ["aggregate", "find", "find"]
