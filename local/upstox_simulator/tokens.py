"""The kinds of token that Upstox gives, and what each may ask for."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from local.nse_simulator.v3_format import IST
from local.upstox_simulator.errors import INVALID_TOKEN, NOT_FOR_THIS_TOKEN, STATIC_IP, refused
from local.vendor_simulator import tokens

PROFILE = "/v2/user/profile"
_CLIENT = "SIM001"
_ENDS = time(3, 30)
_YEAR = timedelta(days=365)


def analytics_token(now: datetime) -> str:
    """Return a token that reads for a year, until 03:30 in India."""
    return _token(now, _ends_after(now + _YEAR), isExtended=True)


def ordinary_token(now: datetime) -> str:
    """Return a token of an ordinary login, which ends at the next 03:30 in India."""
    return _token(now, _ends_after(now))


def ended_token(now: datetime) -> str:
    """Return the token of the day before."""
    return _token(now - timedelta(days=2), _ends_after(now - timedelta(days=2)))


def orders_token(now: datetime) -> str:
    """Return a token that may place orders and read no chain."""
    return _token(now, _ends_after(now), simulatedScope="orders")


def check_token(headers: Mapping[str, str], path: str, now: datetime) -> None:
    """Raise VendorRefused unless the token of a request may ask for this path."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    claims = tokens.claims_of(token)
    if scheme != "Bearer" or claims is None or not tokens.holds(claims, now):
        raise refused(INVALID_TOKEN)
    if claims.get("simulatedScope") == "orders":
        raise refused(NOT_FOR_THIS_TOKEN)
    if path == PROFILE and claims.get("isExtended"):
        raise refused(STATIC_IP)


def _token(issued: datetime, ends: datetime, **more: object) -> str:
    claims = {
        "sub": _CLIENT,
        "jti": f"{int(issued.timestamp()):x}",
        "isMultiClient": False,
        "isPlusPlan": False,
        "iat": int(issued.timestamp()),
        "iss": "udapi-gateway-service",
        "exp": int(ends.timestamp()),
    }
    return tokens.sign(claims | more)


def _ends_after(instant: datetime) -> datetime:
    local = instant.astimezone(IST)
    ends = datetime.combine(local.date(), _ENDS, IST)
    return ends if ends > local else ends + timedelta(days=1)
