"""The base path of a custom domain, which API Gateway leaves in the path of its events."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_PARAMETER = re.compile(r"\{(\w+)\+?\}")


def without_base_path(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event with the path that the routes know.

    For `https://api.example.com/nse/health`, where `nse` is mapped to the API, the event has the
    path `/nse/health` and the resource `/health`. At the API's own address it has no stage in it.
    """
    base = _base_path(event)
    return {**event, "path": event["path"][len(base) :] or "/"}


def _base_path(event: Mapping[str, Any]) -> str:
    path = event["path"]
    # At the API's own address the path of the context begins with the stage.
    if event["requestContext"].get("path") != path:
        return ""
    given = event.get("pathParameters")
    parameters = given if isinstance(given, Mapping) else {}
    below = _PARAMETER.sub(lambda name: str(parameters.get(name[1], "")), event["resource"])
    # A client may have escaped the path, of which the parameters are unescaped.
    whole, below = unquote(path).rstrip("/"), unquote(below).rstrip("/")
    known = bool(below) or event["resource"] == "/"
    base = whole.removesuffix(below)
    return base if known and whole.endswith(below) and path.startswith(base) else ""
