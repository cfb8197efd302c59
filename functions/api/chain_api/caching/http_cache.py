"""How an answer goes out: its entity tag, how long it is fresh, and whether it fits. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

import orjson
from fastapi import Response

from chain_api.problems.catalogue import too_large
from chain_api.rendering.answers import OPTIONS, Answer
from chain_api.rendering.formats import MEDIA_TYPES, Format
from optionchain import __version__
from optionchain.exchange_time import IST
from optionchain.market import Market

# Lambda sends 6,291,556 bytes at most, of which the headers take some.
MOST_BYTES = 6_250_000
# The envelope of Lambda is JSON: it escapes these, a byte each.
_ESCAPED = (b'"', b"\\", b"\n", b"\r")
_ADVICE = (
    "Ask for less: a smaller limit and its `next` links, a window of strikes, `columns`, or "
    "format=csv."
)
# A tick is written within its interval and some seconds, and its ledger entry within the two
# minutes of a shift where the database was away: after this nothing about it changes any more.
_SETTLED_AFTER = timedelta(minutes=5)
_CLOSED_SECONDS = 60
_IMMUTABLE = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class Representation:
    """An answer as HTTP knows it, before its body is made.

    `version` names what it says, for as long as the data do not change: a poll with its tag costs
    no more than finding this out. The tag of a body names its bytes as well, in which ages and
    confirmations move on. Without a version there is no tag.
    """

    version: str
    form: Format
    cache_control: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def not_modified(self, if_none_match: str | None) -> Response | None:
        """Return the 304 of a request that has this version already, under the tag it has."""
        for text in (if_none_match or "").split(","):
            tag = text.strip().removeprefix("W/")
            if tag == "*" or tag.startswith(f'"{self.version}.'):
                headers = {} if tag == "*" else {"ETag": tag}
                return Response(status_code=304, headers=self._headers() | headers)
        return None

    def answer(self, head: Answer, rest: bytes, more: Mapping[str, str] | None = None) -> Response:
        """Return the answer: in JSON the members of `head`, then those of the object `rest`.

        In other formats the rest is all, and what the head says is in the headers; `more` are
        further ones. Raises the 413 of an answer that Lambda could not send.
        """
        members = orjson.dumps(head, option=OPTIONS)
        body = members[:-1] + b"," + rest[1:] if self.form == "json" else rest
        _check_size(body)
        digest = blake2b(members, digest_size=4).hexdigest()
        tag = {"ETag": f'"{self.version}.{digest}"'} if self.version else {}
        headers = self._headers() | tag | dict(more or {})
        return Response(body, headers=headers, media_type=MEDIA_TYPES[self.form])

    def _headers(self) -> dict[str, str]:
        return {"Cache-Control": self.cache_control, "Vary": "Accept", **self.headers}


def version_of(*parts: object) -> str:
    """Return a name for what an answer depends on: JSON values, dates and instants."""
    content = orjson.dumps([__version__, *parts], default=str)
    return blake2b(content, digest_size=8).hexdigest()


def _check_size(body: bytes) -> None:
    size = len(body)
    if size * 2 > MOST_BYTES:  # every byte escaped would not make it larger
        size += sum(map(body.count, _ESCAPED))
    if size > MOST_BYTES:
        raise too_large(size, MOST_BYTES, _ADVICE)


def cache_control(
    market: Market, interval: int, now: datetime, until: datetime | None, *, absolute: bool
) -> str:
    """Return how long an answer stays what it is.

    `until` is the last moment that it speaks of, None the latest; `absolute` says that the
    request will mean the same tomorrow.
    """
    if until is not None and now - until > _SETTLED_AFTER:
        return _IMMUTABLE if absolute else _for_seconds(_to_midnight(now))
    if market.is_open(now):
        return _for_seconds(interval - now.timestamp() % interval)
    opening = market.next_opening(now)
    left = (opening - now).total_seconds() if opening else _CLOSED_SECONDS
    return _for_seconds(min(left, _CLOSED_SECONDS))


def _to_midnight(now: datetime) -> float:
    midnight = now.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1) - now).total_seconds()


def _for_seconds(seconds: float) -> str:
    return f"private, max-age={int(seconds)}"
