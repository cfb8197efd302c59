"""GET /symbols: a table of the recorded symbols, by pages, filtered, with the columns one wants."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import Tier
from tests.support.api import NOW, Clock, answered, client, commit, confirm, problem, read
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock

MONDAY, THURSDAY = date(2026, 6, 15), date(2026, 6, 18)
NEXT = EXPIRY + timedelta(days=7)
LISTED = SymbolList(
    MONDAY,
    TICK - timedelta(days=4),
    "nse",
    {
        each.symbol: each
        for each in (
            ListedSymbol("NIFTY", "index", MONDAY),
            ListedSymbol("BANKNIFTY", "index", MONDAY),
            ListedSymbol("RELIANCE", "stock", MONDAY),
            ListedSymbol("M&M", "stock", MONDAY, lost_since=THURSDAY),
        )
    },
)
SETTINGS = Settings(nse_symbols=("ALL",), nse_tiers=(Tier("STOCKS", 60),))
RECORDED = ("BANKNIFTY", "GONE", "M&M", "NIFTY", "RELIANCE")


@pytest.fixture(scope="module")
def market() -> AnyDatabase:
    """Four listed symbols, and one that is recorded no more, in a database of their own."""
    made = memory_database()
    SymbolListRegister(made).write(LISTED)
    for symbol in RECORDED:
        commit(made, snapshot((24_000.0,), symbol=symbol))
    return made


@pytest.fixture(scope="module")
def api(market: AnyDatabase) -> TestClient:
    return client(market, settings=SETTINGS)


def names(api: TestClient, **query: object) -> list[str]:
    return [row["symbol"] for row in read(api, "/symbols", **query)["symbols"]]


def test_each_row_says_how_its_symbol_is_recorded(api: TestClient) -> None:
    columns = "symbol,kind,tier,interval_seconds,listed_since,lost_since"
    rows = read(api, "/symbols", columns=columns)["symbols"]
    assert [tuple(row.values()) for row in rows] == [
        ("BANKNIFTY", "index", "BASE", 5, "2026-06-15", None),
        ("GONE", None, None, None, None, None),
        ("M&M", "stock", "STOCKS", 60, "2026-06-15", "2026-06-18"),
        ("NIFTY", "index", "BASE", 5, "2026-06-15", None),
        ("RELIANCE", "stock", "STOCKS", 60, "2026-06-15", None),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "nif"}, ["BANKNIFTY", "NIFTY"]),
        ({"q": "&"}, ["M&M"]),
        ({"kind": "stock"}, ["M&M", "RELIANCE"]),
        ({"kind": "index", "q": "BANK"}, ["BANKNIFTY"]),
        ({"tier": "stocks"}, ["M&M", "RELIANCE"]),
        ({"tier": "base"}, ["BANKNIFTY", "NIFTY"]),
    ],
)
def test_symbols_are_chosen_by_name_kind_and_tier(
    api: TestClient, query: dict[str, str], expected: list[str]
) -> None:
    answer = read(api, "/symbols", **query)
    assert [row["symbol"] for row in answer["symbols"]] == expected
    assert (answer["total_symbols"], answer["next"]) == (len(expected), None)


@pytest.mark.parametrize("route", ["/symbols", "/screener"])
def test_a_tier_that_is_not_set_is_refused(api: TestClient, route: str) -> None:
    found = problem(api.get(route, params={"tier": "Stock"}), 422, "invalid-request")
    (error,) = found["errors"]
    assert (error["field"], error["value"]) == ("tier", "STOCK")
    assert error["message"] == "must be one of STOCKS, BASE, as NSE_TIERS names them"


def test_pages_together_have_each_symbol_once(api: TestClient) -> None:
    whole = read(api, "/symbols")
    found: list[Any] = []
    path: str | None = "/symbols?limit=2&columns=symbol"
    while path:
        response = answered(api, path)
        page = response.json()
        found += [row["symbol"] for row in page["symbols"]]
        assert page["total_symbols"] == len(RECORDED)
        link = response.links.get("next", {}).get("url")
        assert link == page["next"]
        path = link and urljoin("/symbols", link)
    assert found == [row["symbol"] for row in whole["symbols"]] == list(RECORDED)


def test_parameters_beside_a_cursor_are_those_that_it_holds(api: TestClient) -> None:
    cursor = read(api, "/symbols", limit=1, kind="index")["next"].partition("=")[2]
    assert names(api, cursor=cursor) == names(api, cursor=cursor, kind="index") == ["NIFTY"]
    problem(api.get("/symbols", params={"cursor": cursor, "kind": "stock"}), 422, "invalid-request")


@pytest.mark.parametrize("query", ["q=a%20b", "kind=future", "limit=501", "columns=price", "x=1"])
def test_what_no_symbol_may_be_chosen_by_is_refused(api: TestClient, query: str) -> None:
    problem(api.get(f"/symbols?{query}"), 422, "invalid-request")


def test_a_poll_without_news_is_a_304(market: AnyDatabase) -> None:
    clock = Clock()
    api = client(market, clock, SETTINGS)
    first = answered(api, "/symbols")
    assert first.headers["cache-control"] == "private, max-age=3"
    tag = {"if-none-match": first.headers["etag"]}
    clock.now += timedelta(seconds=2)
    assert api.get("/symbols", headers=tag).status_code == 304
    assert answered(api, "/symbols").headers["etag"] != first.headers["etag"], "ages have moved on"
    confirm(SnapshotWriter(market))
    assert api.get("/symbols", headers=tag).status_code == 200


def test_a_symbol_of_which_nothing_listed_is_recorded_has_what_is_recorded() -> None:
    database = memory_database()
    days = {"NIFTY": (EXPIRY, NEXT), "IDEA": (EXPIRY,), "M&M": (EXPIRY - timedelta(days=70),)}
    for symbol, expiries in days.items():
        for expiry in expiries:
            old = snapshot((24_000.0,), symbol=symbol, expiry=expiry)
            commit(database, replace(old, fetched_at=TICK - timedelta(days=80)))
    for symbol, expiry in (("NIFTY", NEXT), ("IDEA", NEXT)):
        ListingRegister(database).write(Listing(symbol, (expiry,), TICK, TICK))
    rows = read(client(database, NOW), "/symbols", columns="symbol,expiry_dates")["symbols"]
    assert {row["symbol"]: row["expiry_dates"] for row in rows} == {
        "IDEA": ["23-Jun-2026"],  # what is listed is not recorded
        "M&M": ["14-Apr-2026"],  # nothing is listed, and all has passed
        "NIFTY": ["30-Jun-2026"],
    }
