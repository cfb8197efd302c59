"""The committed OpenAPI document is up to date, valid, and fit for a client generator."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema_rs import Draft202012Validator
from pymongo.database import Database
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from chain_api.openapi.references import references
from local.openapi.document import DOCUMENT, EXAMPLES
from local.openapi.example_session import record
from local.openapi.examples import examples
from optionchain.mongo.client import Document
from tests.support.api import client
from tests.support.mongomock_database import memory_database, uses_mongomock

METHODS = {"get", "post"}
MEDIA_TYPES = {
    "application/json",
    "application/problem+json",
    "text/csv",
    "application/x-ndjson",
}


class Example(NamedTuple):
    """An example, where it stands, and the schema that it is one of."""

    place: str
    schema: dict[str, Any]
    value: Any


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    committed: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return committed


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        operation
        for methods in document["paths"].values()
        for method, operation in methods.items()
        if method in METHODS
    ]


# ── the application's own ────────────────────────────────────────────────────────────────────


@uses_mongomock
def test_committed_document_is_what_the_application_says(document: dict[str, Any]) -> None:
    """After a change of routes or models: `make openapi`."""
    served = client(memory_database()).get("/openapi.json").json()
    assert served == document
    assert list(served["paths"]) == list(document["paths"])


def test_committed_examples_are_what_the_application_answers(
    database: Database[Document],
) -> None:
    """After a change of answers or problems: `make openapi`."""
    record(database)
    assert examples(database) == json.loads(EXAMPLES.read_text(encoding="utf-8"))


def test_document_stays_out_of_what_is_deployed_and_examples_go_along(root: Path) -> None:
    """The build copies the package alone; the function makes the document on request."""
    package = root / "functions" / "api" / "chain_api"
    assert not DOCUMENT.is_relative_to(package)
    assert EXAMPLES.is_relative_to(package)
    assert "openapi.json" not in (package.parent / "Makefile").read_text(encoding="utf-8")


def test_nothing_of_the_document_is_read_before_it_is_asked_for() -> None:
    """A cold start does not need it."""
    script = """
import sys
from chain_api.app import create_app
from chain_api.dependencies import connect
from local.openapi.document import NO_DATABASE
from optionchain.settings import Settings

app = create_app(connect(Settings(mongodb_uri=NO_DATABASE)))
assert "chain_api.openapi" not in sys.modules
app.openapi()
assert "chain_api.openapi" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# ── valid ────────────────────────────────────────────────────────────────────────────────────


def test_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


def test_every_schema_is_a_valid_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator({"components": document["components"], **schema})


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the document, or what it refers to."""
    for name in part.get("$ref", "#").split("/")[1:]:
        document = document[name]
    return document if "$ref" in part else part


def all_examples(part: Any, place: str = "") -> Iterator[Example]:  # noqa: ANN401
    """Yield every example, with the schema that stands beside it or that holds it."""
    if isinstance(part, list):
        for each in part:
            yield from all_examples(each, place)
    elif isinstance(part, dict):
        match part:
            case {"examples": dict(named), "schema": schema}:
                yield from (Example(place, schema, each["value"]) for each in named.values())
            case {"examples": list(values)}:
                yield from (Example(place, part, value) for value in values)
            case {"example": value, "schema": schema}:
                yield Example(place, schema, value)
        for name in part.keys() - {"example", "examples"}:
            yield from all_examples(part[name], f"{place}/{name}")


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    found = list(all_examples(document))
    assert len(found) > 100
    for example in found:
        schema = {"components": document["components"], **example.schema}
        validator = Draft202012Validator(schema, validate_formats=True)
        errors = [error.message for error in validator.iter_errors(example.value)]
        assert errors == [], example.place


# ── fit for a client generator ───────────────────────────────────────────────────────────────


def test_operation_ids_are_unique_and_names_in_every_language(
    operations: list[dict[str, Any]],
) -> None:
    ids = [operation["operationId"] for operation in operations]
    assert len({name.lower() for name in ids}) == len(ids)
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in ids)


def test_every_reference_leads_somewhere_and_nothing_is_left_over(
    document: dict[str, Any],
) -> None:
    parts = document["components"]
    there = {
        f"#/components/{kind}/{name}"
        for kind, named in parts.items()
        if kind != "securitySchemes"
        for name in named
    }
    assert set(references(document)) == there


def test_every_object_is_a_model_with_a_name(
    document: dict[str, Any], operations: list[dict[str, Any]]
) -> None:
    """A client generator gives a model without a name a poor one."""
    for operation in operations:
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in resolved(document, body).get("content", {}).values():
                schema = content["schema"]
                assert "$ref" in schema or schema["type"] == "string"
    for name, model in document["components"]["schemas"].items():
        for field, schema in model.get("properties", {}).items():
            kinds = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
            assert not any("properties" in kind for kind in kinds), f"{name}.{field}"


def test_parameters_are_unique_described_and_never_null(
    document: dict[str, Any], operations: list[dict[str, Any]]
) -> None:
    for operation in operations:
        parameters = [resolved(document, part) for part in operation.get("parameters", [])]
        names = [(parameter["in"], parameter["name"]) for parameter in parameters]
        assert len(set(names)) == len(names)
        for parameter in parameters:
            assert parameter["description"]
            assert "null" not in json.dumps(parameter["schema"])


def test_media_types_are_those_that_are_sent(
    document: dict[str, Any], operations: list[dict[str, Any]]
) -> None:
    for operation in operations:
        for status, part in operation["responses"].items():
            answer = resolved(document, part)
            assert set(answer.get("content", {})) <= MEDIA_TYPES
            assert ("content" in answer) == (status != "304")
            assert "X-Request-Id" in answer["headers"] or status in {"403", "429", "504"}


def test_layouts_are_told_apart_by_name(document: dict[str, Any]) -> None:
    models = document["components"]["schemas"]
    chain = models["AnyChain"]
    assert chain["discriminator"]["propertyName"] == "layout"
    mapping = chain["discriminator"]["mapping"]
    assert set(mapping) == set(models["Layout"]["enum"])
    assert sorted(mapping.values()) == sorted(part["$ref"] for part in chain["oneOf"])
