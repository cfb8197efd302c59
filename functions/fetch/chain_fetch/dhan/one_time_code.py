"""The code of six digits that goes with a PIN: a TOTP of RFC 6238, which changes every 30 s. Pure.

pyotp refuses secrets of less than 112 bits, and the length of a secret is for Dhan to choose.
"""

import hmac
from base64 import b32decode
from datetime import datetime

_SECONDS = 30
_DIGITS = 6


def seconds_left(now: datetime) -> float:
    """Return how long the code of an instant holds."""
    return _SECONDS - now.timestamp() % _SECONDS


def one_time_code(secret: str, now: datetime) -> str:
    """Return the code of an instant; raise ValueError if the secret is no base32 text."""
    text = secret.replace(" ", "")
    key = b32decode(text + "=" * (-len(text) % 8), casefold=True)
    if not key:
        raise ValueError("the secret is empty")
    counter = int(now.timestamp()) // _SECONDS
    digest = hmac.digest(key, counter.to_bytes(8), "sha1")
    # RFC 4226, 5.3: the last four bits say where the 31 bits stand.
    at = digest[-1] & 0xF
    number = int.from_bytes(digest[at : at + 4]) & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"
