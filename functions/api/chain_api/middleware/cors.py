"""CORS: which other sites' pages may read the answers."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chain_api.problems.catalogue import cross_origin_refused
from chain_api.problems.handlers import problem_response

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
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
    "X-Settled",
    "X-Frozen",
    "X-Source",
    "X-Storage",
)
_SECONDS = 600
# The longest part of a client's value that a refusal repeats.
_LONGEST = 100


def cross_origin(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins read the answers; without origins, change nothing.

    Credentials are never allowed, because there are no cookies, and an API key is a plain header.
    """
    if not origins:
        return app
    return CrossOrigin(
        app,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=_SENT,
        expose_headers=_READ,
        max_age=_SECONDS,
    )


class CrossOrigin(CORSMiddleware):
    """ASGI middleware: Starlette's, but the refusal of a preflight is a problem with its reasons.

    A refusal has no CORS headers. Starlette would send some of them with it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, and let the named sites read every other answer."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        preflight = "origin" in headers and "access-control-request-method" in headers
        if preflight and scope["method"] == "OPTIONS" and (reasons := self._refusals(headers)):
            vary = {"Vary": self.preflight_headers["Vary"]}
            refusal = problem_response(cross_origin_refused(reasons), Request(scope), vary)
            await refusal(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    def _refusals(self, headers: Headers) -> list[str]:
        """Return what a preflight asks for and does not get, each in words."""
        origin, method = headers["origin"], headers["access-control-request-method"]
        names = headers.get("access-control-request-headers", "accept").lower().split(",")
        unknown = [name for part in names if (name := part.strip()) not in self.allow_headers]
        reasons = []
        if not self.is_allowed_origin(origin):
            reasons.append(f"the origin '{origin[:_LONGEST]}' is not in CORS_ORIGINS")
        if method not in self.allow_methods:
            methods = ", ".join(self.allow_methods)
            reasons.append(f"the method '{method[:_LONGEST]}' is not one of {methods}")
        if unknown:
            allowed = ", ".join(self.allow_headers)
            reasons.append(f"the header '{unknown[0][:_LONGEST]}' is not one of {allowed}")
        if "access-control-request-private-network" in headers:
            reasons.append("a page of a public network may not reach a private one")
        return reasons
