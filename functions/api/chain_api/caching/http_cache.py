"""An answer as HTTP caches know it: its entity tag, its headers, its parts and size. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

import orjson
from fastapi import Response

from chain_api.caching.gzip_body import deflate, gzip_body
from chain_api.json_types import Answer, json_bytes
from chain_api.middleware.compression import LEAST_COMPRESSED_BYTES
from chain_api.problems.catalogue import too_large
from chain_api.rendering.formats import MEDIA_TYPES, Format, instant_text
from optionchain import __version__

# Lambda sends at most 6,291,556 bytes; the headers take some of them.
MOST_BYTES = 6_250_000
# Lambda's JSON envelope escapes each of these bytes with one more.
_ESCAPED = (b'"', b"\\", b"\n", b"\r")
_ADVICE = (
    "Ask for less: a smaller limit and its `next` links, a window of strikes, `columns`, or "
    "format=csv."
)


@dataclass(frozen=True)
class Content:
    """The part of a body that is read and written once per version.

    In JSON `rest` is what follows the first members of the answer's object, closing brace included;
    in another format it is the whole body. `link` is the address of the next page. `suffix` extends
    the version, where the version does not name these bytes exactly.
    """

    rest: bytes
    link: str | None = None
    suffix: str = ""

    @cached_property
    def deflated(self) -> bytes:
        """Return `rest` compressed, for gzip_body."""
        return deflate(self.rest)


def content_of(body: bytes, form: Format, link: str | None = None, suffix: str = "") -> Content:
    """Return the content that is a whole JSON object, or a whole body in another format."""
    return Content(body[1:] if form == "json" else body, link, suffix)


@dataclass(frozen=True)
class Representation:
    """The headers of an answer, known before its body is read.

    `version` stays the same while the data stay the same, so a poll with its tag costs no more than
    finding the version. Without a version the answer has no entity tag.
    """

    version: str
    form: Format
    cache_control: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def not_modified(self, if_none_match: str | None) -> Response | None:
        """Return the 304 for a request that already has this version, under the tag that it has."""
        for text in (if_none_match or "").split(","):
            tag = text.strip().removeprefix("W/")
            if tag == "*" or tag.startswith(f'"{self.version}.'):
                headers = {} if tag == "*" else {"ETag": tag}
                return Response(status_code=304, headers=self._headers() | headers)
        return None

    def response(self, members: Answer, content: Content, *, compressed: bool = False) -> Response:
        """Return the answer: in JSON `members` and then those of the content; else the content.

        With `compressed` a large body goes out as gzip. Raises the 413 of an answer that is larger
        than Lambda can send.
        """
        written = json_bytes(members)
        head = written[:-1] + b"," if self.form == "json" else b""
        headers = self._headers() | self._content_headers(written, content)
        body = head + content.rest
        check_size(body)
        if compressed and len(body) >= LEAST_COMPRESSED_BYTES:
            headers["Content-Encoding"] = "gzip"
            body = gzip_body(head, content.rest, content.deflated)
        return Response(body, headers=headers, media_type=MEDIA_TYPES[self.form])

    def _content_headers(self, members: bytes, content: Content) -> dict[str, str]:
        headers = {}
        if self.version:
            # The tag names the members too, because ages and confirmations move on.
            digest = blake2b(members, digest_size=4).hexdigest()
            headers["ETag"] = f'"{self.version}{content.suffix}.{digest}"'
        if content.link:
            headers["Link"] = f'<{content.link}>; rel="next"'
        return headers

    def _headers(self) -> dict[str, str]:
        return {"Cache-Control": self.cache_control, "Vary": "Accept", **self.headers}


def version_of(*parts: object) -> str:
    """Return a short name for what an answer depends on: JSON values, dates and datetimes."""
    content = orjson.dumps([__version__, *parts], default=str)
    return blake2b(content, digest_size=8).hexdigest()


def freshness_headers(members: Answer) -> dict[str, str]:
    """Return the freshness in an answer's members as headers, for CSV and for a 304."""
    headers = {
        "X-Timestamp": instant_text(members["timestamp"]),
        "X-Last-Seen-At": instant_text(members["last_seen_at"]),
        "X-Age-Seconds": f"{members['age_seconds']:.0f}",
    }
    flags = {"X-Gap": "gap", "X-Settled": "settled", "X-Frozen": "frozen"}
    if "source" in members:
        headers["X-Source"] = members["source"]
    told = {header: name for header, name in flags.items() if name in members}
    return headers | {header: str(members[name]).lower() for header, name in told.items()}


def check_size(body: bytes) -> None:
    """Raise the 413 of a body that Lambda could not send."""
    size = len(body)
    if size * 2 > MOST_BYTES:  # a smaller body fits even if every byte is escaped
        size += sum(map(body.count, _ESCAPED))
    if size > MOST_BYTES:
        raise too_large(size, MOST_BYTES, _ADVICE)
