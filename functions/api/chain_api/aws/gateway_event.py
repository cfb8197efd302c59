"""The events of API Gateway: which ones are requests, and the answer to any other event."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping

import orjson

from chain_api.middleware.request_log import logger
from chain_api.problems.catalogue import MEDIA_TYPE, Problem

_DETAIL = "The function takes events of a REST API of API Gateway (Lambda proxy integration)."
_TEXT_MEMBERS = ("resource", "path", "httpMethod")
# Members that hold one text by name, and those that hold several; null if there is none.
_TABLES = ("headers", "queryStringParameters")
_LISTS = ("multiValueHeaders", "multiValueQueryStringParameters")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_KEYS = 20


def is_request(event: object) -> bool:
    """Tell whether an event is a request of a REST API (payload version 1.0).

    Its tables hold nothing but text, and its text can be encoded. Mangum fails on anything else.
    """
    if not isinstance(event, Mapping) or event.get("version", "1.0") != "1.0":
        return False
    context = event.get("requestContext")
    return (
        isinstance(context, Mapping)
        and isinstance(context.get("identity", {}), Mapping)
        and "elb" not in context
        and all(_is_text(event.get(name)) for name in _TEXT_MEMBERS)
        and all(_is_table(event.get(name), _is_text) for name in _TABLES)
        and all(_is_table(event.get(name), _is_list) for name in _LISTS)
        and _is_body(event.get("body"), encoded=bool(event.get("isBase64Encoded")))
    )


def _is_text(value: object) -> bool:
    """Tell whether a value is text without half a surrogate pair, which JSON can hold."""
    return isinstance(value, str) and (value.isascii() or not _SURROGATE.search(value))


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_table(value: object, is_entry: Callable[[object], bool]) -> bool:
    if not isinstance(value, Mapping):
        return value is None
    return all(map(_is_text, value)) and all(map(is_entry, value.values()))


def _is_body(value: object, *, encoded: bool) -> bool:
    if value is None or not encoded:
        return value is None or _is_text(value)
    try:
        return isinstance(value, str) and b64decode(value) is not None
    except ValueError:
        return False


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
