"""An answer of JSON in the encoding that the client accepts."""

import gzip

from starlette.requests import Request
from starlette.responses import Response

from local.stand_in.broken_answers import JSON


def json_response(request: Request, body: bytes, status: int = 200) -> Response:
    """Return encoded JSON as an answer, compressed if the client accepts it."""
    accepted = request.headers.get("accept-encoding", "")
    headers = {"Vary": "Accept-Encoding"}
    if "br" in accepted:
        # A real server would send Brotli. These bytes are not, so such a client fails.
        headers["Content-Encoding"] = "br"
    elif "gzip" in accepted:
        headers["Content-Encoding"] = "gzip"
    if "Content-Encoding" in headers:
        body = gzip.compress(body, 5, mtime=0)
    return Response(body, status, media_type=JSON, headers=headers)
