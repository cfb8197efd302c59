"""A number that may have a fraction is never written without its point, wherever it is read."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from local.mongod import Mongod
from local.openapi.document import document
from tests.support.answer_types import number_names, whole_numbers
from tests.support.api import FILTER
from tests.support.sealed_week import SealedWeek, sealed_week

DOCUMENT = document()
MODELS = DOCUMENT["components"]["schemas"]
CHAIN = "/option-chain/{symbol}"
ASKED = (
    *((CHAIN, query) for query in ("greeks=true&expiry=all", "layout=rows&greeks=true")),
    *((f"{CHAIN}/{below}", "") for below in ("strikes", "expiry-dates", "gaps?date=2026-06-18")),
    (f"{CHAIN}/snapshots", "from=2026-06-16&expiry=all"),
    (f"{CHAIN}/history", "strikes_around_atm=1&from=2026-06-16&greeks=true"),
    (f"{CHAIN}/history", "strikes_around_atm=1&from=2026-06-16&interval=1h&greeks=true"),
    (f"{CHAIN}/history", "strikes_around_atm=1&from=2026-06-15&interval=1d"),
    (f"{CHAIN}/changes", "from=previous_close"),
    (f"{CHAIN}/changes", "from=2026-06-19T09:15:05"),
    (f"{CHAIN}/disagreements", "from=2026-06-15"),
    (f"{CHAIN}/analytics", ""),
    (f"{CHAIN}/analytics/history", "from=2026-06-16"),
    (f"{CHAIN}/analytics/smile", ""),
    (f"{CHAIN}/analytics/open-interest", ""),
    *(("/screener", "sparkline=pcr_oi"), ("/symbols", ""), ("/stats", "")),
    *(("/pipeline/status", ""), ("/archive", "")),
)
NAMES = number_names(MODELS)


@pytest.fixture(scope="module")
def week(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedWeek]:
    with sealed_week(mongod, tmp_path_factory.mktemp("archive")) as found:
        yield found


@pytest.fixture(scope="module", params=[3_650, 1], ids=["database", "archive"])
def api(week: SealedWeek, request: pytest.FixtureRequest) -> TestClient:
    """The API over days of the database, and over the same days in the archive."""
    return week.api(request.param)


@pytest.mark.parametrize(("path", "query"), ASKED)
@pytest.mark.parametrize("symbol", ["NIFTY", "M%26M"])
def test_json_has_the_types_of_the_document(
    symbol: str, path: str, query: str, api: TestClient
) -> None:
    route, _, more = path.partition("?")
    answers = DOCUMENT["paths"][route]["get"]["responses"]
    response = api.get(f"{route.replace('{symbol}', symbol)}?{more or query}")
    assert response.status_code in (200, 503), response.text
    schema = answers["200"]["content"]["application/json"]["schema"]
    assert not set(whole_numbers(orjson.loads(response.content), schema, MODELS))


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize(("path", "query"), ASKED)
def test_tables_have_the_same_numbers(form: str, path: str, query: str, api: TestClient) -> None:
    parameters = DOCUMENT["paths"][path.partition("?")[0]]["get"].get("parameters", [])
    if "format" not in {each.get("name") for each in parameters}:
        pytest.skip("this route has no tables")
    query = query.replace("sparkline=pcr_oi", "")
    response = api.get(
        f"{path.replace('{symbol}', 'NIFTY')}?{query}&format={form}".replace("?&", "?")
    )
    assert response.status_code == 200, response.text
    for name, text in cells(response.text, form):
        if name.removeprefix("call_").removeprefix("put_") in NAMES and text:
            assert "." in text or "e" in text, (name, text)


def cells(text: str, form: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the written value of each cell."""
    if form == "csv":
        for row in csv.DictReader(StringIO(text)):
            yield from row.items()
    else:
        for line in text.splitlines():
            record: dict[str, Any] = orjson.loads(line)
            for name, value in record.items():
                yield name, "" if value is None else repr(value)


def test_a_filter_has_the_types_of_the_document(api: TestClient) -> None:
    answer = DOCUMENT["paths"][FILTER]["post"]["responses"]["200"]
    body = {"symbol": "NIFTY", "as_of": "2026-06-17T15:20"}
    found = api.post(FILTER, json=body)
    assert found.json()["records"]
    schema = answer["content"]["application/json"]["schema"]
    assert not set(whole_numbers(orjson.loads(found.content), schema, MODELS))


def test_a_whole_number_is_found() -> None:
    """The check itself: it finds what it is to find, and leaves counts alone."""
    schema = {"$ref": "#/components/schemas/Contract"}
    leg = {"strike_price": 24350, "bid_qty": 75, "last_price": None, "open_interest": 70276.0}
    assert list(whole_numbers([leg], {"items": schema}, MODELS)) == ["[].strike_price"]
    assert {"strike_price", "open_interest", "iv"} <= NAMES
    assert NAMES.isdisjoint({"bid_qty", "count", "total_calls", "lot_size"})
