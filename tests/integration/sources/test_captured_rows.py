"""Captured rows of Dhan, from the wire to the API, beside an independent reading of them."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from chain_fetch.dhan.source import open_source
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.integration.sources.adapter import TOKEN
from tests.support.api import client
from tests.support.dhan_bodies import encoded, expiry_list
from tests.support.ingesting import take_in
from tests.support.mongomock_database import AnyDatabase
from tests.support.nse_client import http_answer
from tests.support.patience import within
from tests.support.settings import changed
from tests.support.source_parts import FakeCredentials, Parts
from tests.support.vendor_server import Asked, vendor_server

CHAIN = "dhan_option_chain_NIFTY_2026-09-14.json"
MASTER = "dhan_scrip_master_detailed_2026-09-14.csv"
EXPIRY = date(2026, 9, 15)
TICK = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def body(vendor_sample: Callable[[str], bytes]) -> bytes:
    """The captured rows as a body; `_source` says where they were found."""
    found = orjson.loads(vendor_sample(CHAIN))
    del found["_source"]
    return encoded(found)


@pytest.fixture
def api(
    body: bytes,
    vendor_sample: Callable[[str], bytes],
    database: AnyDatabase,
    mongo_settings: Settings,
) -> TestClient:
    """The API after one tick in which Dhan has answered the captured rows and its own lots."""

    def answer(asked: Asked) -> bytes:
        if asked.path.endswith(".csv"):
            return http_answer(vendor_sample(MASTER))
        listed = encoded(expiry_list([EXPIRY]))
        return http_answer(body if asked.path == "/v2/optionchain" else listed)

    with vendor_server(answer) as server:
        names = ("dhan", "dhan-files", "dhan-login")
        settings = changed(mongo_settings, source_urls=dict.fromkeys(names, server.url))
        given = FakeCredentials({"access_token": TOKEN, "client_id": "1100000001"})
        parts = Parts(settings, lambda: TICK, given)
        with closing(open_source(parts.source_parts(database=database))) as source:
            terms = source.read_master(["NIFTY"], within())["NIFTY"]
            parts.lots.learn("dhan", "NIFTY", terms, TICK.date())
            (expiry,) = source.expiries("NIFTY", within())
            read = source.parse(source.chain("NIFTY", expiry, within()), "NIFTY", TICK)
    result = RequestResult(PlannedRequest("NIFTY", EXPIRY, required=True))
    take_in(Ingestion(SnapshotWriter(database), TickLedger(database), 5.5), read, result)
    assert result.outcome == "stored"
    return client(database, TICK + timedelta(seconds=2), mongo_settings)


def number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def expected_leg(sent: dict[str, Any]) -> dict[str, Decimal | None]:
    """What a person reads in a captured leg; the lot of that expiry was 65."""
    numbers = {name: Decimal(str(value)) for name, value in sent.items() if name != "greeks"}
    return {
        "open_interest": numbers["oi"] / 65,
        "change_in_oi": (numbers["oi"] - numbers["previous_oi"]) / 65,
        "total_traded_volume": numbers["volume"] / 65,
        "last_price": numbers["last_price"],
        "change": numbers["last_price"] - numbers["previous_close_price"],
        "bid_price": numbers["top_bid_price"],
        "bid_qty": numbers["top_bid_quantity"],
        "ask_price": numbers["top_ask_price"],
        "ask_qty": numbers["top_ask_quantity"],
        "implied_volatility": numbers["implied_volatility"] or None,
        "total_buy_qty": None,
        "total_sell_qty": None,
    }


def test_the_captured_rows_reach_the_api_number_by_number(
    api: TestClient, body: bytes, database: AnyDatabase
) -> None:
    sent = orjson.loads(body)["data"]
    answer: Any = api.get("/option-chain/NIFTY", params={"layout": "rows"}).json()
    assert answer["underlying_value"] == sent["last_price"]
    rows = {f"{row['strike_price']:.6f}": row for row in answer["rows"]}
    assert rows.keys() == sent["oc"].keys()
    compared = 0
    for strike, row in sent["oc"].items():
        for side, key in (("call", "ce"), ("put", "pe")):
            leg, expected = rows[strike][side], expected_leg(row[key])
            assert {name: number(leg[name]) for name in expected} == expected
            for name, change, before in (
                ("pchange", "change", row[key]["previous_close_price"]),
                ("pchange_in_oi", "change_in_oi", row[key]["previous_oi"] / 65),
            ):
                assert leg[name] == pytest.approx(float(expected[change] or 0) / before * 100)
            compared += len(expected)
    assert compared == 2 * 12 * len(sent["oc"]) > 0
    (header,) = database["snapshots"].find()
    assert (header["source"], header["exchange_timestamp"]) == ("dhan", None)
    assert header["derived"] == ["change_in_oi", "pchange_in_oi", "change", "pchange"]


def test_dhan_s_own_greeks_are_not_stored(api: TestClient, database: AnyDatabase) -> None:
    assert api
    for document in database["option_chain"].find():
        assert not {"delta", "gamma", "theta", "vega", "greeks"} & document.keys()
        assert document["source"] == "dhan"
