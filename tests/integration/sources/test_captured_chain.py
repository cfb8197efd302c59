"""A captured body of Upstox, from the wire to the API, beside an independent reading of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from optionchain.settings import SecretStr, Settings
from tests.integration.sources.adapter import TOKEN
from tests.support.api import client
from tests.support.bodies import Json
from tests.support.mongomock_database import AnyDatabase
from tests.support.nse_client import http_answer
from tests.support.recorder import recorder
from tests.support.scripted_nse import LockstepClock, Recorder
from tests.support.settings import changed
from tests.support.upstox_bodies import contracts, encoded
from tests.support.vendor_server import Asked, vendor_server

FILE = "upstox_option_chain_NIFTY_2024-06-27.full.json"
EXPIRY = date(2024, 6, 27)
TICK = datetime(2024, 6, 27, 8, 0, tzinfo=UTC)
ORDINARY = ("open_interest", "change_in_oi", "total_traded_volume", "last_price", "change")
BOOK = ("bid_price", "bid_qty", "ask_price", "ask_qty", "implied_volatility")


@pytest.fixture(scope="module")
def body(vendor_sample: Callable[[str], bytes]) -> bytes:
    return vendor_sample(FILE)


@pytest.fixture
def api(body: bytes, database: AnyDatabase, mongo_settings: Settings) -> TestClient:
    """The API after one tick in which the vendor has answered the captured body."""

    def answer(asked: Asked) -> bytes:
        if asked.path == "/v2/option/chain":
            return http_answer(body)
        if asked.path == "/v2/option/contract":
            return http_answer(encoded(contracts({EXPIRY: 25.0})))
        return http_answer(b"", "404 Not Found")

    clock = LockstepClock(TICK, database)
    with vendor_server(answer) as server:
        settings = changed(
            mongo_settings,
            source=("upstox",),
            source_urls={"upstox": server.url},
            source_tokens=SecretStr(f'{{"upstox": {{"access_token": "{TOKEN}"}}}}'),
            nse_symbols=("NIFTY",),
            nse_expiries=1,
            market_hours="always",
            log_level="ERROR",
        )
        with recorder(settings, clock) as deps:
            entry = Recorder(deps, clock, database).tick()
    assert (entry["outcome"], entry["source"], entry["legs"]) == ("stored", "upstox", 230)
    return client(database, TICK + timedelta(seconds=2), mongo_settings)


def number(value: object) -> Decimal:
    return Decimal(str(value))


def expected_leg(sent: Json) -> dict[str, Decimal | None]:
    """What a person reads in a leg of the captured body, with the lot of that day, 25."""
    data = {name: number(value) for name, value in sent["market_data"].items()}
    traded = data["volume"] and data["ltp"] and data["close_price"]
    return {
        "open_interest": data["oi"] / 25,
        "change_in_oi": (data["oi"] - data["prev_oi"]) / 25,
        "total_traded_volume": data["volume"] / 25,
        "last_price": data["ltp"] or None,
        "change": ((data["ltp"] - data["close_price"]) if traded else None) or None,
        "bid_price": data["bid_price"] or None,
        "bid_qty": data["bid_qty"] if data["bid_price"] else Decimal(),
        "ask_price": data["ask_price"] or None,
        "ask_qty": data["ask_qty"] if data["ask_price"] else Decimal(),
        "implied_volatility": number(sent["option_greeks"]["iv"]) or None,
    }


def test_the_captured_chain_reaches_the_api_number_by_number(api: TestClient, body: bytes) -> None:
    sent: Json = orjson.loads(body)
    answer: Any = api.get("/option-chain/NIFTY", params={"layout": "rows"}).json()
    rows = {row["strike_price"]: row for row in answer["rows"]}
    assert len(rows) == len(sent["data"]) == 115
    compared = 0
    for row in sent["data"]:
        for side, name in (("call", "call_options"), ("put", "put_options")):
            leg, expected = rows[row["strike_price"]][side], expected_leg(row[name])
            for field, value in expected.items():
                got = None if leg[field] is None else number(leg[field])
                assert got == value, (row["strike_price"], side, field)
                compared += 1
            assert leg["total_buy_qty"] is None
            assert leg["total_sell_qty"] is None
            before = number(row[name]["market_data"]["prev_oi"])
            change = expected["change_in_oi"]
            assert change is not None
            percent = change * 25 / before * 100 if before else None
            assert leg["pchange_in_oi"] == (percent and pytest.approx(float(percent)))
    assert compared == 115 * 2 * len(ORDINARY + BOOK)


def test_the_header_says_where_the_chain_is_from(api: TestClient, database: AnyDatabase) -> None:
    assert api
    (header,) = database["snapshots"].find()
    assert header["source"] == "upstox"
    assert header["derived"] == ["change_in_oi", "pchange_in_oi", "change", "pchange"]
    assert header["exchange_timestamp"] is None
    assert database["option_chain"].count_documents({"source": "upstox"}) == 230


def test_the_answer_says_what_the_chain_is_made_of(api: TestClient, body: bytes) -> None:
    spot = orjson.loads(body)["data"][0]["underlying_spot_price"]
    answer: Json = api.get("/option-chain/NIFTY").json()
    expected = {"underlying_value": spot, "exchange_timestamp": None, "lot_size": 25}
    assert {name: answer[name] for name in expected} == expected
