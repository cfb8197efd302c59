"""tz=IST writes every moment of an answer in the time of India, and changes nothing else."""

import csv
import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from optionchain.settings import Settings
from tests.support.api import CHAIN, FILTER, answered, client, database_with, problem, read
from tests.support.mongomock_database import uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock

UTC_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
IST_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+05:30")
PATHS = (
    *(CHAIN, f"{CHAIN}?layout=columns&greeks=true", f"{CHAIN}/expiry-dates", f"{CHAIN}/gaps"),
    *(f"{CHAIN}/snapshots", f"{CHAIN}/history?strike=24000", f"{CHAIN}/changes?from=15:02:22"),
    *(f"{CHAIN}/analytics", f"{CHAIN}/analytics/history", "/symbols", "/screener", "/health"),
    f"{CHAIN}/disagreements",
    f"{CHAIN}/days",
)


@pytest.fixture(scope="module")
def ticks_api() -> TestClient:
    """The API over a few ticks."""
    chains = [snapshot(tick=TICK - number * INTERVAL) for number in (2, 1, 0)]
    return client(database_with(*chains), settings=Settings(nse_symbols=("NIFTY",)))


def with_zone(path: str, zone: str = "IST") -> str:
    return f"{path}{'&' if '?' in path else '?'}tz={zone}"


def in_utc(text: str) -> str:
    """Return a text with its moments of India in UTC."""

    def utc(found: re.Match[str]) -> str:
        moment = datetime.fromisoformat(found[0]) - timedelta(hours=5, minutes=30)
        return moment.replace(tzinfo=None).isoformat() + "Z"

    return IST_MOMENT.sub(utc, text)


@pytest.mark.parametrize("path", PATHS)
def test_the_same_answer_in_the_time_of_india(path: str, ticks_api: TestClient) -> None:
    plain, told = ticks_api.get(path), ticks_api.get(with_zone(path, "ist"))
    assert plain.status_code == told.status_code
    assert UTC_MOMENT.search(plain.text)
    assert not UTC_MOMENT.search(told.text)
    assert in_utc(told.text) == plain.text
    assert ticks_api.get(with_zone(path, "UTC")).content == plain.content
    assert int(told.headers["content-length"]) == len(told.content)
    for name in ("x-timestamp", "x-last-seen-at"):
        assert in_utc(told.headers.get(name, "")) == plain.headers.get(name, "")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_tables_are_in_the_same_time(form: str, ticks_api: TestClient) -> None:
    text = answered(ticks_api, f"{CHAIN}/history", strike=24000, format=form, tz="IST").text
    rows: list[Any] = (
        list(csv.DictReader(StringIO(text)))
        if form == "csv"
        else [orjson.loads(line) for line in text.splitlines()]
    )
    assert {row["fetched_at"] for row in rows} == {
        f"2026-06-19T15:02:{second}+05:30" for second in (15, 20, 25)
    }


def test_pages_keep_the_time(ticks_api: TestClient) -> None:
    response = answered(ticks_api, f"{CHAIN}/history", strike=24000, limit=1, tz="IST")
    link = response.json()["next"]
    assert link.endswith("&tz=IST")
    assert response.headers["link"] == f'<{link}>; rel="next"'
    following = read(ticks_api, f"{CHAIN}/{link}")
    assert following["timestamp"] == "2026-06-19T15:02:25+05:30"
    found = ticks_api.post(f"{FILTER}?tz=IST", json={"symbol": "NIFTY", "limit": 1}).json()
    assert found["next"].endswith("&tz=IST")
    assert found["records"][0]["fetched_at"].endswith("+05:30")
    assert ticks_api.post(f"/option-chain/{found['next']}").status_code == 200
    table = read(ticks_api, "/screener", limit=1, tz="IST", sort="-pcr_oi")
    assert table["timestamp"].endswith("+05:30")


def test_each_time_has_a_tag_of_its_own(ticks_api: TestClient) -> None:
    """The cache that answers polls is between: each poll is asked twice."""
    tags = {zone: answered(ticks_api, CHAIN, tz=zone).headers["etag"] for zone in ("UTC", "IST")}
    assert len({*tags.values()}) == 2
    for zone, tag in tags.items():
        for other, known in tags.items():
            for _ in range(2):
                response = ticks_api.get(
                    CHAIN, params={"tz": zone}, headers={"if-none-match": known}
                )
                assert response.status_code == (304 if zone == other else 200)
                if zone == other:
                    assert response.headers["etag"] == tag


def test_a_compressed_answer_is_the_same(ticks_api: TestClient) -> None:
    plain = answered(ticks_api, CHAIN, tz="IST")
    packed = ticks_api.get(CHAIN, params={"tz": "IST"}, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    known = {"if-none-match": packed.headers["etag"], "accept-encoding": "gzip"}
    assert ticks_api.get(CHAIN, params={"tz": "IST"}, headers=known).status_code == 304


@pytest.mark.parametrize("zone", ["", "EST", "Asia/Kolkata", "+05:30"])
def test_no_other_time_is_allowed(zone: str, ticks_api: TestClient) -> None:
    body = problem(ticks_api.get(CHAIN, params={"tz": zone}), 422, "invalid-request")
    assert body["detail"] == "tz: must be UTC or IST, such as tz=IST"


def test_every_route_that_documents_the_parameter_takes_it(ticks_api: TestClient) -> None:
    paths = ticks_api.get("/openapi.json").json()["paths"]
    told = [
        path.format(symbol="NIFTY", strike="24000", option_type="CE")
        for path, operations in paths.items()
        if {"$ref": "#/components/parameters/TimeZone"}
        in operations.get("get", {}).get("parameters", ())
    ]
    assert len(told) > 15
    refused = {path: ticks_api.get(with_zone(path)).json().get("field") for path in told}
    assert "tz" not in refused.values()


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json"])
def test_what_answers_no_moments_has_no_time_zone(path: str, ticks_api: TestClient) -> None:
    body = problem(ticks_api.get(path, params={"tz": "IST"}), 422, "invalid-request")
    assert body["field"] == "tz"


def test_a_time_zone_is_named_once(ticks_api: TestClient) -> None:
    body = problem(ticks_api.get(f"{CHAIN}?tz=IST&tz=IST"), 422, "invalid-request")
    assert body["detail"] == "tz: must be given once"


def test_a_problem_says_the_time_sent_in_ist(ticks_api: TestClient) -> None:
    sent = "2030-06-19T04:45:05Z"
    body = problem(
        ticks_api.get(CHAIN, params={"as_of": sent, "tz": "IST"}), 422, "invalid-request"
    )
    assert body["errors"][0]["value"] == "2030-06-19 10:15:05 IST"


def test_an_answer_that_grows_too_large_is_refused(
    ticks_api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = answered(ticks_api, CHAIN).content
    as_sent = len(content) + content.count(b'"')  # Lambda's envelope escapes each quotation mark
    monkeypatch.setattr("chain_api.caching.http_cache.MOST_BYTES", as_sent)
    assert ticks_api.get(CHAIN).status_code == 200
    problem(ticks_api.get(CHAIN, params={"tz": "IST"}), 413, "answer-too-large")
