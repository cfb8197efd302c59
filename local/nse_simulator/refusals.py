"""Answers instead of data: the refusals of the exchange."""

from collections.abc import Callable

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from local.nse_simulator.faults import Fault, FaultKind
from local.stand_in.broken_answers import JSON, undecodable


def unauthorised() -> Response:
    """Return 401, as for a request without a cookie."""
    return Response(b"{}", 401, media_type=JSON)


def not_found(status: int = 404) -> Response:
    """Return the answer of a dead endpoint; a live one gives it at times for a stale cookie."""
    return PlainTextResponse("Resource not found", status)


def access_denied(status: int = 403) -> Response:
    """Return the firewall's page."""
    return HTMLResponse(
        "<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>"
        "<p>You don't have permission to access this page.</p></body></html>",
        status,
    )


def rate_limited(status: int = 403) -> Response:
    """Return the rate limiter's page."""
    return HTMLResponse(
        "<center><h1>Access Restricted</h1><p>Your number of requests per second has exceeded "
        "what is allowed. Please come back after 10 minutes.</p></center>",
        status,
    )


def _retry(fault: Fault, status: int, text: str) -> Response:
    after = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return PlainTextResponse(text, fault.status or status, headers=after)


# The answer of each refusal, from its fault.
ANSWERS: dict[FaultKind, Callable[[Fault], Response]] = {
    FaultKind.UNAUTHORISED: lambda _: unauthorised(),
    FaultKind.NOT_FOUND_TEXT: lambda fault: not_found(fault.status or 404),
    FaultKind.EMPTY: lambda _: Response(b"{}", media_type=JSON),
    FaultKind.HTML_200: lambda _: HTMLResponse("<html><body>Please wait</body></html>"),
    FaultKind.UNDECODABLE: lambda _: undecodable(),
    FaultKind.ACCESS_DENIED: lambda fault: access_denied(fault.status or 403),
    FaultKind.RATE_LIMITED: lambda fault: rate_limited(fault.status or 403),
    FaultKind.HTTP_421: lambda _: PlainTextResponse("Misdirected Request", 421),
    FaultKind.TOO_MANY: lambda fault: _retry(fault, 429, "Too Many Requests"),
    FaultKind.SERVER_ERROR: lambda fault: _retry(fault, 503, "Service Unavailable"),
}
