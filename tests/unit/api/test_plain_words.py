"""No refusal has a word of the validation library: each says what is wrong and what is right."""

import json
from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from chain_api.problems.wording import message_of
from local.openapi.document import document
from tests.support.api import FILTER
from tests.support.bodies import Json
from tests.support.foreign_words import FOREIGN, templates, words_of_pydantic
from tests.support.mongomock_database import uses_mongomock

pytestmark = uses_mongomock

TEXTS = ["", " ", "x", "-1", "1.5", "1e99", "NaN", "null", "[]", "\x00", "\u212a", "9" * 300, "-,"]
VALUES = [
    "null",
    "-1",
    "1.5",
    "1e99",
    "NaN",
    '""',
    '"x"',
    "true",
    "[]",
    "[1]",
    "{}",
    '"' + "x" * 99 + '"',
]
NO_BODIES = [
    "",
    "{",
    "[]",
    "17",
    '"x"',
    "{}",
    "{'symbol': 1}",
    '{"symbol": "NIFTY",}',
    "\x00",
    "null",
]
# What an operation needs beside a parameter, and the parameters that stand instead of it.
NEEDED: dict[str, tuple[Json, set[str]]] = {
    "getHistory": (
        {"strike": "24000"},
        {"identifier", "strike", "strike_min", "strike_max", "strikes_around_atm"},
    ),
    "getChanges": ({"from": "10:00"}, {"from"}),
}


def operations() -> Iterator[tuple[str, Json]]:
    for path, methods in document()["paths"].items():
        if operation := methods.get("get"):
            yield path.replace("{symbol}", "NIFTY"), operation


OPERATIONS = list(operations())


def check(response: Response, field: str) -> None:
    """Check that a refusal names a field and speaks our words; other answers are no matter here."""
    if response.status_code != 422:
        assert response.status_code < 500, response.text
        return
    body = response.json()
    for error in body["errors"]:
        assert error["field"], body
        assert not FOREIGN.search(error["message"]), error
    assert field in {error["field"].partition(".")[0] for error in body["errors"]}, body
    assert body["detail"] == "; ".join(
        f"{each['field']}: {each['message']}" for each in body["errors"]
    )


def test_pydantic_still_tells_its_messages() -> None:
    assert {"Input should be a valid integer", "Field required"} <= set(words_of_pydantic())
    assert FOREIGN.search("Extra inputs are not permitted")


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[path for path, _ in OPERATIONS])
def test_every_parameter_is_refused_in_our_words(
    path: str, operation: Json, api: TestClient
) -> None:
    parameters = [each for each in operation.get("parameters", []) if each.get("in") == "query"]
    for parameter in parameters:
        name = parameter["name"]
        needed, instead = NEEDED.get(operation["operationId"], ({}, set()))
        given = {} if name in instead else needed
        for text in TEXTS:
            check(api.get(path, params=given | {name: text}), name)
    check(api.get(path, params={"nosuch": "1"}), "nosuch")


def test_every_member_of_a_body_is_refused_in_our_words(api: TestClient) -> None:
    (model,) = (
        each
        for name, each in document()["components"]["schemas"].items()
        if name == "FilterRequest"
    )
    for name in [*model["properties"], "nosuch"]:
        for value in VALUES:
            members = {"symbol": '"NIFTY"', name: value}
            content = ", ".join(f'"{key}": {text}' for key, text in members.items())
            check(sent(api, f"{{{content}}}"), name)


@pytest.mark.parametrize("content", NO_BODIES)
def test_what_is_no_body_is_refused_in_our_words(content: str, api: TestClient) -> None:
    response = sent(api, content)
    assert response.status_code == 422
    check(response, "symbol" if content == "{}" else "body")


def sent(api: TestClient, content: str) -> Response:
    return api.post(FILTER, content=content, headers={"content-type": "application/json"})


def test_a_body_that_is_no_json_is_told_where(api: TestClient) -> None:
    body = sent(api, json.dumps({"symbol": "NIFTY"})[:-1] + ",}").json()
    assert body["detail"].endswith("; it is none from character 19 on")


@pytest.mark.parametrize("path", ["/option-chain/A%20B", "/option-chain/%00/gaps"])
def test_a_path_is_refused_in_our_words(path: str, api: TestClient) -> None:
    check(api.get(path), "symbol")


@pytest.mark.parametrize("known", list(templates()), ids=lambda known: known["type"])
def test_no_kind_of_error_has_the_library_s_words(known: Json) -> None:
    """A kind that no parameter gives rise to today has a clause as well."""
    context = known.get("example_context") or {}
    message = message_of(known["type"], context, ["24000"])
    assert message
    assert not FOREIGN.search(message)
