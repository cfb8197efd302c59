"""Problems, as the document describes them: one component per status, one example per kind."""

from typing import Any, NamedTuple

from chain_api.openapi.examples import problem_example
from chain_api.openapi.headers import EVERYWHERE, headers_named
from chain_api.openapi.operations import is_data
from chain_api.problems.catalogue import MEDIA_TYPE
from chain_api.schemas import FieldError, ProblemDetails

_MODEL = {"$ref": "#/components/schemas/ProblemDetails"}
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
# Members beyond RFC 9457. A problem leaves out those that do not apply; they are never null.
_MEMBERS: dict[str, dict[str, Any]] = {
    "field": {"type": "string", "description": "the field at fault, the first of several"},
    "errors": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/FieldError"},
        "description": "every field at fault",
    },
    "known_symbols": _TEXTS | {"description": "symbols that are recorded"},
    "known_expiries": _TEXTS | {"description": "expiries that are recorded, by date"},
    "known_strikes": {
        "type": "array",
        "items": {"type": "number"},
        "description": "strikes of the expiry, in rupees or index points",
    },
    "first_snapshot": {
        "type": "string",
        "format": "date-time",
        "description": "the first moment with an answer, UTC",
    },
    "bytes": {"type": "integer", "description": "size of the answer"},
    "allowed_bytes": {"type": "integer", "description": "largest answer that can be sent"},
    "max_bytes": {"type": "integer", "description": "largest body of a request"},
    "code": {"type": "string", "description": "AWS's word for why"},
}


class _Kind(NamedTuple):
    status: int
    description: str
    slugs: tuple[str, ...]
    headers: tuple[str, ...] = EVERYWHERE


_KINDS = {
    "InvalidApiKey": _Kind(
        403,
        "the deployment asks for a key, and the request has none that it knows",
        ("invalid-api-key",),
        headers=(),
    ),
    "Forbidden": _Kind(403, "not allowed to this caller", ("forbidden",)),
    "NotFound": _Kind(
        404,
        "unknown symbol, expiry or contract, or nothing was recorded by then, or there is no "
        "archive",
        ("unknown-symbol", "unknown-expiry", "unknown-contract", "nothing-yet", "no-archive"),
    ),
    "TooLarge": _Kind(
        413,
        "the answer is larger than can be sent, or the body of the request",
        ("answer-too-large", "body-too-large"),
    ),
    "InvalidRequest": _Kind(
        422, "a value is not allowed; `errors` names each field", ("invalid-request",)
    ),
    "TooManyRequests": _Kind(
        429,
        "more requests than the deployment's usage plan lets through; Retry-After says when",
        ("too-many-requests", "quota-exceeded"),
        headers=("Retry-After",),
    ),
    "InternalError": _Kind(500, "an unforeseen error", ("internal-error",)),
    "ScheduleUnavailable": _Kind(
        502, "the schedule in AWS cannot be switched", ("schedule-unavailable",)
    ),
    "DatabaseUnavailable": _Kind(
        503,
        "the database is away or refuses, a stored snapshot is not complete, or the archive is "
        "away or damaged; Retry-After says when to try again",
        (
            "database-unavailable",
            "database-refuses",
            "snapshot-incomplete",
            "archive-unavailable",
            "archive-damaged",
        ),
        headers=(*EVERYWHERE, "Retry-After"),
    ),
    "Timeout": _Kind(504, "the answer took longer than 29 seconds", ("timeout",), headers=()),
}
_BY_STATUS = {str(kind.status): name for name, kind in _KINDS.items()}


def problem_models() -> dict[str, Any]:
    """Return the models of problems."""
    problem = ProblemDetails.model_json_schema()
    problem["properties"] |= _MEMBERS
    return {"ProblemDetails": problem, "FieldError": FieldError.model_json_schema()}


def problem_answers() -> dict[str, Any]:
    """Return the answers that operations refer to."""
    return {name: _answer(kind) for name, kind in _KINDS.items()}


def _answer(kind: _Kind) -> dict[str, Any]:
    examples = {slug: _example(slug) for slug in kind.slugs}
    return {
        "description": kind.description,
        "headers": headers_named(kind.headers),
        "content": {MEDIA_TYPE: {"schema": _MODEL, "examples": examples}},
    }


def _example(slug: str) -> dict[str, Any]:
    body = problem_example(slug)
    return {"summary": body["title"], "value": body}


def complete_problems(path: str, operation: dict[str, Any]) -> None:
    """Make an operation refer to its problems: those of its route, and those of API Gateway."""
    answers, by_status = operation["responses"], _BY_STATUS
    named = {code for code, answer in answers.items() if MEDIA_TYPE in answer.get("content", {})}
    more = {"500", "504"} if "503" in answers else {"500"}
    if is_data(path):
        more |= {"403", "429"}
        by_status = by_status | {"403": "InvalidApiKey"}
    for status in named | more:
        answers[status] = {"$ref": f"#/components/responses/{by_status[status]}"}
    if "content" in answers.get("503", {}):  # /health, whose 503 is not a problem
        answers["503"]["headers"] = headers_named((*EVERYWHERE, "Retry-After"))
    operation["responses"] = dict(sorted(answers.items()))
