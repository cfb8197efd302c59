"""The table of all symbols: the numbers of each symbol's own routes, by few reads, none hidden."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from starlette.testclient import TestClient

from chain_api.parameters.screening import COLUMNS, FIGURES
from local.mongod import Mongod
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import exchange_date
from optionchain.mongo.indexes import SNAPSHOTS, SYMBOL_DAYS
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.settings import Settings
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.api import NOW, Clock, answered, client, commit, problem, read
from tests.support.bodies import EXPIRY
from tests.support.commands import Commands, Watched, watched
from tests.support.mongomock_database import AnyDatabase
from tests.support.screened_market import store_days, store_market, symbols_of
from tests.support.snapshots import TICK, snapshot

TODAY, YESTERDAY = date(2026, 6, 19), date(2026, 6, 18)
JULY = date(2026, 7, 28)
SYMBOLS = symbols_of(12)
MINUTE = timedelta(minutes=1)


def settings_of(symbols: list[str]) -> Settings:
    return Settings(nse_symbols=tuple(symbols), retention_days=3_650)


def trading_days(number: int) -> list[date]:
    days = (YESTERDAY - timedelta(days=back) for back in range(2 * number))
    return [day for day in days if day.weekday() < 5][:number][::-1]


@pytest.fixture(scope="module")
def market(mongod: Mongod) -> Iterator[AnyDatabase]:
    """Twelve symbols with 25 days before today, and quarters of an hour of today."""
    with watched(mongod, "screener") as (database, _):
        store_days(database, SYMBOLS, trading_days(25))
        store_market(database, SYMBOLS, TICK, ticks=40)
        SymbolDays(database).add(TICK - 60 * MINUTE, TICK)
        yield database


@pytest.fixture(scope="module")
def api(market: AnyDatabase) -> TestClient:
    return client(market, NOW, settings_of(SYMBOLS))


def rows_of(api: TestClient, **query: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(api, "/screener", **query)["records"]
    return rows


def test_a_row_has_the_numbers_of_the_symbol_s_own_routes(api: TestClient) -> None:
    for row in rows_of(api):
        analytics = read(api, f"/option-chain/{row['symbol']}/analytics")
        names = (*FIGURES, "expiry_date", "timestamp", "underlying_value", "settled", "gap")
        assert {name: row[name] for name in names} == {name: analytics[name] for name in names}
        assert row["days_to_expiry"] == analytics["model"]["days_to_expiry"]
        assert row["open_interest"] == row["call_open_interest"] + row["put_open_interest"]


def test_a_row_has_the_lot_size_of_its_chain_or_says_why_there_is_none(
    database: AnyDatabase,
) -> None:
    terms = {
        "NIFTY": ContractTerms(lot_size=65),
        "SBIN": ContractTerms(reasons={"lot_size": "sources_differ"}),
        "OLD": ContractTerms(),
    }
    for symbol, each in terms.items():
        commit(database, snapshot(symbol=symbol), rate=5.5, facts=SnapshotFacts(terms=each))
    # A header of an older recorder says nothing of lots.
    lot = {"lot_size": "", "lot_size_reason": ""}
    database[SNAPSHOTS].update_many({"symbol": "OLD"}, {"$unset": lot})
    api = client(database, NOW, settings_of([*terms]))
    rows = rows_of(api)
    assert len(rows) == len(terms)
    for row in rows:
        chain = read(api, f"/option-chain/{row['symbol']}")
        assert row["lot_size"] == chain["lot_size"] == terms[row["symbol"]].lot_size
        assert row["reasons"].get("lot_size") == chain["lot_size_reason"]
    reasons = {row["symbol"]: row["reasons"].get("lot_size") for row in rows}
    assert reasons == {"NIFTY": None, "SBIN": "sources_differ", "OLD": "not_read"}
    table = csv.DictReader(StringIO(answered(api, "/screener", format="csv").text))
    assert {row["symbol"]: row["lot_size"] for row in table} == {
        "NIFTY": "65",
        "SBIN": "",
        "OLD": "",
    }


def test_changes_count_from_the_close_of_the_trading_day_before(
    api: TestClient, market: AnyDatabase
) -> None:
    for row in rows_of(api):
        day = {"symbol": row["symbol"], "day": {"$lt": TICK - timedelta(days=1)}}
        before = market[SYMBOL_DAYS].find_one(day, sort=[("day", -1)])
        assert before is not None
        (close,) = (
            each for each in before["expiries"] if each["expiry_date"] == row["expiry_date"]
        )
        assert row["previous_day"] == "2026-06-18"
        assert row["underlying_change"] == row["underlying_value"] - close["underlying_value"]
        assert row["iv_30d_change"] == row["iv_30d"] - before["iv_30d"]
        interest = close["call_open_interest"] + close["put_open_interest"]
        assert row["open_interest_change"] == row["open_interest"] - interest
        rises = row["underlying_change"] > 0, row["open_interest_change"] > 0
        named = {
            (True, True): "long_buildup",
            (False, True): "short_buildup",
            (False, False): "long_unwinding",
            (True, False): "short_covering",
        }
        assert row["buildup"] == named[rises]


def test_rank_and_percentile_stand_among_the_days_before(
    api: TestClient, market: AnyDatabase
) -> None:
    for row in rows_of(api):
        days = market[SYMBOL_DAYS].find(
            {"symbol": row["symbol"], "day": {"$lt": TICK - timedelta(1)}}
        )
        past = [day["iv_30d"] for day in days]
        assert row["iv_days"] == len(past) == 25
        low, high = min(*past, row["iv_30d"]), max(*past, row["iv_30d"])
        assert row["iv_rank"] == pytest.approx(100 * (row["iv_30d"] - low) / (high - low))
        assert row["iv_percentile"] == 100 * sum(iv < row["iv_30d"] for iv in past) / 25


@pytest.mark.parametrize("name", ["pcr_oi", "iv_rank", "symbol", "timestamp", "buildup"])
def test_rows_are_in_order_both_ways(api: TestClient, name: str) -> None:
    up, down = (rows_of(api, sort=f"{sign}{name}") for sign in ("", "-"))
    assert [row[name] for row in up] == sorted(row[name] for row in up)
    assert [row[name] for row in down] == [row[name] for row in up][::-1]


def test_expiries_are_in_order_of_their_dates(database: AnyDatabase) -> None:
    for symbol, expiry in (("LATE", JULY), ("SOON", date(2026, 6, 30))):
        commit(database, snapshot(symbol=symbol, expiry=expiry), rate=5.5)
    api = client(database, NOW, settings_of(["LATE", "SOON"]))
    assert [row["symbol"] for row in rows_of(api, sort="expiry_date")] == ["SOON", "LATE"]
    assert [row["symbol"] for row in rows_of(api, sort="-expiry_date")] == ["LATE", "SOON"]


def test_the_volatility_in_30_days_stays_over_the_days_without_a_session(
    database: AnyDatabase,
) -> None:
    store_market(database, ["NIFTY"], TICK, ticks=1)
    clock = Clock(NOW)
    api = client(database, clock, settings_of(["NIFTY"]))
    (row,) = rows_of(api)
    clock.now = NOW + timedelta(days=2, hours=17)  # Monday morning
    assert row["iv_30d"] is not None
    assert rows_of(api)[0]["iv_30d"] == row["iv_30d"]


def test_conditions_leave_out_what_does_not_meet_them(api: TestClient) -> None:
    rows = rows_of(api)
    low, high = sorted(row["pcr_oi"] for row in rows)[3:9:5]
    found = rows_of(api, min_pcr_oi=low, max_pcr_oi=high, sort="pcr_oi")
    assert [row["pcr_oi"] for row in found] == sorted(
        row["pcr_oi"] for row in rows if low <= row["pcr_oi"] <= high
    )
    named = rows_of(api, symbols="nifty, stock001,NONE")
    assert [row["symbol"] for row in named] == ["NIFTY", "STOCK001"]
    assert rows_of(api, kind="index") == []  # no list tells kinds here
    assert len(rows_of(api, tier="BASE")) == 12


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ({"symbols": "nifty, nope,NONE"}, ["NONE", "NOPE"]),
        ({"symbols": "NIFTY", "min_pcr_oi": 1e9}, []),
        ({}, []),
    ],
)
def test_names_without_a_row_are_told(
    api: TestClient, query: dict[str, object], unknown: list[str]
) -> None:
    assert read(api, "/screener", **query)["unknown_symbols"] == unknown


def test_pages_follow_each_other(api: TestClient) -> None:
    answer = read(api, "/screener", sort="-atm_iv", limit=5)
    found, total = answer["records"], answer["total_records"]
    while answer["next"]:
        answer = api.get(f"/{answer['next']}").json()
        found += answer["records"]
    assert total == len(found) == 12
    assert found == rows_of(api, sort="-atm_iv")


def test_csv_has_the_same_rows(api: TestClient) -> None:
    text = answered(api, "/screener", format="csv", sort="-pcr_oi").text
    found = list(csv.DictReader(StringIO(text)))
    assert tuple(found[0]) == COLUMNS
    wanted = [(row["symbol"], repr(row["pcr_oi"])) for row in rows_of(api, sort="-pcr_oi")]
    assert [(row["symbol"], row["pcr_oi"]) for row in found] == wanted
    problem(api.get("/screener?format=csv&sparkline=pcr_oi"), 422, "invalid-request")


def test_columns_and_a_sparkline_are_what_was_asked_for(api: TestClient) -> None:
    (row,) = rows_of(api, symbols="NIFTY", columns="symbol,iv_rank", sparkline="atm_iv")
    assert set(row) == {"symbol", "iv_rank", "sparkline"}
    assert len(row["sparkline"]["at"]) == len(row["sparkline"]["values"]) == 4
    assert row["sparkline"]["at"] == sorted(row["sparkline"]["at"])


@pytest.mark.parametrize("query", [
    *("sort=pcr", "columns=pcr", "kind=bond", "limit=0", "min_pcr_oi=2&max_pcr_oi=1"),
    *("symbols=%21", "sparkline=volume", "min_gap=1"),
])  # fmt: skip
def test_what_is_not_allowed_is_named(api: TestClient, query: str) -> None:
    problem(api.get(f"/screener?{query}"), 422, "invalid-request")


def test_old_rows_are_marked_and_symbols_without_any_are_there(database: AnyDatabase) -> None:
    commit(database, snapshot(), rate=5.5)
    commit(database, snapshot([3000.0], symbol="M&M", tick=TICK - 5 * MINUTE), rate=5.5)
    api = client(database, NOW, settings_of(["NIFTY", "IDEA"]))
    answer = read(api, "/screener")
    found = {row["symbol"]: row for row in answer["records"]}
    assert {symbol: row["gap"] for symbol, row in found.items()} == {
        "NIFTY": False,
        "IDEA": True,
        "M&M": True,
    }
    assert answer["gaps"] == 1
    assert found["IDEA"]["reasons"] == {"timestamp": "nothing_recorded"}
    assert found["M&M"]["tier"] is None
    assert found["NIFTY"]["reasons"]["open_interest_change"] == ("no_previous_close")
    assert found["NIFTY"]["reasons"]["iv_30d"] == "no_expiry_around"
    last = read(api, "/screener", sort="-atm_iv")["records"][-1]
    assert last["symbol"] in ("IDEA", "M&M")


def test_an_empty_database_is_a_table_of_what_is_planned(database: AnyDatabase) -> None:
    answer = read(client(database, NOW, settings_of(["NIFTY"])), "/screener")
    assert answer["timestamp"] is None
    assert [row["symbol"] for row in answer["records"]] == ["NIFTY"]


def test_a_poll_is_a_304_until_there_is_news(database: AnyDatabase) -> None:
    commit(database, snapshot(), snapshot(expiry=JULY), rate=5.5)
    clock = Clock(NOW)
    api = client(database, clock, settings_of(["NIFTY"]))
    tag = answered(api, "/screener").headers["etag"]

    def status(**query: str) -> int:
        return api.get("/screener", params=query, headers={"if-none-match": tag}).status_code

    assert (status(), status(sort="-symbol")) == (304, 200)
    clock.now += timedelta(seconds=5)
    confirmed = {"expiry": {"$exists": True}}
    database[SNAPSHOTS].update_many(confirmed, {"$set": {"last_seen_at": clock.now}})
    assert status() == 304
    commit(database, snapshot(tick=TICK + timedelta(seconds=5), last_price=7.0), rate=5.5)
    clock.now += timedelta(seconds=5)
    assert status() == 200


def test_days_that_a_backfill_adds_are_news(database: AnyDatabase) -> None:
    commit(database, snapshot(), rate=5.5)
    clock = Clock(NOW)
    api = client(database, clock, settings_of(["NIFTY"]))
    held = answered(api, "/screener").headers["etag"]
    database[SNAPSHOTS].update_many({}, {"$set": {"last_seen_at": NOW + MINUTE}})
    commit(database, snapshot(tick=TICK - timedelta(days=1)), rate=5.5)
    SymbolDays(database).add(TICK - timedelta(days=1, minutes=1), TICK - timedelta(days=1) + MINUTE)
    clock.now += MINUTE
    assert api.get("/screener", headers={"if-none-match": held}).status_code == 200
    assert rows_of(api)[0]["previous_day"] == "2026-06-18"


def reads(commands: Commands, api: TestClient) -> int:
    with commands.kept() as sent:
        answered(api, "/screener")
        return len(list(sent))


@pytest.fixture(scope="module")
def counted(mongod: Mongod) -> Iterator[Watched]:
    with watched(mongod, "screener_reads") as parts:
        yield parts


def test_reads_do_not_grow_with_the_symbols(counted: Watched) -> None:
    database, commands = counted
    found = []
    for number in (5, 60, 213):
        for name in (SNAPSHOTS, "listings", SYMBOL_DAYS):
            database[name].delete_many({})
        symbols = symbols_of(number)
        store_days(database, symbols, [YESTERDAY])
        store_market(database, symbols, TICK, ticks=1)
        clock = Clock(NOW)
        api = client(database, clock, settings_of(symbols))
        counts = [reads(commands, api)]
        clock.now += timedelta(seconds=2)
        counts.append(reads(commands, api))
        clock.now += timedelta(seconds=2)
        database[SNAPSHOTS].update_many({}, {"$set": {"content_hash": "news"}})
        found.append([*counts, reads(commands, api)])
    assert found == [found[0]] * 3
    assert found[0][1:] == [1, 2]


def confirm(database: AnyDatabase, clock: Clock) -> None:
    newest = {"fetched_at": TICK, "symbol": {"$in": SYMBOLS[::2]}}
    database[SNAPSHOTS].update_many(newest, {"$set": {"last_seen_at": clock.now}})


def add_news(database: AnyDatabase, clock: Clock) -> None:
    for header in list(database[SNAPSHOTS].find({"fetched_at": TICK}))[::3]:
        at = {"fetched_at": clock.now, "last_seen_at": clock.now, "underlying_value": 77.5}
        del header["_id"]
        database[SNAPSHOTS].insert_one(header | at | {"content_hash": f"news {header['symbol']}"})


def settle(database: AnyDatabase, clock: Clock) -> None:
    change = {"settled": True, "settled_at": clock.now, "last_seen_at": clock.now}
    database[SNAPSHOTS].update_many({"symbol": "NIFTY", "fetched_at": TICK}, {"$set": change})


def withdraw(database: AnyDatabase, clock: Clock) -> None:
    database["listings"].update_one({"symbol": "STOCK001"}, {"$pop": {"expiries": -1}})
    mark = {"$set": {"unlisted_since": clock.now}}
    database[SNAPSHOTS].update_many({"symbol": "STOCK001", "expiry_date": "30-Jun-2026"}, mark)


def delete(database: AnyDatabase, clock: Clock) -> None:
    found = {"symbol": "STOCK002", "fetched_at": {"$lte": clock.now}}
    database[SNAPSHOTS].delete_many(found | {"expiry_date": "28-Jul-2026"})


def add_days(database: AnyDatabase, clock: Clock) -> None:
    SymbolDays(database).add(TICK - 60 * MINUTE, TICK + MINUTE)
    database["control"].update_one(
        {"_id": "symbol_days"}, {"$set": {"until": clock.now}}, upsert=True
    )


def pass_time(database: AnyDatabase, clock: Clock) -> None:
    del database
    clock.now += 20 * MINUTE


def test_what_is_kept_of_rows_is_what_a_new_environment_answers(database: AnyDatabase) -> None:
    store_days(database, SYMBOLS, trading_days(2))
    store_market(database, SYMBOLS, TICK, ticks=2)
    clock, settings = Clock(NOW), settings_of(SYMBOLS)
    api = client(database, clock, settings)
    steps = (confirm, add_news, confirm, settle, withdraw, delete, add_days, pass_time)
    bodies = []
    for change in steps:
        api.get("/screener")
        change(database, clock)
        clock.now += timedelta(seconds=35)
        for query in (
            *("", "columns=symbol,age_seconds,pcr_oi&sparkline=atm_iv&sort=-age_seconds"),
            *("format=csv", "columns=last_seen_at", "format=ndjson&sort=-last_seen_at"),
        ):
            answers = [
                each.get(f"/screener?{query}") for each in (api, client(database, clock, settings))
            ]
            assert answers[0].text == answers[1].text, (change.__name__, query)
            assert answers[0].headers["etag"] == answers[1].headers["etag"]
        bodies.append(answered(api, "/screener").text)
    assert len(set(bodies)) == len(steps)


def test_a_tick_ends_what_is_shared(database: AnyDatabase) -> None:
    commit(database, snapshot(), rate=5.5)
    tick = TICK + timedelta(seconds=Settings().nse_fetch_interval)
    clock = Clock(tick - timedelta(milliseconds=100))
    api = client(database, clock, settings_of(["NIFTY"]))
    assert read(api, "/screener")["timestamp"] == text_of(TICK)
    commit(database, snapshot(tick=tick, last_price=7.0), rate=5.5)
    clock.now += timedelta(milliseconds=200)
    assert read(api, "/screener")["timestamp"] == text_of(tick)


def text_of(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def test_a_withdrawn_expiry_is_left_at_once(database: AnyDatabase) -> None:
    store_market(database, ["RELIANCE"], TICK, ticks=1)
    clock = Clock(NOW)
    api = client(database, clock, settings_of(["RELIANCE"]))
    assert rows_of(api)[0]["expiry_date"] == "30-Jun-2026"
    database["listings"].update_one({}, {"$pop": {"expiries": -1}})
    mark = {"$set": {"unlisted_since": TICK}}
    database[SNAPSHOTS].update_one({"expiry_date": "30-Jun-2026"}, mark)
    clock.now += timedelta(seconds=2)
    assert rows_of(api)[0]["expiry_date"] == "28-Jul-2026"


def test_expired_symbols_are_found_by_their_last_day(database: AnyDatabase) -> None:
    """A symbol that is listed no more keeps its row, as old as it is."""
    commit(database, snapshot(symbol="GONE", expiry=EXPIRY), rate=5.5)
    SymbolDays(database).add(TICK - MINUTE, TICK + MINUTE)
    later = NOW + timedelta(days=20)
    (row,) = rows_of(client(database, later, settings_of(["GONE"])))
    assert (row["expiry_date"], row["gap"]) == ("23-Jun-2026", True)
    assert exchange_date(TICK) == TODAY
