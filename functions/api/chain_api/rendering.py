"""Answers as bytes."""

from collections.abc import Mapping

import orjson
from fastapi import Response

from chain_api.answers import Answer

# Datetimes in UTC end in Z.
_OPTIONS = orjson.OPT_UTC_Z


def json(answer: Answer, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer as JSON."""
    content = orjson.dumps(answer, option=_OPTIONS)
    return Response(content, status, headers, media_type="application/json")
