"""CORS: which other sites' pages may read the answers."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_SENT = ("Content-Type", "If-None-Match", "X-Api-Key", "X-Request-Id")
_READ = (
    "ETag",
    "Link",
    "Retry-After",
    "X-Request-Id",
    "X-Timestamp",
    "X-Last-Seen-At",
    "X-Age-Seconds",
    "X-Gap",
)
_SECONDS = 600


def cross_origin(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins read the answers; without origins, change nothing.

    Credentials are never allowed, because there are no cookies, and an API key is a plain header.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "HEAD", "POST", "OPTIONS"),
        allow_headers=_SENT,
        expose_headers=_READ,
        max_age=_SECONDS,
    )
