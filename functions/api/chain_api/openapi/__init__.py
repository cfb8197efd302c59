"""Completes FastAPI's OpenAPI document with what routes and models do not say.

Imported when the document is asked for first, not when the application is made.
"""

from typing import Any

from chain_api.openapi.answers import complete_answers
from chain_api.openapi.headers import HEADERS
from chain_api.openapi.operations import (
    IF_NONE_MATCH,
    SECURITY_SCHEMES,
    TAGS,
    TIME_ZONE,
    complete_request,
    secure,
)
from chain_api.openapi.problem_answers import complete_problems, problem_answers, problem_models
from chain_api.openapi.references import drop_unused_models

type Document = dict[str, Any]


def completed(document: Document) -> Document:
    """Complete FastAPI's document in place, and return it."""
    document["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
    document["tags"] = TAGS
    components = document["components"]
    components["schemas"] |= problem_models()
    components |= {
        "responses": problem_answers(),
        "headers": HEADERS,
        "parameters": {"IfNoneMatch": IF_NONE_MATCH, "TimeZone": TIME_ZONE},
        "securitySchemes": SECURITY_SCHEMES,
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            complete_request(path, operation)
            complete_answers(path, operation, components["schemas"])
            secure(path, operation)
            complete_problems(path, operation)
    drop_unused_models(document)
    return document
