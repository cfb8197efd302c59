"""The API as it is deployed: events, and HTTP through a local gateway, on Lambda's runtime."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from pymongo.database import Database

from local.lambda_emulator.artifact import API
from local.lambda_emulator.environment_pool import EnvironmentPool
from optionchain.exchange_time import expiry_text
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.artifact.conftest import Start
from tests.conftest import ROOT
from tests.support.gateway import event
from tests.support.snapshots import snapshot

type Ask = Callable[..., requests.Response]

CHAIN = "/option-chain/NIFTY"
CAP = 6_250_000
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20261122/local/execute-api/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0"
}
# /health is 503 after the event that stops the recording.
EXPECTED = {"api-unknown-symbol": {404}, "api-preflight": {200, 204}, "api-health": {200, 503}}
# Method, path of the OpenAPI document, query, and a member of the JSON answer that is known on any
# day at any time: what has expired has no volatility, and not each market has a flip level.
ROUTES = [
    ("GET", "/", "", "links"),
    ("GET", "/health", "", "status"),
    ("GET", "/stats", "", "total_records"),
    ("GET", "/symbols", "", "symbols"),
    ("GET", "/screener", "", "records"),
    ("GET", "/archive", "?limit=5", "links_reason"),
    ("GET", "/pipeline/status", "", "ticks"),
    ("GET", "/option-chain/{symbol}", "", "calls"),
    ("GET", "/option-chain/{symbol}/strikes", "", "strike_prices"),
    ("GET", "/option-chain/{symbol}/expiry-dates", "", "expiry_dates"),
    ("GET", "/option-chain/{symbol}/snapshots", "?limit=5", "records"),
    ("GET", "/option-chain/{symbol}/days", "", "total_days"),
    ("GET", "/option-chain/{symbol}/disagreements", "", "dated_by"),
    ("GET", "/option-chain/{symbol}/history", "?strikes_around_atm=1&limit=5", "records"),
    ("GET", "/option-chain/{symbol}/changes", "?from={first}", "records"),
    ("GET", "/option-chain/{symbol}/gaps", "", "coverage_percent"),
    ("GET", "/option-chain/{symbol}/analytics", "", "max_pain"),
    ("GET", "/option-chain/{symbol}/analytics/history", "?metric=pcr_oi&limit=5", "records"),
    ("GET", "/option-chain/{symbol}/analytics/smile", "", "call_iv"),
    ("GET", "/option-chain/{symbol}/analytics/open-interest", "", "put_open_interest"),
    ("GET", "/option-chain/{symbol}/analytics/gamma-exposure", "", "strike_prices"),
    ("GET", "/option-chain/{symbol}/analytics/term-structure", "", "records"),
    ("GET", "/option-chain/{symbol}/analytics/iv-rank", "", "iv_days"),
    ("GET", "/option-chain/{symbol}/analytics/surface", "", "records"),
    ("GET", "/option-chain/{symbol}/analytics/open-interest/history", "", "strike_prices"),
    ("POST", "/option-chain/filter", "", "records"),
    ("POST", "/pipeline/stop", "", "enabled"),
    ("POST", "/pipeline/start", "", "enabled"),
]


@pytest.fixture(scope="module")
def first(start: Start, recorded: Database[Document]) -> str:
    """The first tick of the nearest expiry, recorded by the built recorder in 25 seconds."""
    start("FetchFunction", timeout=40, NSE_FETCH_INTERVAL="1").invoke({})
    order = [("expiry", 1), ("fetched_at", 1)]
    found = recorded[SNAPSHOTS].find_one({"symbol": "NIFTY"}, sort=order)
    assert found is not None
    return f"{found['fetched_at']:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture(scope="module")
def ask(gateway: str, first: str) -> Ask:
    """Send requests to the stage over HTTP, after something was recorded."""

    def send(path: str, method: str = "GET", **options: Any) -> requests.Response:  # noqa: ANN401
        url = gateway + path.replace("{first}", first).replace("{symbol}", "NIFTY")
        return requests.request(method, url, timeout=40, proxies={"http": ""}, **options)

    return send


@pytest.fixture
def wide(recorded: Database[Document]) -> Callable[[int], str]:
    """Store a chain with so many strikes; return its path."""

    def store(strikes: int) -> str:
        prices = [100_000.0 + strike for strike in range(strikes)]
        tick = datetime.now(UTC).replace(microsecond=0)
        wide = snapshot(prices, symbol=f"WIDE{strikes}", tick=tick, stamp=tick)
        SnapshotWriter(recorded).commit(Commit(wide))
        return f"/option-chain/WIDE{strikes}?expiry={expiry_text(wide.expiry)}"

    return store


@pytest.mark.parametrize(("method", "path", "query", "member"), ROUTES)
def test_every_route_answers(ask: Ask, method: str, path: str, query: str, member: str) -> None:
    body = {"symbol": "NIFTY", "option_type": "CE", "limit": 3} if "filter" in path else None
    response = ask(path + query, method, json=body, headers=SIGNED)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.json()[member] not in (None, [], {})


def test_no_route_of_the_document_is_left_out() -> None:
    paths = json.loads((ROOT / "functions/api/openapi.json").read_text("utf-8"))["paths"]
    described = {(verb.upper(), path) for path, verbs in paths.items() for verb in verbs}
    assert {(method, path) for method, path, _, _ in ROUTES} >= described


def test_the_chain_is_what_the_recorder_stored(ask: Ask, recorded: Database[Document]) -> None:
    chain = ask(CHAIN).json()
    of = {"symbol": "NIFTY", "expiry_date": chain["expiry_date"]}
    header = recorded[SNAPSHOTS].find_one(of, sort=[("fetched_at", -1)])
    assert header is not None
    assert chain["timestamp"] == f"{header['fetched_at']:%Y-%m-%dT%H:%M:%SZ}"
    stored = recorded[CONTRACTS].count_documents(of | {"fetched_at": header["fetched_at"]})
    assert len(chain["calls"]) + len(chain["puts"]) == stored


def test_head_and_304_have_headers_and_no_body(ask: Ask) -> None:
    head = ask(CHAIN, "HEAD", headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 10_000
    tag = ask(CHAIN).headers["etag"]
    unchanged = ask(CHAIN, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == tag


def test_csv_is_text_with_a_line_a_contract(ask: Ask) -> None:
    response = ask(f"{CHAIN}?format=csv&columns=strike_price,type,last_price")
    heading, *rows = response.text.splitlines()
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert heading == "strike_price,type,last_price"
    assert len(rows) > 100


def test_the_gateway_compresses(ask: Ask) -> None:
    plain = ask(CHAIN, headers={"Accept-Encoding": "identity"})
    packed = ask(CHAIN, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json()["calls"] == plain.json()["calls"]


@pytest.mark.parametrize("name", ["docs", "dashboard"])
def test_a_page_finds_its_files_behind_the_stage(ask: Ask, name: str) -> None:
    page = ask(f"/{name}")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert ask("/openapi.json").json()["info"]["title"] == "NSE option chain"
    found = re.findall(r"""(?:src|href)=["']([^"'#]+)["']""", page.text)
    assets = [link for link in found if not link.startswith("data:")]
    assert len(assets) >= 2
    for asset in assets:
        url = urljoin(page.url, asset)
        assert url.startswith(page.url.removesuffix(name)), asset
        assert requests.get(url, timeout=40, proxies={"http": ""}).status_code == 200, asset


def test_greeks_are_computed_by_the_layer_s_library(ask: Ask) -> None:
    (leg,) = ask(f"{CHAIN}?greeks=true&strikes_around_atm=0&option_type=CE").json()["calls"]
    assert 0.2 < leg["delta"] < 0.8
    assert leg["vega"] > 0 > leg["theta"]


def test_an_answer_over_lambdas_cap_is_a_problem_and_no_error_of_the_runtime(
    ask: Ask, wide: Callable[[int], str], pool: EnvironmentPool
) -> None:
    response = ask(wide(8_000))
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:nse-option-chain:problem:answer-too-large"
    assert not any("ResponseSizeTooLarge" in each.log.text for each in pool.environments)


def test_an_answer_just_below_the_cap_passes_whole(ask: Ask, wide: Callable[[int], str]) -> None:
    """Lambda counts its envelope of the answer, in which each quotation mark is escaped."""
    plain = {"Accept-Encoding": "identity"}
    few, more = (len(json.dumps(ask(wide(n), headers=plain).text)) for n in (1_000, 2_000))
    most = 1_000 + int((CAP - 2_000 - few) / ((more - few) / 1_000))
    response = ask(wide(most), headers=plain)
    assert response.status_code == 200, response.text[:500]
    assert len(response.json()["calls"]) == most
    assert len(json.dumps(response.text)) > 0.99 * CAP


def test_a_problem_names_the_path_without_the_stage(ask: Ask) -> None:
    response = ask("/option-chain/NOSUCH")
    assert response.status_code == 404
    assert response.json()["instance"] == "/option-chain/NOSUCH"
    assert "NIFTY" in response.json()["known_symbols"]


@pytest.mark.parametrize("path", ["/symbols", "/pipeline/stop", "/pipeline/start"])
def test_the_gateway_refuses_what_is_unsigned_or_no_route(ask: Ask, path: str) -> None:
    response = ask(path, "POST")
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:nse-option-chain:problem:forbidden"


@pytest.fixture(scope="module")
def invoke(start: Start, first: str) -> Callable[[object], Any]:
    """Invoke one environment of the API function, after something was recorded."""
    assert first
    return start(API, CORS_ORIGINS="*").invoke


@pytest.mark.parametrize("name", sorted(file.stem for file in (ROOT / "events").glob("api-*")))
def test_every_event_is_answered_by_the_built_function(
    invoke: Callable[[object], Any], name: str
) -> None:
    answer = invoke(event(name))
    assert answer["statusCode"] in EXPECTED.get(name, {200})
    assert isinstance(answer["body"], str)
    assert answer["isBase64Encoded"] is False


def test_requests_at_once_have_an_environment_each(ask: Ask, pool: EnvironmentPool) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ask, [f"{CHAIN}/history?strikes_around_atm=5"] * 16))
    assert {answer.status_code for answer in answers} == {200}
    assert 1 < len(pool.environments) <= 4
    assert all(each.exit_code is None for each in pool.environments)


def test_a_database_away_is_a_503_within_the_time_out(start: Start) -> None:
    away = start(API, MONGODB_URI="mongodb://127.0.0.1:1/?replicaSet=rs0")
    answer = away.invoke(event("api-chain"))
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["type"].endswith("database-unavailable")
