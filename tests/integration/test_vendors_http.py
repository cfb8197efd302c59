"""The simulated vendors over HTTP: endpoints, tokens, limits, and each fault for a client."""

import gzip
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from local.dhan_simulator import tokens as dhan_tokens
from local.dhan_simulator.faults import CHAIN as DHAN_CHAIN
from local.dhan_simulator.faults import EXPIRIES, GENERATE, PROFILE, RENEW, SCRIP_MASTER
from local.dhan_simulator.faults import FaultKind as DhanFaultKind
from local.dhan_simulator.server import Dhan
from local.nse_simulator.market import SimulatedMarket
from local.upstox_simulator import tokens as upstox_tokens
from local.upstox_simulator.faults import CHAIN, CONTRACTS, HOLIDAYS, MARKET_STATUS, QUOTES
from local.upstox_simulator.faults import FaultKind as UpstoxFaultKind
from local.upstox_simulator.server import Upstox
from local.upstox_simulator.vendor import INSTRUMENTS_FILE
from tests.support.nse_client import NOON
from tests.support.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
NIFTY_KEY = "NSE_INDEX|Nifty 50"
EXPIRY = "2026-09-22"
get = partial(requests.get, timeout=PATIENCE_SECONDS)
post = partial(requests.post, timeout=PATIENCE_SECONDS)
CONNECTION_ERROR = requests.exceptions.ConnectionError
NIFTY: dict[str, Any] = {"UnderlyingScrip": 13, "UnderlyingSeg": "IDX_I"}


def market() -> SimulatedMarket:
    return SimulatedMarket(clock=lambda: NOON)


@pytest.fixture(scope="module")
def shared_upstox() -> Iterator[Upstox]:
    with Upstox(market()) as vendor:
        yield vendor


@pytest.fixture
def upstox(shared_upstox: Upstox) -> Upstox:
    shared_upstox.faults.clear()
    shared_upstox.requests.clear()
    return shared_upstox


@pytest.fixture(scope="module")
def shared_dhan() -> Iterator[Dhan]:
    with Dhan(market(), windows=()) as vendor:
        yield vendor


@pytest.fixture
def dhan(shared_dhan: Dhan) -> Dhan:
    shared_dhan.faults.clear()
    shared_dhan.requests.clear()
    return shared_dhan


def ask_upstox(
    vendor: Upstox, path: str = CHAIN, token: str | None = None, **query: str
) -> requests.Response:
    token = upstox_tokens.analytics_token(NOON) if token is None else token
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    query = query or {"instrument_key": NIFTY_KEY, "expiry_date": EXPIRY}
    return get(vendor.url + path, query, headers=headers)


def ask_dhan(
    vendor: Dhan,
    path: str = DHAN_CHAIN,
    token: str | None = None,
    **body: Any,  # noqa: ANN401
) -> requests.Response:
    token = dhan_tokens.token(NOON) if token is None else token
    headers = {"access-token": token, "client-id": dhan_tokens.CLIENT_ID}
    body = body or NIFTY | {"Expiry": EXPIRY}
    return post(vendor.url + path, json=body, headers=headers)


def code_of(answer: requests.Response) -> str:
    body = answer.json()
    if "errors" in body:
        (error,) = body["errors"]
        assert error["error_code"] == error["errorCode"]
        return str(error["error_code"])
    return str(body.get("errorCode") or next(iter(body["data"])))


# Upstox: what it answers.


def test_a_chain_of_upstox_has_a_row_for_each_strike(upstox: Upstox) -> None:
    answer = ask_upstox(upstox)
    assert answer.headers["X-Simulated"] == "true"
    rows = answer.json()["data"]
    assert answer.json()["status"] == "success"
    assert {row["expiry"] for row in rows} == {EXPIRY}
    assert {row["underlying_key"] for row in rows} == {NIFTY_KEY}
    sides = [row[name] for row in rows for name in ("call_options", "put_options") if name in row]
    assert len(sides) > 100
    assert {side["market_data"]["oi"] % 65 for side in sides} == {0}
    assert {*sides[0]["market_data"]} == {
        *("ltp", "close_price", "volume", "oi", "prev_oi"),
        *("bid_price", "bid_qty", "ask_price", "ask_qty"),
    }
    assert {*sides[0]["option_greeks"]} == {"vega", "theta", "gamma", "delta", "iv", "pop"}
    assert "timestamp" not in answer.text


def test_upstox_lists_contracts_with_their_lots(upstox: Upstox) -> None:
    rows = ask_upstox(upstox, CONTRACTS, instrument_key=NIFTY_KEY).json()["data"]
    expiries = sorted({row["expiry"] for row in rows})
    assert [day.isoformat() for day in upstox.market.expiries("NIFTY")] == expiries
    assert {row["lot_size"] for row in rows if row["expiry"] == EXPIRY} == {65}
    one = ask_upstox(upstox, CONTRACTS, instrument_key=NIFTY_KEY, expiry_date=EXPIRY).json()
    assert {row["expiry"] for row in one["data"]} == {EXPIRY}


def test_upstox_quotes_a_contract_with_the_time_of_its_last_trade(upstox: Upstox) -> None:
    row = ask_upstox(upstox).json()["data"][50]["call_options"]
    quotes = ask_upstox(upstox, QUOTES, instrument_key=row["instrument_key"]).json()["data"]
    ((name, quote),) = quotes.items()
    assert re.fullmatch(r"NSE_FO:NIFTY26922\d{5}CE", name)
    assert quote["instrument_token"] == row["instrument_key"]
    assert quote["oi"] == row["market_data"]["oi"]
    assert quote["last_trade_time"] == "1789540200000"
    assert len(quote["depth"]["buy"]) == len(quote["depth"]["sell"]) == 5


def test_holidays_and_files_need_no_token(upstox: Upstox) -> None:
    holidays = get(upstox.url + HOLIDAYS).json()["data"]
    open_days = [
        row["date"]
        for row in holidays
        if "NFO" in {each["exchange"] for each in row["open_exchanges"]}
    ]
    assert open_days == ["2026-01-01"]
    assert {row["holiday_type"] for row in holidays} == {"TRADING_HOLIDAY"}
    one = get(f"{upstox.url}{HOLIDAYS}/2026-12-25").json()["data"]
    assert [row["description"] for row in one] == ["Christmas"]
    file = get(upstox.url + INSTRUMENTS_FILE)
    assert gzip.decompress(file.content).startswith(b"[{")
    assert get(upstox.url + MARKET_STATUS).status_code == 401
    assert ask_upstox(upstox, MARKET_STATUS, a="b").json()["data"]["status"] == "NORMAL_OPEN"


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        (CHAIN, {"expiry_date": EXPIRY}, 400, "UDAPI1009"),
        (CHAIN, {"instrument_key": "NSE_INDEX|Nifty", "expiry_date": EXPIRY}, 400, "UDAPI100011"),
        (CHAIN, {"instrument_key": NIFTY_KEY, "expiry_date": "soon"}, 400, "UDAPI1088"),
        (QUOTES, {"instrument_key": ",".join(["NSE_FO|1"] * 501)}, 400, "UDAPI100042"),
        ("/v2/option/chains", {}, 404, "UDAPI100060"),
    ],
)
def test_upstox_says_what_is_wrong_with_a_request(
    upstox: Upstox, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = ask_upstox(upstox, path, **query)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_an_expiry_that_is_not_listed_has_no_rows(upstox: Upstox) -> None:
    answer = ask_upstox(upstox, instrument_key=NIFTY_KEY, expiry_date="2026-09-23")
    assert answer.json() == {"status": "success", "data": []}


def test_upstox_has_several_windows_at_once() -> None:
    with Upstox(market(), windows=[(3, 60), (2, 0.001)]) as vendor:
        answers = [ask_upstox(vendor) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert code_of(answers[-1]) == "UDAPI10005"
        assert "Retry-After" not in answers[-1].headers
        assert ask_upstox(vendor, CONTRACTS, instrument_key=NIFTY_KEY).status_code == 200


# Dhan: what it answers.


def test_a_chain_of_dhan_has_a_key_for_each_strike(dhan: Dhan) -> None:
    body = ask_dhan(dhan).json()
    assert body["status"] == "success"
    assert {*body["data"]} == {"last_price", "oc"}
    sides = [side for row in body["data"]["oc"].values() for side in row.values()]
    assert all(re.fullmatch(r"\d+\.\d{6}", strike) for strike in body["data"]["oc"])
    assert {side["oi"] % 65 for side in sides} == {side["volume"] % 65 for side in sides} == {0}
    assert {*sides[0]} == {
        *("average_price", "greeks", "implied_volatility", "last_price", "oi", "security_id"),
        *("previous_close_price", "previous_oi", "previous_volume", "volume"),
        *("top_ask_price", "top_ask_quantity", "top_bid_price", "top_bid_quantity"),
    }


def test_dhan_lists_expiries_and_its_file_needs_no_token(dhan: Dhan) -> None:
    listed = ask_dhan(dhan, EXPIRIES, **NIFTY).json()["data"]
    assert listed == [day.isoformat() for day in dhan.market.expiries("NIFTY")]
    assert get(dhan.url + SCRIP_MASTER).text.startswith("EXCH_ID,")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (NIFTY | {"Expiry": "soon"}, 400, "812"),
        (NIFTY | {"Expiry": "2026-09-23"}, 400, "811"),
        ({"UnderlyingScrip": 14, "UnderlyingSeg": "IDX_I", "Expiry": EXPIRY}, 400, "813"),
        ({"UnderlyingScrip": "13", "UnderlyingSeg": "IDX_I", "Expiry": EXPIRY}, 400, "814"),
        # The id of an index in the exchange's list is not that of the chain call.
        ({"UnderlyingScrip": 26000, "UnderlyingSeg": "IDX_I", "Expiry": EXPIRY}, 400, "813"),
        # 25 is BANKNIFTY among the indices, and no share of this market.
        ({"UnderlyingScrip": 25, "UnderlyingSeg": "NSE_EQ", "Expiry": EXPIRY}, 400, "813"),
    ],
)
def test_dhan_says_what_is_wrong_with_a_request(
    dhan: Dhan, body: dict[str, Any], status: int, code: str
) -> None:
    answer = ask_dhan(dhan, **body)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_dhan_refuses_a_chain_twice_in_a_row_and_blanks_another_one() -> None:
    with Dhan(market(), windows=[(1, 60)]) as vendor:
        first, again = ask_dhan(vendor), ask_dhan(vendor)
        assert (again.status_code, code_of(again)) == (429, "805")
        other = ask_dhan(vendor, **NIFTY, Expiry="2026-09-29").json()["data"]
        assert first.json()["data"]["last_price"] > other["last_price"] == 0
        assert {side["oi"] for row in other["oc"].values() for side in row.values()} == {0}
        assert ask_dhan(vendor, EXPIRIES, **NIFTY).status_code == 200


def test_dhan_tells_about_a_token_renews_it_and_makes_one() -> None:
    with Dhan(market()) as vendor:
        headers = {"access-token": dhan_tokens.token(NOON)}
        profile = get(vendor.url + PROFILE, headers=headers, timeout=PATIENCE_SECONDS).json()
        assert (profile["dataPlan"], profile["tokenValidity"]) == ("Active", "17/09/2026 12:00")
        renewed = get(vendor.url + RENEW, headers=headers).json()
        assert ask_dhan(vendor, token=headers["access-token"]).status_code == 401
        assert ask_dhan(vendor, token=renewed["accessToken"]).status_code == 200
        code = dhan_tokens.one_time_code(NOON)
        login = {"dhanClientId": dhan_tokens.CLIENT_ID, "pin": dhan_tokens.PIN, "totp": code}
        made = post(vendor.url + GENERATE, params=login).json()
        assert ask_dhan(vendor, EXPIRIES, made["accessToken"], **NIFTY).status_code == 200
        assert ask_dhan(vendor, EXPIRIES, renewed["accessToken"], **NIFTY).status_code == 401


# Faults: the same for a client as at the real vendor.

UPSTOX_FAULTS: list[tuple[str, dict[str, Any], int, str]] = [
    ("unauthorised", {}, 401, '"error_code":"UDAPI100050"'),
    ("not_for_this_token", {}, 401, "UDAPI100067"),
    ("not_for_this_token", {"status": 403}, 403, "UDAPI100067"),
    ("static_ip", {}, 401, "UDAPI1221"),
    ("too_many", {}, 429, "UDAPI10005"),
    ("too_many_200", {}, 200, "UDAPI10005"),
    ("error_200", {}, 200, "UDAPI100500"),
    ("front_refused", {}, 403, "<html>.*1010"),
    ("front_rate_limit", {}, 429, "<html>.*1015"),
    ("maintenance", {}, 503, "maintenance"),
    ("locked", {}, 423, ""),
    ("server_error", {}, 500, "UDAPI100500"),
    ("null_data", {}, 200, '^{"status":"success","data":null}$'),
    ("empty_data", {}, 200, r'^{"status":"success","data":\[\]}$'),
    ("blank_chain", {}, 200, '"underlying_spot_price":0.0'),
    ("two_expiries", {}, 200, "2030-01-01"),
    ("odd_shares", {}, 200, ""),
    ("partial", {}, 200, '"status":"partial_success"'),
    ("html_200", {}, 200, "^<!DOCTYPE html>"),
    ("huge", {"size": 3_000_000}, 200, r'^\{"data":\[\] +\}$'),
]
DHAN_FAULTS: list[tuple[str, dict[str, Any], int, str]] = [
    ("unauthorised", {}, 401, '"errorCode":"DH-901"'),
    ("token_ended_200", {}, 200, '{"data":{"807":"[^"]+"},"status":"failed"}'),
    ("not_subscribed", {}, 401, '"806"'),
    ("not_subscribed_200", {}, 200, '"806"'),
    ("too_many", {}, 429, '"805"'),
    ("too_many_200", {}, 200, '"805"'),
    ("too_many_blank", {}, 429, "^$"),
    ("rate_limit", {}, 429, "DH-904"),
    ("invalid_request", {}, 400, '"814"'),
    ("bad_gateway", {}, 502, "<html>"),
    ("server_error", {}, 500, '"800"'),
    ("blank_chain", {}, 200, '"last_price":0.0'),
    ("empty_data", {}, 200, '"data":""'),
    ("no_strikes", {}, 200, '"oc":{}'),
    ("odd_shares", {}, 200, ""),
    ("html_200", {}, 200, "^<html>"),
    ("huge", {"size": 3_000_000}, 200, r'^\{"data":\[\] +\}$'),
]


@pytest.mark.parametrize(("kind", "details", "status", "text"), UPSTOX_FAULTS)
def test_a_fault_of_upstox_is_answered_once(
    upstox: Upstox, kind: str, details: dict[str, Any], status: int, text: str
) -> None:
    usual = ask_upstox(upstox).content
    upstox.faults.add(kind, times=1, **details)
    answer = ask_upstox(upstox)
    assert answer.status_code == status
    assert re.search(text, answer.text, re.DOTALL)
    assert answer.content != usual == ask_upstox(upstox).content


@pytest.mark.parametrize(("kind", "details", "status", "text"), DHAN_FAULTS)
def test_a_fault_of_dhan_is_answered_once(
    dhan: Dhan, kind: str, details: dict[str, Any], status: int, text: str
) -> None:
    usual = ask_dhan(dhan).content
    dhan.faults.add(kind, times=1, **details)
    answer = ask_dhan(dhan)
    assert answer.status_code == status
    assert re.search(text, answer.text, re.DOTALL)
    assert answer.content != usual == ask_dhan(dhan).content


def test_answers_of_vendors_break_on_their_way(upstox: Upstox, dhan: Dhan) -> None:
    for kind in ("truncated", "connection_reset", "undecodable"):
        upstox.faults.add(kind, times=1)
        dhan.faults.add(kind, times=1)
        errors = (CONNECTION_ERROR, requests.exceptions.RequestException)
        with pytest.raises(errors):
            ask_upstox(upstox)
        with pytest.raises(errors):
            ask_dhan(dhan)


@pytest.mark.parametrize(
    ("kinds", "tested"), [(UpstoxFaultKind, UPSTOX_FAULTS), (DhanFaultKind, DHAN_FAULTS)]
)
def test_every_fault_has_an_effect(kinds: type[StrEnum], tested: list[tuple[Any, ...]]) -> None:
    on_the_way = {"truncated", "connection_reset", "undecodable", "tarpit", "slow_drip"}
    elsewhere = {"no_lots"} & set(kinds)
    assert {kind for kind, *_ in tested} | on_the_way | elsewhere == set(kinds)


def test_contracts_of_upstox_may_come_without_a_lot(upstox: Upstox) -> None:
    upstox.faults.add("no_lots", times=1)
    rows = ask_upstox(upstox, CONTRACTS, instrument_key=NIFTY_KEY).json()["data"]
    assert not any("lot_size" in row for row in rows)


@pytest.mark.parametrize("name", ["upstox", "dhan"])
def test_a_vendor_is_started_from_the_command_line(name: str) -> None:
    command = [sys.executable, "-m", f"local.{name}_simulator", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert re.fullmatch(rf"SIMULATED {name} at http://127\.0\.0\.1:\d+\n", line, re.IGNORECASE)
        # Who is in a hurry asks again while it ends.
        for _ in range(20):
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
