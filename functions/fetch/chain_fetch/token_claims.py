"""What an access token says of itself. Pure.

The tokens of the vendors are JWTs. Their signature cannot be checked, because no vendor publishes a
key for that. So a claim is a hint about a token that the user gave, and proves nothing.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple


class TokenDates(NamedTuple):
    """When a token was issued and when it ends, in UTC; None if it does not say so."""

    issued_at: datetime | None
    ends_at: datetime | None


def claims_of(token: str) -> Mapping[str, Any]:
    """Return the claims of a JWT; none of any other text."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  (header, claims, signature)
        return {}
    encoded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.b64decode(encoded, altchars=b"-_", validate=True))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def dates_of(token: str) -> TokenDates:
    """Return the dates of a token."""
    claims = claims_of(token)
    return TokenDates(_instant(claims.get("iat")), _instant(claims.get("exp")))


def _instant(seconds: object) -> datetime | None:
    """Return the instant of a number of seconds since 1970."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
