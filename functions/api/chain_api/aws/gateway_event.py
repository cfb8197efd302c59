"""The events of API Gateway: which ones are requests, and the answer to any other event."""

from collections.abc import Mapping

import orjson

from chain_api.middleware.request_log import logger
from chain_api.problems.catalogue import MEDIA_TYPE, Problem

_DETAIL = "The function takes events of a REST API of API Gateway (Lambda proxy integration)."
_TEXT_MEMBERS = ("resource", "path", "httpMethod")
_TABLES = (
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
)
_MOST_KEYS = 20


def is_request(event: object) -> bool:
    """Tell whether an event is a request of a REST API (payload version 1.0)."""
    if not isinstance(event, Mapping) or event.get("version", "1.0") != "1.0":
        return False
    context = event.get("requestContext")
    return (
        isinstance(context, Mapping)
        and isinstance(context.get("identity", {}), Mapping)
        and "elb" not in context
        and all(isinstance(event.get(name), str) for name in _TEXT_MEMBERS)
        and all(isinstance(event.get(name), Mapping | None) for name in _TABLES)
        and isinstance(event.get("body"), str | None)
    )


def refusal(event: object) -> dict[str, object]:
    """Log the keys of an event of another kind, and return the answer 400."""
    keys = sorted(map(str, event))[:_MOST_KEYS] if isinstance(event, Mapping) else []
    extra = {"detail": _DETAIL, "kind": type(event).__name__, "keys": keys}
    logger("INFO").error("event_unknown", extra=extra)
    body = Problem(400, "http-error", _DETAIL).body("/")
    return {
        "statusCode": 400,
        "headers": {"content-type": MEDIA_TYPE},
        "body": orjson.dumps(body).decode(),
        "isBase64Encoded": False,
    }
