"""What a request names is read in any case, and answered as if it were written canonically."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from local.mongod import Mongod
from local.openapi.document import document
from local.openapi.example_session import NOW, SYMBOLS, record
from optionchain.settings import Settings
from tests.support.api import CHAIN, FILTER, client, read
from tests.support.bodies import Json
from tests.support.commands import watched

# Beside the words of enumerations: the parameters that are no enumeration, with what they need.
NAMED: tuple[tuple[str, Json, str, tuple[str, ...]], ...] = (
    (CHAIN, {}, "option_type", ("CE", "ce", "Call", "calls", " ce ")),
    (CHAIN, {}, "option_type", ("PE", "pE", "PUT", "puts")),
    (CHAIN, {}, "expiry", ("nearest", "Nearest", "NEAREST")),
    (CHAIN, {}, "expiry", ("30-Jun-2026", "30jun2026", "30-JUNE-2026", "2026-6-30", "30 Jun 2026")),
    (CHAIN, {}, "as_of", ("2026-06-18T15:25:00", "18-Jun-2026T15:25", "2026-6-18 15:25")),
    (CHAIN, {}, "as_of", ("-90m", "-90M")),
    (CHAIN, {"greeks": "true"}, "columns", ("iv,last_price", "IV, Last_Price")),
    (CHAIN, {}, "greeks", ("true", "TRUE", "True")),
    (f"{CHAIN}/history", {"strike": 24350}, "interval", ("15m", "15M", " 15m")),
    (f"{CHAIN}/history", {"strike": 24350}, "interval", ("1d", "1D")),
    (f"{CHAIN}/history", {}, "identifier", (
        "NIFTY_CE_24350_23-Jun-2026", "nifty_ce_24350.00_23jun2026", "Nifty_Ce_24350_23-JUN-2026",
    )),
    (f"{CHAIN}/analytics/history", {}, "metric", ("pcr_oi,max_pain", "PCR_OI,Max_Pain")),
    (f"{CHAIN}/analytics/history", {}, "interval", ("1h", "1H")),
    (f"{CHAIN}/changes", {}, "from", ("previous_close", "Previous_Close")),
    (f"{CHAIN}/changes", {"from": "10:00"}, "sort", ("-last_price_to", "-LAST_PRICE_TO")),
    (f"{CHAIN}/gaps", {}, "date", ("18-Jun-2026", "18jun2026", "2026-6-18")),
    ("/screener", {}, "sort", ("-pcr_oi", "-PCR_OI")),
    ("/screener", {}, "columns", ("symbol,pcr_oi", "SYMBOL,PCR_OI")),
    ("/screener", {}, "tier", ("BASE", "base")),
    ("/screener", {}, "symbols", ("NIFTY,M&M", "nifty, m&m")),
    ("/symbols", {}, "columns", ("symbol,tier", "Symbol,Tier")),
    ("/symbols", {}, "tier", ("BASE", "Base")),
)  # fmt: skip


@pytest.fixture(scope="module")
def api(mongod: Mongod) -> Iterator[TestClient]:
    with watched(mongod, "any_case") as (database, _):
        record(database)
        yield client(database, NOW, Settings(nse_symbols=SYMBOLS))


def enumerations() -> Iterator[tuple[str, str, list[str]]]:
    """Yield each parameter of a GET that is one of some words: path, name, words."""
    found: Json = document()
    models = found["components"]["schemas"]
    for path, methods in found["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", []):
            schema = parameter.get("schema", {})
            if "$ref" in schema:
                schema = models[schema["$ref"].rpartition("/")[2]]
            if "enum" in schema:
                yield path.replace("{symbol}", "NIFTY"), parameter["name"], schema["enum"]


ENUMERATIONS = list(enumerations())
NEEDED: dict[str, Json] = {"history": {"strike": 24350}, "changes": {"from": "10:00"}}
WITH_GREEKS = {"greeks": "true"}


def without_request(response: Response) -> Any:  # noqa: ANN401  (headers and content)
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, headers, response.content


def same(api: TestClient, path: str, given: Json, name: str, texts: tuple[str, ...]) -> None:
    first, *others = (without_request(api.get(path, params=given | {name: text})) for text in texts)
    assert first[0] == 200, first
    assert all(other == first for other in others), (path, name, texts)


def test_there_are_enumerations() -> None:
    assert {name for _, name, _ in ENUMERATIONS} == {
        *("option_type", "format", "layout", "iv_source", "kind", "buildup", "sparkline"),
    }


@pytest.mark.parametrize(("path", "name", "words"), ENUMERATIONS)
def test_a_word_of_an_enumeration_is_read_in_any_case(
    path: str, name: str, words: list[str], api: TestClient
) -> None:
    if path == "/archive":
        pytest.skip("there is no archive here; its format is that of all lists")
    given = NEEDED.get(path.rpartition("/")[2], {}) if "analytics" not in path else {}
    given |= WITH_GREEKS if name == "iv_source" and "analytics" not in path else {}
    for word in words:
        same(api, path, given, name, (word, word.upper(), word.lower(), word.title(), f" {word} "))


@pytest.mark.parametrize(("path", "given", "name", "texts"), NAMED)
def test_a_text_is_read_in_any_case(
    path: str, given: Json, name: str, texts: tuple[str, ...], api: TestClient
) -> None:
    same(api, path, given, name, texts)


def test_a_filter_reads_its_words_in_any_case(api: TestClient) -> None:
    texts = [
        {"symbol": "NIFTY", "option_type": "CE", "expiry_date": "30-Jun-2026", "format": "json"},
        {"symbol": "nifty", "option_type": "calls", "expiry_date": "30jun2026", "format": "JSON"},
    ]
    bodies = [each | {"columns": ["last_price"], "limit": 2} for each in texts]
    bodies[1]["columns"] = ["LAST_PRICE"]
    first, second = (api.post(FILTER, json=body).json() for body in bodies)
    assert first == second
    same_side = {"symbol": "nifty", "option_type": "ce"}
    assert api.post(f"/option-chain/{first['next']}", json=same_side).status_code == 200


def test_a_cursor_takes_the_same_words_in_any_case(api: TestClient) -> None:
    first = read(api, f"{CHAIN}/history", strike=24350, option_type="CE", limit=1)
    again = read(api, f"{CHAIN}/history", strike=24350, option_type="call", limit=1)
    assert first["next"] == again["next"]
    assert read(api, f"{CHAIN}/{again['next']}&option_type=cE")["records"]
