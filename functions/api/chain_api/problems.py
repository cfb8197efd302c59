"""Problems as a client sees them: RFC 9457 problem+json, worded in this one place."""

from collections.abc import Mapping, Sequence
from typing import Any

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:nse-option-chain:problem:"
_TITLES = {
    "unknown-symbol": "Unknown symbol",
    "unknown-expiry": "Unknown expiry",
    "invalid-request": "A value of the request is not allowed",
    "forbidden": "Not allowed to this caller",
    "not-found": "No such resource",
    "method-not-allowed": "The resource does not allow this method",
    "database-unavailable": "The database is away",
    "schedule-unavailable": "The schedule cannot be switched",
    "http-error": "The request cannot be answered",
    "internal-error": "An unforeseen error",
}
_WHEN = {
    403: "not allowed to this caller",
    404: "unknown symbol or expiry",
    422: "a value is not allowed; `errors` names each field",
    502: "the schedule in AWS cannot be switched",
    503: "the database is away; Retry-After says when to try again",
}


class Problem(Exception):
    """An answer other than the one asked for; `slug` ends the problem's type URI."""

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
    """Return the 404 of a symbol without a snapshot, with those that have one."""
    detail = f"No snapshot of {symbol} has been recorded."
    return Problem(404, "unknown-symbol", detail, field="symbol", known_symbols=list(known))


def unknown_expiry(field: str, symbol: str, expiry: str, known: Sequence[str]) -> Problem:
    """Return the 404 of an expiry without a snapshot, with those that have one."""
    detail = f"No snapshot of {symbol} with expiry {expiry} has been recorded."
    return Problem(404, "unknown-expiry", detail, field=field, known_expiries=list(known))


def forbidden(detail: str) -> Problem:
    """Return the 403 of a caller without authority."""
    return Problem(403, "forbidden", detail)


def schedule_unavailable(name: str, code: str) -> Problem:
    """Return the 502 of a schedule that AWS did not switch; `code` is AWS's word for why."""
    detail = f"The schedule {name} was not switched: {code}."
    return Problem(502, "schedule-unavailable", detail, code=code)


def invalid(field: str, value: object, allowed: str) -> Problem:
    """Return the 422 of one field."""
    return invalid_fields([{"field": field, "message": allowed, "value": value}])


def invalid_fields(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the 422 of several fields: `{field, message, value}` each."""
    detail = "; ".join(f"{error['field']}: {error['message']}" for error in errors)
    field = errors[0]["field"]
    return Problem(422, "invalid-request", detail, field=field, errors=list(errors))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's OpenAPI document says of these problems."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {status: {"description": _WHEN[status], "content": content} for status in statuses}
