"""Errors as a client sees them: RFC 9457 problem+json, made in this one place."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from optionchain.errors import StoreUnavailable

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:nse-option-chain:problem:"
# Atlas elects a new primary within about ten seconds; most faults are shorter.
_RETRY_SECONDS = 5
_TITLES = {
    "unknown-symbol": "Unknown symbol",
    "unknown-expiry": "Unknown expiry",
    "invalid-request": "A value of the request is not allowed",
    "not-found": "No such resource",
    "method-not-allowed": "The resource does not allow this method",
    "database-unavailable": "The database is away",
    "http-error": "The request cannot be answered",
    "internal-error": "An unforeseen error",
}


class Problem(Exception):
    """An answer other than the one asked for; `slug` ends the problem's type URI."""

    def __init__(self, status: int, slug: str, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.extra = extra


def unknown_symbol(symbol: str, known: Sequence[str]) -> Problem:
    """Return the 404 of a symbol without a snapshot, with those that have one."""
    detail = f"No snapshot of {symbol} has been recorded."
    return Problem(404, "unknown-symbol", detail, field="symbol", known_symbols=list(known))


def unknown_expiry(symbol: str, expiry: str, known: Sequence[str]) -> Problem:
    """Return the 404 of an expiry without a snapshot, with those that have one."""
    detail = f"No snapshot of {symbol} with expiry {expiry} has been recorded."
    return Problem(404, "unknown-expiry", detail, field="expiry", known_expiries=list(known))


def invalid(field: str, value: object, allowed: str) -> Problem:
    """Return the 422 of one field."""
    error = {"field": field, "message": allowed, "value": value}
    return Problem(422, "invalid-request", f"{field}: {allowed}", field=field, errors=[error])


def install(app: FastAPI) -> None:
    """Make every error of the application a problem+json."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(StoreUnavailable, _store)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def _respond(problem: Problem, request: Request, headers: dict[str, str]) -> Response:
    content = {
        "type": _TYPE + problem.slug,
        "title": _TITLES[problem.slug],
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        **problem.extra,
    }
    return Response(orjson.dumps(content), problem.status, headers, MEDIA_TYPE)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  (registered for this class alone)
    return _respond(error, request, {})


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [_field_error(row) for row in error.errors()]
    fields = ", ".join(dict.fromkeys(row["field"] for row in errors))
    detail = f"{fields}: {errors[0]['message']}"
    problem = Problem(422, "invalid-request", detail, field=errors[0]["field"], errors=errors)
    return _respond(problem, request, {})


def _field_error(row: dict[str, Any]) -> dict[str, Any]:
    # A location is ("query", "expiry") or ("body", "limit"); ("body", 17) is a byte of bad JSON.
    names = [str(part) for part in row["loc"][1:] if isinstance(part, str)]
    value = row.get("input")
    shown = value if isinstance(value, (str, int, float, bool, type(None))) else None
    if isinstance(shown, str):
        shown = shown[:100]
    return {"field": ".".join(names) or str(row["loc"][0]), "message": row["msg"], "value": shown}


def _store(request: Request, error: Exception) -> Response:  # noqa: ARG001
    # The driver's words may name hosts: they are logged, not shown.
    detail = "The database did not answer in time. What was recorded is kept; try again."
    problem = Problem(503, "database-unavailable", detail)
    return _respond(problem, request, {"Retry-After": str(_RETRY_SECONDS)})


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    slugs = {404: "not-found", 405: "method-not-allowed"}
    problem = Problem(error.status_code, slugs.get(error.status_code, "http-error"), error.detail)
    return _respond(problem, request, dict(error.headers or {}))


def _unforeseen(request: Request, error: Exception) -> Response:  # noqa: ARG001
    detail = "The service failed on this request; the error is in its log."
    return _respond(Problem(500, "internal-error", detail), request, {})
