"""Answers instead of data: the refusals of the exchange, and broken answers."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from local.nse_simulator.faults import Fault, FaultKind

JSON = "application/json"
TARPIT_SECONDS = 60.0
DRIP_SECONDS = 0.5
CHUNK = 256 * 1024
HEAD, TAIL = b'{"records":{"data":[]', b"}}"


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
    FaultKind.UNDECODABLE: lambda _: Response(
        b"\x0b\x7f these bytes are no gzip", media_type=JSON, headers={"Content-Encoding": "gzip"}
    ),
    FaultKind.ACCESS_DENIED: lambda fault: access_denied(fault.status or 403),
    FaultKind.RATE_LIMITED: lambda fault: rate_limited(fault.status or 403),
    FaultKind.HTTP_421: lambda _: PlainTextResponse("Misdirected Request", 421),
    FaultKind.TOO_MANY: lambda fault: _retry(fault, 429, "Too Many Requests"),
    FaultKind.SERVER_ERROR: lambda fault: _retry(fault, 503, "Service Unavailable"),
}


async def apply_fault(fault: Fault, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer as the fault says; return False if the ordinary answer has to follow."""
    if answer := ANSWERS.get(fault.kind):
        await answer(fault)(scope, receive, send)
    elif fault.kind is FaultKind.TRUNCATED:
        await _truncate(send)
    elif fault.kind is FaultKind.SLOW_DRIP:
        pause = DRIP_SECONDS if fault.seconds is None else fault.seconds
        await StreamingResponse(_drip(pause), media_type=JSON)(scope, receive, send)
    elif fault.kind is FaultKind.HUGE:
        await _huge(Request(scope), fault.size)(scope, receive, send)
    elif fault.kind is FaultKind.TARPIT:
        return await client_left_within(
            receive, TARPIT_SECONDS if fault.seconds is None else fault.seconds
        )
    else:
        return False
    return True


async def client_left_within(receive: Receive, seconds: float) -> bool:
    """Send nothing for so many seconds; return True as soon as the client disconnects."""

    async def disconnected() -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()

    with suppress(TimeoutError):
        await asyncio.wait_for(disconnected(), seconds)
        return True
    return False


async def _truncate(send: Send) -> None:
    headers = [(b"content-type", JSON.encode()), (b"content-length", b"4096")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    # `more_body` announces more that never comes, so the server cuts the connection.
    await send({"type": "http.response.body", "body": HEAD, "more_body": True})


async def _drip(pause: float) -> AsyncIterator[bytes]:
    for byte in HEAD:
        yield bytes([byte])
    while True:
        await asyncio.sleep(pause)
        yield b" "


def _huge(request: Request, size: int) -> Response:
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return StreamingResponse(_padded(size), media_type=JSON)
    # Small when compressed: a client has to limit the decompressed size.
    squeeze = zlib.compressobj(wbits=31)
    packed = b"".join(squeeze.compress(part) for part in _padding(size)) + squeeze.flush()
    return Response(packed, media_type=JSON, headers={"Content-Encoding": "gzip"})


async def _padded(size: int) -> AsyncIterator[bytes]:
    for part in _padding(size):
        yield part


def _padding(size: int) -> list[bytes]:
    blank = max(size - len(HEAD) - len(TAIL), 0)
    return [HEAD, *[b" " * CHUNK] * (blank // CHUNK), b" " * (blank % CHUNK), TAIL]
