"""Answers say that the underlying stands still, and then look for the money at the forward."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from starlette.testclient import TestClient

from optionchain.analytics import analytics_of
from optionchain.exchange_time import expiry_text
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot_facts import NOTHING_KNOWN
from tests.support.api import CHAIN, FILTER, answered, client, read
from tests.support.auction_chains import FROZEN, STANDS_AT, STRIKES, auction_chain
from tests.support.captured_minutes import EXPIRING, NEXT_WEEK, at
from tests.support.histories import iso
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock

pytestmark = uses_mongomock

# Three strikes above where the spot stands.
FORWARD = 24_310.0
TRADED, STANDS = at("15:14"), at("15:20")
NOW = STANDS + timedelta(seconds=20)
SINCE = iso(at("15:16"))
PATHS = (
    CHAIN,
    f"{CHAIN}?greeks=true&layout=rows",
    f"{CHAIN}/strikes",
    f"{CHAIN}/expiry-dates",
    *(f"{CHAIN}/analytics{kind}" for kind in ("", "/smile", "/open-interest")),
)
WINDOWS = (CHAIN, f"{CHAIN}/history?columns=strike_price", f"{CHAIN}/changes?from=15:14")


@pytest.fixture
def database() -> AnyDatabase:
    """Two chains that expire today, before the auction and in it, and one of the next week."""
    database = memory_database()
    writer = SnapshotWriter(database)
    for expiry, stamp, facts in (
        (EXPIRING, TRADED, NOTHING_KNOWN),
        (NEXT_WEEK, TRADED, NOTHING_KNOWN),
        (EXPIRING, STANDS, FROZEN),
    ):
        whole = auction_chain(FORWARD, stamp, expiry=expiry)
        writer.commit(Commit(whole, facts=facts, derive=partial(analytics_of, rate=5.5)))
    return database


@pytest.fixture
def api(database: AnyDatabase) -> TestClient:
    return client(database, NOW)


def told(answer: Any) -> Iterator[tuple[bool, str | None]]:  # noqa: ANN401  (any JSON value)
    """Yield every pair of `frozen` and `frozen_since` of an answer, its own first."""
    if isinstance(answer, dict):
        if "frozen" in answer:
            yield answer["frozen"], answer["frozen_since"]
        answer = list(answer.values())
    if isinstance(answer, list):
        for each in answer:
            yield from told(each)


def strikes_of(answer: Any) -> set[float]:  # noqa: ANN401  (any JSON value)
    rows = answer.get("records") or answer["calls"]
    return {row["strike_price"] for row in rows}


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_says_since_when_the_underlying_stands_still(path: str, api: TestClient) -> None:
    response = answered(api, path)
    assert response.headers["x-frozen"] == "true"
    assert next(told(response.json())) == (True, SINCE)
    moment = "&as_of=15:15" if "?" in path else "?as_of=15:15"
    before = answered(api, path + moment)
    assert before.headers["x-frozen"] == "false"
    assert set(told(before.json())) == {(False, None)}


def test_changes_say_it_of_both_ends(api: TestClient) -> None:
    own, earlier, later = told(read(api, f"{CHAIN}/changes?from=15:14"))
    assert (own, earlier, later) == ((True, SINCE), (False, None), (True, SINCE))


def test_of_several_chains_any_may_stand_still(api: TestClient) -> None:
    own, near, far = told(read(api, f"{CHAIN}?expiry=all"))
    assert (own, near, far) == ((True, SINCE), (True, SINCE), (False, None))
    answer = api.post(FILTER, json={"symbol": "NIFTY"}).json()
    assert list(told(answer)) == [(True, SINCE)]


@pytest.mark.parametrize("path", WINDOWS)
def test_a_window_around_the_money_is_where_the_forward_is(path: str, api: TestClient) -> None:
    window = f"{path}{'&' if '?' in path else '?'}strikes_around_atm=1"
    assert strikes_of(read(api, window)) == {24_250, 24_300, 24_350}


def test_before_the_auction_a_window_is_where_the_spot_is(api: TestClient) -> None:
    chain = read(api, f"{CHAIN}?strikes_around_atm=1&as_of=15:15")
    assert strikes_of(chain) == {24_100, 24_150, 24_200}


def test_analytics_tell_the_price_that_they_are_made_around(api: TestClient) -> None:
    frozen, before = (read(api, f"{CHAIN}/analytics", as_of=text) for text in ("15:20", "15:15"))
    names = "reference_source", "atm_strike", "support", "resistance"
    assert [frozen[name] for name in names] == ["forward", 24_300, 24_300, 24_350]
    assert frozen["reference_price"] == frozen["model"]["forward"]
    assert [before[name] for name in names] == ["spot", 24_150, 24_150, 24_300]
    assert before["reference_price"] == STANDS_AT
    assert read(api, f"{CHAIN}/analytics/smile")["atm_strike"] == 24_300


def test_a_table_of_analytics_tells_it_too(api: TestClient) -> None:
    names, values = answered(api, f"{CHAIN}/analytics?format=csv").text.splitlines()
    row = dict(zip(names.split(","), values.split(","), strict=True))
    told_of = ("frozen", "frozen_since", "reference_source", "atm_strike", "payoff_fixed")
    assert [row[name] for name in told_of] == ["true", SINCE, "forward", "24300.0", "false"]
    history = read(api, f"{CHAIN}/analytics/history?metric=reference_price,atm_strike")
    assert [row["atm_strike"] for row in history["records"]] == [24_150, 24_300]


def test_what_an_older_recorder_stored_is_not_frozen(
    database: AnyDatabase, api: TestClient
) -> None:
    database[SNAPSHOTS].update_many({}, {"$unset": {"frozen_since": 1, "underlying_since": 1}})
    assert {pair for path in PATHS for pair in told(read(api, path))} == {(False, None)}


def test_without_a_forward_a_window_is_around_the_price_that_stands_still(
    database: AnyDatabase,
) -> None:
    """No contract has a price. A window is a choice of contracts: no number comes from it."""
    stamp = at("15:21")
    silent = auction_chain(FORWARD, stamp)
    quotes = tuple(leg._replace(bid_price=None, last_price=None) for leg in silent.quotes)
    derive = partial(analytics_of, rate=5.5)
    commit = Commit(replace(silent, quotes=quotes), facts=FROZEN, derive=derive)
    SnapshotWriter(database).commit(commit)
    api = client(database, _after(stamp))
    window = read(api, f"{CHAIN}?strikes_around_atm=0")
    assert [leg["strike_price"] for leg in window["calls"]] == [24_150]
    analytics = read(api, f"{CHAIN}/analytics")
    assert (analytics["atm_strike"], analytics["reasons"]["atm_strike"]) == (None, "no_forward")
    assert answered(api, CHAIN).json()["frozen"] is True
    greeks = read(api, f"{CHAIN}?greeks=true")
    assert {leg["iv_reason"] for leg in greeks["calls"]} == {"no_forward"}


def test_among_all_expiries_one_without_a_forward_takes_the_money_of_the_nearest(
    database: AnyDatabase,
) -> None:
    """Of far series no strike has quotes on both sides."""
    stamp, derive = at("15:21"), partial(analytics_of, rate=5.5)
    for expiry, quoted in ((EXPIRING, True), (NEXT_WEEK, False)):
        whole = auction_chain(FORWARD, stamp, expiry=expiry)
        if not quoted:
            quotes = (leg._replace(bid_price=None, last_price=None) for leg in whole.quotes)
            whole = replace(whole, quotes=tuple(quotes))
        SnapshotWriter(database).commit(Commit(whole, facts=FROZEN, derive=derive))
    api = client(database, _after(stamp))
    found = read(api, CHAIN, expiry="all", strikes_around_atm=0)
    money = {(leg["expiry_date"], leg["strike_price"]) for leg in found["calls"]}
    nearest = min(STRIKES, key=lambda strike: abs(strike - FORWARD))
    assert money == {(expiry_text(EXPIRING), nearest), (expiry_text(NEXT_WEEK), nearest)}


def test_between_payoff_and_close_contracts_have_a_reason_for_their_empty_greeks(
    database: AnyDatabase,
) -> None:
    stamp = at("15:36")
    whole = auction_chain(FORWARD, stamp)
    derive = partial(analytics_of, rate=5.5)
    SnapshotWriter(database).commit(Commit(whole, facts=FROZEN, derive=derive))
    api = client(database, _after(stamp))
    chain = read(api, f"{CHAIN}?greeks=true")
    assert chain["model"]["payoff_fixed"] is True
    assert {leg["iv_reason"] for leg in chain["calls"] + chain["puts"]} == {"payoff_fixed"}
    analytics = read(api, f"{CHAIN}/analytics")
    assert (analytics["atm_strike"], analytics["atm_iv"]) == (24_300, None)
    assert analytics["reasons"]["atm_iv"] == "payoff_fixed"


def _after(stamp: datetime) -> datetime:
    return stamp + timedelta(seconds=20)
