"""Captured bodies of the endpoints before v3, as v3 would have sent them."""

from typing import Any

from local.evidence.legacy import as_v3

__all__ = ["Json", "as_v3"]

type Json = dict[str, Any]
