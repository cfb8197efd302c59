"""The rank of a volatility at a moment: among the days before that moment, as it was told then."""

from datetime import date, timedelta
from typing import Any

from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.indexes import SYMBOL_DAYS
from optionchain.mongo.symbol_days import SymbolDays
from tests.integration.test_screener import MINUTE, rows_of, settings_of, trading_days
from tests.support.api import NOW, Clock, answered, client, commit, read
from tests.support.commands import watched
from tests.support.histories import iso
from tests.support.mongomock_database import AnyDatabase
from tests.support.screened_market import store_days, store_market, symbols_of
from tests.support.snapshots import TICK, snapshot

SYMBOLS = symbols_of(7)
NAMES = ("iv_30d", "iv_rank", "iv_percentile", "iv_days")
THEN = TICK - timedelta(days=1)
BEFORE = 24


def record_day(database: AnyDatabase, clock: Clock) -> None:
    """Record headers up to the clock, and put the quarter into the documents of the day."""
    store_market(database, SYMBOLS, clock.now, ticks=3)
    clock.now += timedelta(seconds=2)


def close_day(database: AnyDatabase, clock: Clock) -> None:
    SymbolDays(database).add(clock.now - 60 * MINUTE, clock.now + 60 * MINUTE)


def rank(api: TestClient, symbol: str, **query: object) -> dict[str, Any]:
    return read(api, f"/option-chain/{symbol}/analytics/iv-rank", **query)


def numbers(answer: dict[str, Any]) -> dict[str, Any]:
    reasons = {name: why for name, why in answer["reasons"].items() if name in NAMES}
    return {name: answer[name] for name in NAMES} | {"reasons": reasons}


def test_as_of_a_moment_equals_what_was_told_then(database: AnyDatabase) -> None:
    store_days(database, SYMBOLS, trading_days(BEFORE + 1)[:-1])
    clock = Clock(THEN)
    api = client(database, clock, settings_of(SYMBOLS))
    record_day(database, clock)
    moment, told = iso(clock.now), {each: rank(api, each) for each in SYMBOLS}
    screened = {row["symbol"]: numbers(row) for row in rows_of(api)}
    assert {each: numbers(answer) for each, answer in told.items()} == screened
    close_day(database, clock)
    clock.now = TICK
    record_day(database, clock)
    close_day(database, clock)
    for symbol in SYMBOLS:
        found, now = rank(api, symbol, as_of=moment), rank(api, symbol)
        assert numbers(found) == numbers(told[symbol])
        assert (found["iv_days"], now["iv_days"]) == (BEFORE, BEFORE + 1)
        assert found["timestamp"] == told[symbol]["timestamp"] < now["timestamp"]
        past = [
            row["iv_30d"]
            for row in database[SYMBOL_DAYS].find(
                {"symbol": symbol, "day": {"$lt": midnight_utc(date(2026, 6, 18))}}
            )
        ]
        lower = sum(iv < found["iv_30d"] for iv in past)
        assert found["iv_percentile"] == 100 * lower / BEFORE
        (row,) = rows_of(api, symbols=symbol)
        assert numbers(now) == numbers(row)


def test_too_few_days_before_a_moment_are_said(database: AnyDatabase) -> None:
    """Later days do not count, however many there are."""
    clock = Clock(THEN - timedelta(days=60))
    record_day(database, clock)
    early = iso(clock.now)
    store_days(database, SYMBOLS, trading_days(BEFORE))
    clock.now = TICK
    record_day(database, clock)
    api = client(database, clock, settings_of(SYMBOLS))
    found = rank(api, "NIFTY", as_of=early)
    assert (found["iv_days"], found["iv_rank"], found["iv_percentile"]) == (0, None, None)
    assert found["iv_30d"] is not None
    assert found["reasons"] == dict.fromkeys(("iv_rank", "iv_percentile"), "too_few_days")
    assert rank(api, "NIFTY")["iv_rank"] is not None


def test_without_an_expiry_around_there_is_no_number(database: AnyDatabase) -> None:
    commit(database, snapshot(), rate=5.5)
    found = rank(client(database, NOW), "NIFTY")
    assert [found[name] for name in NAMES] == [None, None, None, 0]
    names = ("iv_30d", "iv_rank", "iv_percentile")
    assert found["reasons"] == dict.fromkeys(names, "no_expiry_around")
    text = answered(
        client(database, NOW), "/option-chain/NIFTY/analytics/iv-rank", format="csv"
    ).text
    assert text.splitlines() == [
        "symbol,timestamp,iv_30d,iv_rank,iv_percentile,iv_days",
        f"NIFTY,{iso(TICK)},,,,0",
    ]


def test_a_day_that_a_backfill_adds_is_news_to_a_poll(database: AnyDatabase) -> None:
    days = trading_days(BEFORE)
    store_days(database, SYMBOLS, days[1:])
    clock = Clock(TICK)
    record_day(database, clock)
    api = client(database, clock, settings_of(SYMBOLS))
    path = f"/option-chain/NIFTY/analytics/iv-rank?as_of={iso(clock.now)}"
    tag = {"if-none-match": answered(api, path).headers["etag"]}
    assert api.get(path, headers=tag).status_code == 304
    store_days(database, SYMBOLS, days[:1])
    answer = api.get(path, headers=tag)
    assert (answer.status_code, answer.json()["iv_days"]) == (200, BEFORE)


def test_days_before_are_one_read_of_an_index_alone(mongod: Mongod) -> None:
    with watched(mongod, "iv_rank") as (database, commands):
        store_days(database, SYMBOLS, trading_days(BEFORE))
        clock = Clock(TICK)
        record_day(database, clock)
        api = client(database, clock, settings_of(SYMBOLS))
        rank(api, "NIFTY")
        with commands.kept() as sent:
            rank(api, "NIFTY")
            (found,) = [each for each in sent if each.get("find") == SYMBOL_DAYS]
        wanted = {name: found[name] for name in ("find", "filter", "projection", "sort")}
        plan = database.command("explain", wanted, verbosity="executionStats")
    stats = plan["executionStats"]
    assert (stats["totalDocsExamined"], stats["nReturned"]) == (0, BEFORE)
