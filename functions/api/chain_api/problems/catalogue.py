"""Problems as clients see them: RFC 9457 problem+json. All their words are in this file."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from optionchain.exchange_time import ist_text

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:nse-option-chain:problem:"
_TITLES = {
    "unknown-symbol": "Unknown symbol",
    "unknown-expiry": "Unknown expiry",
    "unknown-contract": "Unknown contract",
    "nothing-yet": "Nothing was recorded by then",
    "no-previous-close": "Nothing was recorded on the trading day before",
    "no-archive": "There is no archive",
    "invalid-request": "A value of the request is not allowed",
    "answer-too-large": "The answer is too large to be sent",
    "forbidden": "Not allowed to this caller",
    "cross-origin-refused": "A page of this site may not send this request",
    "invalid-api-key": "The API key is missing or not known",
    "not-found": "No such resource",
    "method-not-allowed": "The resource does not allow this method",
    "body-too-large": "The body of the request is too large",
    "too-many-requests": "Too many requests at once",
    "quota-exceeded": "The quota of the API key is used up",
    "database-unavailable": "The database is away",
    "database-refuses": "The database refuses this right",
    "snapshot-incomplete": "A stored snapshot is not complete",
    "archive-unavailable": "The archive is away",
    "archive-damaged": "The archive is damaged",
    "schedule-unavailable": "The schedule cannot be switched",
    "http-error": "The request cannot be answered",
    "internal-error": "An unforeseen error",
    "timeout": "The answer took too long",
}
_WHEN = {
    403: "not allowed to this caller",
    404: "unknown symbol, expiry or contract, or nothing was recorded by then, or there is no "
    "archive",
    413: "the body of the request, or the answer, is too large",
    422: "a value is not allowed; `errors` names each field",
    429: "too many requests, or a quota is used up; Retry-After says when to try again",
    502: "the schedule in AWS cannot be switched",
    503: "the database is away or refuses, a stored snapshot is not complete, or the archive is "
    "away or damaged; Retry-After says when to try again",
}


class Problem(Exception):
    """An error that is answered to the client; `slug` is the end of its type URI."""

    def __init__(self, status: int, slug: str, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.extra = extra

    def body(self, instance: str) -> dict[str, object]:
        """Return the members of the problem at this path."""
        return {
            "type": _TYPE + self.slug,
            "title": _TITLES[self.slug],
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.extra,
        }


def unknown_symbol(symbol: str, known: Sequence[str]) -> Problem:
    """Return the 404 of a symbol without a snapshot; it lists the symbols that have one."""
    detail = f"No snapshot of {symbol} has been recorded."
    return Problem(404, "unknown-symbol", detail, field="symbol", known_symbols=list(known))


def unknown_expiry(field: str, symbol: str, expiry: str, known: Sequence[str]) -> Problem:
    """Return the 404 of an expiry without a snapshot; it lists the expiries that have one."""
    detail = f"No snapshot of {symbol} with expiry {expiry} has been recorded."
    return Problem(404, "unknown-expiry", detail, field=field, known_expiries=list(known))


def unknown_contract(field: str, value: object, symbol: str, known: Sequence[float]) -> Problem:
    """Return the 404 of a contract without a document; it lists the strikes of the expiry."""
    detail = f"No contract of {symbol} with {field} {value} has been recorded."
    return Problem(404, "unknown-contract", detail, field=field, known_strikes=list(known))


def nothing_yet(field: str, symbol: str, expiry: str | None, first: datetime) -> Problem:
    """Return the 404 of a moment before the first snapshot of a symbol, or of one expiry."""
    what = f"{symbol} with expiry {expiry}" if expiry else symbol
    detail = f"Nothing of {what} was recorded by then; the first snapshot is of {ist_text(first)}."
    text = f"{first:%Y-%m-%dT%H:%M:%SZ}"
    return Problem(404, "nothing-yet", detail, field=field, first_snapshot=text)


def no_previous_close(symbol: str, expiry: str, day: date) -> Problem:
    """Return the 404 of a trading day of which there is no chain of an expiry."""
    detail = f"No chain of {symbol} with expiry {expiry} was recorded on {day}, the day before."
    return Problem(404, "no-previous-close", detail, field="from", date=day.isoformat())


def no_archive() -> Problem:
    """Return the 404 of a deployment that keeps no archive."""
    detail = "This service has no archive of sealed days: its setting ARCHIVE_URL names none."
    return Problem(404, "no-archive", detail)


def nothing_sealed(symbol: str, known: Sequence[str]) -> Problem:
    """Return the 404 of a symbol without a sealed day; it lists the symbols that have one."""
    detail = f"No day of {symbol} is sealed."
    return Problem(404, "unknown-symbol", detail, field="symbol", known_symbols=list(known))


def too_large(size: int, most: int, advice: str) -> Problem:
    """Return the 413 of an answer that Lambda could not send; `advice` says how to ask for less."""
    detail = f"The answer would take {size:,} bytes, and {most:,} can be sent. {advice}"
    return Problem(413, "answer-too-large", detail, bytes=size, allowed_bytes=most)


def forbidden(detail: str) -> Problem:
    """Return the 403 of a caller without authority."""
    return Problem(403, "forbidden", detail)


def cross_origin_refused(reasons: Sequence[str]) -> Problem:
    """Return the 400 of a preflight that is not granted; each reason is a clause in words."""
    detail = f"The page may not send this request: {'; '.join(reasons)}."
    return Problem(400, "cross-origin-refused", detail)


def body_too_large(most: int) -> Problem:
    """Return the 413 of a body of more than this many bytes."""
    detail = f"body: must have at most {most} bytes"
    return Problem(413, "body-too-large", detail, field="body", max_bytes=most)


def schedule_unavailable(names: Sequence[str], code: str) -> Problem:
    """Return the 502 of schedules that AWS did not switch; `code` is AWS's error code."""
    named = f"schedule {names[0]} was" if len(names) == 1 else f"schedules {', '.join(names)} were"
    return Problem(502, "schedule-unavailable", f"The {named} not switched: {code}.", code=code)


def half_switched(problem: Problem, enabled: bool | None) -> Problem:
    """Return a 502 that also says how the recorder's switch is; None if that is not known."""
    state = {True: "on", False: "off", None: "not known"}[enabled]
    detail = f"{problem.detail} The recorder's own switch is {state}. Try again."
    return Problem(problem.status, problem.slug, detail, **problem.extra, enabled=enabled)


def switch_unavailable(schedule: str | None) -> Problem:
    """Return the 503 of a switch that the database did not take; `schedule` is its state in AWS.

    Without a schedule nothing else was touched.
    """
    if schedule is None:
        detail = "It is not known whether the recorder is off. Its schedule was not touched."
        extra = {}
    else:
        detail = f"The schedule is {schedule}, but the recorder may still be off by its switch."
        extra = {"schedule": schedule}
    detail = f"The database did not answer in time. {detail} Try again."
    return Problem(503, "database-unavailable", detail, **extra)


def invalid(field: str, value: object, allowed: str) -> Problem:
    """Return the 422 of one field."""
    return invalid_fields([{"field": field, "message": allowed, "value": value}])


def invalid_fields(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the 422 of several fields: `{field, message, value}` each."""
    detail = "; ".join(f"{error['field']}: {error['message']}" for error in errors)
    field = errors[0]["field"]
    return Problem(422, "invalid-request", detail, field=field, errors=list(errors))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of these problems, for a route."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {status: {"description": _WHEN[status], "content": content} for status in statuses}
