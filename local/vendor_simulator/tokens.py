"""Tokens of the simulated vendors: JWTs that look as the real ones and open nothing else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

type Algorithm = Literal["HS256", "HS512"]

# Every simulated vendor of this machine signs with it, so that one knows the tokens of another
# process. It is no secret.
_KEY = b"a simulated vendor on this machine"
_DIGESTS = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}


def sign(claims: Mapping[str, Any], algorithm: Algorithm = "HS256") -> str:
    """Return a JWT with these claims."""
    header = _encode(json.dumps({"typ": "JWT", "alg": algorithm}).encode())
    signed = f"{header}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_signature(signed, algorithm)}"


def claims_of(token: str, algorithm: Algorithm = "HS256") -> dict[str, Any] | None:
    """Return the claims of a token that was signed here; None for any other text."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed, algorithm).encode()):
        return None
    body = signed.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def holds(claims: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a token has not ended."""
    return bool(claims["exp"] > now.timestamp())


def _signature(signed: str, algorithm: Algorithm) -> str:
    return _encode(hmac.digest(_KEY, signed.encode(), _DIGESTS[algorithm]))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
