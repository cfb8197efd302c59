"""The committed OpenAPI document is up to date, valid, and fit for a client generator."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

from jsonschema_rs import Draft202012Validator
from pymongo.database import Database
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from chain_api.openapi.references import references
from local.openapi.document import DOCUMENT, EXAMPLES
from local.openapi.example_session import record
from local.openapi.examples import examples
from optionchain.mongo.client import Document
from tests.conftest import ROOT
from tests.infrastructure.files import text_of
from tests.support.api import client
from tests.support.mongomock_database import memory_database, uses_mongomock

type Json = dict[str, Any]
# Where an example stands, the schema that it is one of, and its value.
type Example = tuple[str, Json, Any]

MEDIA_TYPES = {"application/json", "application/problem+json", "text/csv", "application/x-ndjson"}
WRITTEN: Json = json.loads(text_of(DOCUMENT))
MODELS: Json = WRITTEN["components"]["schemas"]
OPERATIONS: list[Json] = [
    operation
    for methods in WRITTEN["paths"].values()
    for method, operation in methods.items()
    if method in {"get", "post"}
]
COLD_START = """
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


@uses_mongomock
def test_committed_document_is_what_the_application_says() -> None:
    """After a change of routes or models: `make openapi`."""
    served = client(memory_database()).get("/openapi.json").json()
    assert served == WRITTEN
    assert list(served["paths"]) == list(WRITTEN["paths"])


def test_committed_examples_are_what_the_application_answers(database: Database[Document]) -> None:
    """After a change of answers or problems: `make openapi`."""
    record(database)
    assert examples(database) == json.loads(text_of(EXAMPLES))


def test_document_stays_out_of_what_is_deployed_and_examples_go_along() -> None:
    """The build copies the package alone; the function makes the document on request."""
    package = ROOT / "functions/api/chain_api"
    assert not DOCUMENT.is_relative_to(package)
    assert EXAMPLES.is_relative_to(package)
    assert "openapi.json" not in text_of("functions/api/Makefile")


def test_cold_start_imports_nothing_of_the_document() -> None:
    subprocess.run([sys.executable, "-c", COLD_START], check=True, timeout=60)


def resolved(part: Json) -> Json:
    """Return a part of the document, or what it refers to."""
    if "$ref" not in part:
        return part
    return reduce(getitem, part["$ref"].split("/")[1:], WRITTEN)


def all_examples(part: Any, place: str = "") -> Iterator[Example]:  # noqa: ANN401
    """Yield every example, with the schema that stands beside it or that holds it."""
    if isinstance(part, list):
        for each in part:
            yield from all_examples(each, place)
    elif isinstance(part, dict):
        match part:
            case {"examples": dict(named), "schema": schema}:
                yield from ((place, schema, each["value"]) for each in named.values())
            case {"examples": list(values)}:
                yield from ((place, part, value) for value in values)
            case {"example": value, "schema": schema}:
                yield place, schema, value
        for name in part.keys() - {"example", "examples"}:
            yield from all_examples(part[name], f"{place}/{name}")


def test_document_its_schemas_and_examples_are_valid() -> None:
    assert WRITTEN["openapi"].startswith("3.1.")
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(WRITTEN)] == []
    components = {"components": WRITTEN["components"]}
    for schema in MODELS.values():
        Draft202012Validator({**components, **schema})
    found = list(all_examples(WRITTEN))
    assert len(found) > 100
    for place, schema, value in found:
        validator = Draft202012Validator({**components, **schema}, validate_formats=True)
        assert [error.message for error in validator.iter_errors(value)] == [], place


def test_operation_ids_are_unique_and_names_in_every_language() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS]
    assert len({name.lower() for name in ids}) == len(ids)
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in ids)


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    assert set(references(WRITTEN)) == {
        f"#/components/{kind}/{name}"
        for kind, named in WRITTEN["components"].items()
        for name in named
        if kind != "securitySchemes"
    }


def test_every_object_is_a_model_with_a_name() -> None:
    """A client generator gives a model without a name a poor one."""
    for operation in OPERATIONS:
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in resolved(body).get("content", {}).values():
                schema = content["schema"]
                assert "$ref" in schema or schema["type"] == "string"
    for name, model in MODELS.items():
        for field, schema in model.get("properties", {}).items():
            kinds = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
            assert not any("properties" in kind for kind in kinds), f"{name}.{field}"


def test_parameters_are_unique_described_and_never_null() -> None:
    for operation in OPERATIONS:
        parameters = [resolved(part) for part in operation.get("parameters", [])]
        names = [(parameter["in"], parameter["name"]) for parameter in parameters]
        assert len(set(names)) == len(names)
        assert all(parameter["description"] for parameter in parameters)
        assert not any("null" in json.dumps(parameter["schema"]) for parameter in parameters)


def test_media_types_are_those_that_are_sent() -> None:
    for operation in OPERATIONS:
        for status, part in operation["responses"].items():
            answer = resolved(part)
            assert set(answer.get("content", {})) <= MEDIA_TYPES
            assert ("content" in answer) == (status != "304")
            assert "X-Request-Id" in answer["headers"] or status in {"403", "429", "504"}


def test_layouts_are_told_apart_by_name() -> None:
    chain = MODELS["AnyChain"]
    assert chain["discriminator"]["propertyName"] == "layout"
    mapping = chain["discriminator"]["mapping"]
    assert set(mapping) == set(MODELS["Layout"]["enum"])
    assert sorted(mapping.values()) == sorted(part["$ref"] for part in chain["oneOf"])
