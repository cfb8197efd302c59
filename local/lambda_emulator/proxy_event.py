"""An HTTP request as the event of a REST API's proxy integration, and its result as a response.

Pure. Shapes: the files of `events/`, and AWS's "Set up Lambda proxy integrations in API Gateway".
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

_ACCOUNT = "123456789012"
_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)/")


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request; `target` is its path, with the stage, and its query."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    client: str

    def header(self, name: str) -> str:
        """Return the last header of a name, in any case; "" where there is none."""
        return next((text for key, text in reversed(self.headers) if key.lower() == name), "")


@dataclass(frozen=True)
class HttpResponse:
    """An HTTP response."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def event_of(
    request: HttpRequest, stage: str, path: str, resource: str, now: datetime | None = None
) -> dict[str, Any]:
    """Return the event of a request; `path` is without the stage, `resource` is its route."""
    now = now or datetime.now(UTC)
    query = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    greedy = path.removeprefix(resource.partition("{")[0]) if "{" in resource else ""
    headers = [*request.headers, ("X-Forwarded-For", request.client), ("X-Forwarded-Proto", "http")]
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": _lists_by_name(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _lists_by_name(query) or None,
        "pathParameters": {"proxy": greedy} if greedy else None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "local",
            "resourcePath": resource,
            "httpMethod": request.method,
            "requestTime": f"{now:%d/%b/%Y:%H:%M:%S +0000}",
            "requestTimeEpoch": int(now.timestamp() * 1e3),
            "path": f"/{stage}{path}",
            "accountId": _ACCOUNT,
            "protocol": "HTTP/1.1",
            "stage": stage,
            "domainPrefix": "local",
            "domainName": request.header("host"),
            "requestId": str(uuid4()),
            "apiId": "local",
            "identity": _identity(request),
        },
        **_body(request.body),
    }


def path_in(stage: str, target: str) -> str | None:
    """Return the path behind the stage, decoded as API Gateway does; None outside the stage."""
    path = unquote(urlsplit(target).path)
    if path.rstrip("/") == f"/{stage}":
        return "/"
    behind = path.removeprefix(f"/{stage}")
    return behind if behind != path and behind.startswith("/") else None


def response_of(returned: Any) -> HttpResponse:  # noqa: ANN401  (JSON)
    """Return a function's result as a response; raise ValueError where it has another shape."""
    try:
        single, several = returned.get("headers") or {}, returned.get("multiValueHeaders") or {}
        headers = [(name, str(text)) for name, text in single.items()]
        headers += [(name, str(text)) for name, texts in several.items() for text in texts]
        # A REST API without binary media types does not decode base64.
        return HttpResponse(int(returned["statusCode"]), headers, str(returned["body"]).encode())
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("the result of a proxy integration has another shape") from error


def _identity(request: HttpRequest) -> dict[str, str | None]:
    signed = _CREDENTIAL.match(request.header("authorization"))
    arn = f"arn:aws:iam::{_ACCOUNT}:user/{signed[1]}" if signed else None
    return {
        "sourceIp": request.client,
        "userAgent": request.header("user-agent"),
        "accountId": _ACCOUNT if signed else None,
        "accessKey": signed[1] if signed else None,
        "userArn": arn,
        "caller": arn,
        "user": arn,
        "apiKey": request.header("x-api-key") or None,
    }


def _lists_by_name(pairs: Sequence[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found


def _body(body: bytes) -> dict[str, object]:
    try:
        return {"body": body.decode() if body else None, "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": b64encode(body).decode(), "isBase64Encoded": True}
