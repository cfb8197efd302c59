"""Whom the simulated exchange answers: by its cookies and its rate limit."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from local.nse_simulator.refusals import rate_limited, unauthorised

OPEN_TO_ALL = ("/api/marketStatus",)


@dataclass
class IssuedCookies:
    """The cookies that clients got; `life` in seconds, None for the life of the server."""

    life: float | None = None
    monotonic: Callable[[], float] = time.monotonic
    _issued: dict[str, float] = field(default_factory=dict)

    def issue(self) -> str:
        """Return a new value for the cookie `nsit`."""
        token = secrets.token_urlsafe(18)
        self._issued[token] = self.monotonic()
        return token

    def knows(self, token: str) -> bool:
        """Tell whether the cookie was issued and is not stale."""
        if (issued_at := self._issued.get(token)) is None:
            return False
        return self.life is None or self.monotonic() - issued_at < self.life


@dataclass
class RateLimit:
    """After more than `per_second` API requests in a second all are refused for `block_seconds`.

    None allows any number.
    """

    per_second: int | None = None
    block_seconds: float = 600.0
    monotonic: Callable[[], float] = time.monotonic
    _recent: deque[float] = field(default_factory=deque)
    _until: float = 0.0

    def refuses(self) -> bool:
        """Count a request; tell whether it is refused."""
        now = self.monotonic()
        while self._recent and now - self._recent[0] >= 1:
            self._recent.popleft()
        self._recent.append(now)
        if self.per_second is not None and len(self._recent) > self.per_second:
            self._until = max(self._until, now + self.block_seconds)
        return now < self._until


@dataclass
class Admission:
    """Which requests reach the endpoints: those within the limit, with a cookie."""

    cookies: IssuedCookies
    rate: RateLimit

    def refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that is refused, None for the others."""
        path = request.url.path
        if not path.startswith("/api/"):
            return None
        if self.rate.refuses():
            return rate_limited()
        known = self.cookies.knows(request.cookies.get("nsit", ""))
        return None if known or path in OPEN_TO_ALL else unauthorised()
