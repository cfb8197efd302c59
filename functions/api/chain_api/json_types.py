"""What every answer is made of: JSON objects, and how they are written."""

from typing import Any

import orjson

type Answer = dict[str, Any]

# Datetimes end in Z. Those of contract documents are naive and mean UTC.
JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def json_bytes(value: object) -> bytes:
    """Return a value as JSON."""
    return orjson.dumps(value, option=JSON_OPTIONS)
