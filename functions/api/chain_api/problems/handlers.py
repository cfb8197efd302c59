"""From every error in which a request can end to the problem that is answered."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import orjson
from aws_lambda_powertools import Logger
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from chain_api.problems.catalogue import MEDIA_TYPE, Problem, invalid, invalid_fields
from chain_api.problems.route_parameters import (
    fields_of,
    members_of,
    not_a_member,
    not_a_parameter,
    parameters_of,
)
from chain_api.problems.wording import NO_JSON, message_of
from optionchain.errors import (
    ArchiveDamaged,
    ArchiveUnavailable,
    SnapshotIncomplete,
    StoreRefused,
    StoreUnavailable,
)

# Atlas elects a new primary within about ten seconds; most faults are shorter.
_RETRY_SECONDS = 5
_UNAVAILABLE = 503
# How much of a bad request its answer repeats at most.
_MOST_ERRORS = 20
_LONGEST_TEXT = 100
_LARGEST_NUMBER = 2**53
# A HEAD is answered as its GET.
_ANSWERED_AS = {"GET": "GET", "HEAD": "GET", "POST": "POST", "PUT": "PUT", "DELETE": "DELETE"}


def install(app: FastAPI, log: Logger) -> None:
    """Make every error of the application a problem+json."""
    app.add_exception_handler(Problem, partial(_problem, log))
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(StoreUnavailable, partial(_away, log))
    app.add_exception_handler(ArchiveUnavailable, partial(_away, log))
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def problem_response(
    problem: Problem, request: Request, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem as the answer to a request."""
    content = orjson.dumps(problem.body(_path(request)))
    # The next tick may change the answer, for example to an unknown symbol.
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content, problem.status, headers, MEDIA_TYPE)


def _path(request: Request) -> str:
    return quote(request.scope["path"], safe="/&", errors="replace")


def _problem(log: Logger, request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  (registered for this class alone)
    if error.__cause__ is not None:  # the cause is for the operator, not for the client
        log.error(error.slug.replace("-", "_"), extra={"error": str(error.__cause__)})
    wait = {"Retry-After": str(_RETRY_SECONDS)} if error.status == _UNAVAILABLE else None
    return problem_response(error, request, wait)


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    rows = error.errors()[:_MOST_ERRORS]
    errors = [_field_error(row, request) for row in rows]
    return problem_response(invalid_fields(errors), request)


def _field_error(row: dict[str, Any], request: Request) -> dict[str, Any]:
    # A location is ("query", "expiry") or ("body", "limit"); ("body", 17) is a byte of bad JSON.
    part, *place = row["loc"]
    names = [_text(name) for name in place if isinstance(name, str)]
    if not names:
        at = f"; it is none from character {place[0] + 1} on" if place else ""
        return {"field": "body", "message": NO_JSON + at, "value": None}
    if row["type"] != "extra_forbidden":
        field = fields_of(request).get(names[0])
        examples = field.examples if field and field.examples else ()
        message = message_of(row["type"], row.get("ctx", {}), examples)
    elif part == "query":
        message = not_a_parameter(parameters_of(request)[0])
    else:
        message = not_a_member(list(members_of(request)))
    return {"field": ".".join(names), "message": message, "value": _shown(row.get("input"))}


def _shown(value: object) -> object:
    """Return a value of a request as JSON can hold it; None for an object or a list."""
    if isinstance(value, (int, float)) and abs(value) < _LARGEST_NUMBER:
        return value
    return _text(value) if isinstance(value, (str, int, float)) else None


def _text(value: object) -> str:
    return str(value)[:_LONGEST_TEXT].encode(errors="replace").decode()


def _away(log: Logger, request: Request, error: Exception) -> Response:
    # Registered for these classes alone.
    assert isinstance(error, (StoreUnavailable, ArchiveUnavailable))  # noqa: S101
    return storage_unavailable(log, request, error)


def storage_unavailable(
    log: Logger, request: Request, error: StoreUnavailable | ArchiveUnavailable
) -> Response:
    """Log why the database or the archive does not answer, and return the 503."""
    log_unavailable(log, error)
    match error:
        case ArchiveDamaged():
            slug = "archive-damaged"
            detail = f"The archive is damaged: {error}. Nothing of it is served."
        case ArchiveUnavailable():
            slug = "archive-unavailable"
            detail = "The archive did not answer in time. What is sealed is kept; try again."
        case StoreRefused():
            slug = "database-refuses"
            detail = "The database refuses this right to the service; the log names it."
        case SnapshotIncomplete():
            slug, detail = "snapshot-incomplete", f"{error}. Nothing of it is served."
        case _:
            slug = "database-unavailable"
            detail = "The database did not answer in time. What was recorded is kept; try again."
    problem = Problem(503, slug, detail)
    return problem_response(problem, request, {"Retry-After": str(_RETRY_SECONDS)})


def log_unavailable(log: Logger, error: Exception) -> None:
    """Log that the database or the archive is away.

    The message of the error may name hosts, buckets and folders, so only the log gets it.
    """
    match error:
        case ArchiveDamaged():
            event = "archive_damaged"
        case ArchiveUnavailable():
            event = "archive_unavailable"
        case _:
            event = "database_unavailable"
    log.error(event, extra={"error": str(error)})


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = dict(error.headers or {})
    match error.status_code:
        case 400:  # FastAPI's answer to a body that is not text
            problem = invalid("body", None, NO_JSON)
        case 404:
            problem = Problem(404, "not-found", f"Nothing is served at {_path(request)}.")
        case 405:
            headers = {"Allow": ", ".join(_allowed(request))}
            detail = (
                f"{request.method} is not allowed at {_path(request)}; allowed: {headers['Allow']}."
            )
            problem = Problem(405, "method-not-allowed", detail)
        case status:
            problem = Problem(status, "http-error", error.detail)
    return problem_response(problem, request, headers)


def _allowed(request: Request) -> list[str]:
    """Return the methods of all routes at a path. The router itself names only one route's."""
    return [
        method
        for method, answered in _ANSWERED_AS.items()
        if any(
            route.matches({**request.scope, "method": answered})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def _unforeseen(request: Request, error: Exception) -> Response:  # noqa: ARG001
    detail = "The service failed on this request; the error is in its log."
    return problem_response(Problem(500, "internal-error", detail), request)
