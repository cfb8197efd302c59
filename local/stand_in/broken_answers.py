"""Answers that break on their way: cut off, dripping, huge, never coming."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from local.stand_in.faults import AnyFault

JSON = "application/json"
TARPIT_SECONDS = 60.0
DRIP_SECONDS = 0.5
CHUNK = 256 * 1024
HEAD, TAIL = b'{"data":[]', b"}"


def undecodable() -> Response:
    """Return bytes that are not of their Content-Encoding."""
    broken = b"\x0b\x7f these bytes are no gzip"
    return Response(broken, media_type=JSON, headers={"Content-Encoding": "gzip"})


async def answer_broken(fault: AnyFault, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer as the fault says; return False if the ordinary answer has to follow."""
    if fault.kind == "truncated":
        await _truncate(send)
    elif fault.kind == "slow_drip":
        pause = DRIP_SECONDS if fault.seconds is None else fault.seconds
        await StreamingResponse(_drip(pause), media_type=JSON)(scope, receive, send)
    elif fault.kind == "huge":
        await _huge(Request(scope), fault.size)(scope, receive, send)
    elif fault.kind == "tarpit":
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
