"""Cursors are refused if they are damaged, of another list, or contradict the query."""

import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from starlette.testclient import TestClient

from chain_api.pagination.cursors import cursor_of
from tests.support.api import FILTER, client, problem
from tests.support.bodies import Json
from tests.support.minutes import FROM, LISTS, NIFTY, fill, page_of
from tests.support.mongomock_database import AnyDatabase

MM = NIFTY.replace("NIFTY", "M%26M")


@pytest.fixture
def api(database: AnyDatabase) -> TestClient:
    fill(database)
    return client(database)


def cursor(api: TestClient, address: str) -> str:
    link: str = page_of(api, f"{address}&limit=2")["next"]
    (text,) = parse_qs(urlsplit(link).query)["cursor"]
    return text


def refused(api: TestClient, path: str, field: str = "cursor", method: str = "GET") -> str:
    body = problem(api.request(method, path), 422, "invalid-request")
    assert body["field"] == field, path
    detail: str = body["detail"]
    return detail


def other_json(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_cursor_that_is_damaged_is_refused(api: TestClient) -> None:
    text = cursor(api, f"{NIFTY}/snapshots?{FROM}")
    assert api.get(f"{NIFTY}/snapshots?cursor={text}").status_code == 200
    other: tuple[Any, ...] = (None, [], {}, {"given": {}}, {"times": [1, 2, 3]})
    bad = [
        *("", "x", "null", "%00", "%FF", "\u00e9", "\U0001f600", "$ne"),
        *("../../etc/passwd", "=" * 9),
        *(text[:-1], text[1:], text + "A", text + "=", text[::-1], text * 2, text.swapcase()),
        *("A" * 60_000, "A" * 2_001, quote("=" * 1_999), *map(other_json, other)),
    ]
    for each in bad:
        refused(api, f"{NIFTY}/snapshots?cursor={each}")
        refused(api, f"{FILTER}?cursor={each}", method="POST")


def test_a_cursor_is_of_its_route_and_symbol_alone(api: TestClient) -> None:
    for address in LISTS:
        text, own = cursor(api, address), address.partition("?")[0]
        for below in ("/snapshots", "/history", "/changes", "/analytics/history"):
            for path in (NIFTY + below, MM + below):
                if path != own:
                    refused(api, f"{path}?cursor={text}")
        refused(api, f"{FILTER}?cursor={text}", method="POST")


@pytest.mark.parametrize(
    ("address", "same", "field", "other"),
    [
        (LISTS[1], "expiry=all", "expiry", "nearest"),
        (LISTS[1], FROM, "from", "2026-06-19T15:00:01"),
        (LISTS[1], "format=json", "to", "15:02"),
        (LISTS[3], "strike_min=24000.0", "strike_min", "23950"),
        (LISTS[3], "strike_min=24000", "option_type", "CE"),
        (LISTS[5], "columns=last_price,identifier,fetched_at", "columns", "last_price"),
        (LISTS[7], "interval=15s", "interval", "1m"),
        (LISTS[9], "option_type=PE&min_volume=1", "min_volume", "2"),
        (LISTS[10], "metric=underlying_value,pcr_oi", "metric", "max_pain"),
        (LISTS[11], "interval=15s", "interval", "30s"),
    ],
)
def test_beside_a_cursor_a_parameter_must_be_what_it_carries(
    address: str, same: str, field: str, other: str, api: TestClient
) -> None:
    path = f"{address.partition('?')[0]}?cursor={cursor(api, address)}"
    expected = page_of(api, path)["records"]
    assert page_of(api, f"{path}&{same}&limit=2")["records"] == expected[:2]
    detail = refused(api, f"{path}&{field}={other}", field)
    assert "must be as it was where the cursor comes from" in detail


def test_a_cursor_of_what_is_gone_answers_the_rest(api: TestClient, database: AnyDatabase) -> None:
    cursors = {address: cursor(api, address) for address in LISTS}
    filtered = api.post(FILTER, json={"symbol": "NIFTY", "limit": 2}).json()
    database["option_chain"].delete_many({})
    for address, text in cursors.items():
        response = api.get(f"{address.partition('?')[0]}?cursor={text}")
        # 503: a header without its contracts is not served.
        assert response.status_code in (200, 404, 422, 503), response.text
    database["snapshots"].delete_many({})
    for address, text in cursors.items():
        response = api.get(f"{address.partition('?')[0]}?cursor={text}")
        assert response.status_code == 404, response.text
    assert api.post(f"/option-chain/{filtered['next']}").status_code == 404


GIVEN = {"given": {}, "expiry": "23-Jun-2026", "times": [1, 2, 3], "position": [0, 1]}


@pytest.mark.parametrize(
    "changed",
    [
        {"given": None},
        {"given": {"limit": "0"}},
        {"given": {"strike_min": "x"}},
        {"expiry": "30-Feb-2026"},
        {"times": [1, 2]},
        {"times": [1, 2, 10**18]},
        {"times": [-1, 2, 3]},
        {"position": None},
        {"position": []},
        {"position": ["x", {}]},
        {"position": [-1, 2**62]},
        {"position": [1, 2, 3, 4]},
    ],
)
def test_a_cursor_with_a_right_checksum_is_validated(api: TestClient, changed: Json) -> None:
    for resource in ("snapshots", "history", "changes", "analytics/history"):
        given = GIVEN | {"position": [0]} if resource.startswith("analytics") else GIVEN
        text = cursor_of(f"{resource} NIFTY", given | changed)
        refused(api, f"{NIFTY}/{resource}?cursor={text}")
    text = cursor_of("filter", GIVEN | changed)
    refused(api, f"{FILTER}?cursor={text}", method="POST")
