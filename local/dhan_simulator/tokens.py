"""The tokens of the simulated Dhan: made for a day, renewed, made anew by PIN and one-time code."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Literal

from local.dhan_simulator.errors import (
    INVALID_TOKEN,
    NOT_AUTHENTICATED,
    NOT_RENEWABLE,
    NOT_SUBSCRIBED,
    TOKEN_ENDED,
    data_refused,
    gateway_refused,
)
from local.nse_simulator.v3_format import IST, JsonObject
from local.vendor_simulator import tokens

type Consumer = Literal["SELF", "APP"]
"""Who made a token: a person on the vendor's page, or a program with a one-time code."""

CLIENT_ID = "1100000001"
PIN = "246810"
TOTP_SECRET = base64.b32encode(b"simulated Dhan of this machine").decode().rstrip("=")
_LIFE = timedelta(hours=24)
_CODE_SECONDS = 30
_BETWEEN_TOKENS = timedelta(minutes=2)


def token(now: datetime, consumer: Consumer = "SELF", *, plan: bool = True, number: int = 0) -> str:
    """Return a token that holds for a day from `now` on; without a plan it reads no chain."""
    claims = {
        "iss": "dhan",
        "partnerId": "",
        "exp": int((now + _LIFE).timestamp()),
        "iat": int(now.timestamp()),
        "tokenConsumerType": consumer,
        "webhookUrl": "",
        "dhanClientId": CLIENT_ID,
    }
    claims |= {} if plan else {"simulatedPlan": "none"}
    claims |= {"simulatedNumber": number} if number else {}
    return tokens.sign(claims, "HS512")


def ended_token(now: datetime) -> str:
    """Return a token whose day was over an hour ago."""
    return token(now - _LIFE - timedelta(hours=1))


def orders_token(now: datetime) -> str:
    """Return a token of an account that has no data plan: it may place orders."""
    return token(now, plan=False)


def one_time_code(now: datetime) -> str:
    """Return the six digits of the secret for a half minute, as RFC 6238 has it."""
    counter = int(now.timestamp()) // _CODE_SECONDS
    secret = base64.b32decode(TOTP_SECRET + "=" * (-len(TOTP_SECRET) % 8))
    digest = hmac.digest(secret, counter.to_bytes(8), hashlib.sha1)
    place = digest[-1] & 0x0F
    whole = int.from_bytes(digest[place : place + 4]) & 0x7FFFFFFF
    return f"{whole % 1_000_000:06}"


class Tokens:
    """Which tokens are dead before their end, and when the last one was made."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._dead: set[str] = set()
        self._alive: str | None = None
        self._made_at: datetime | None = None
        self._number = 0

    def check(self, headers: Mapping[str, str], now: datetime, *, data: bool = True) -> str:
        """Return the token of a request; raise VendorRefused unless it may read this."""
        text = headers.get("access-token", "")
        claims = tokens.claims_of(text, "HS512")
        if claims is None or text in self._dead:
            raise gateway_refused(INVALID_TOKEN)
        if not tokens.holds(claims, now):
            raise data_refused(TOKEN_ENDED) if data else gateway_refused(INVALID_TOKEN)
        if data and headers.get("client-id") != claims["dhanClientId"]:
            raise data_refused(NOT_AUTHENTICATED)
        if data and claims.get("simulatedPlan") == "none":
            raise data_refused(NOT_SUBSCRIBED)
        return text

    def renew(self, headers: Mapping[str, str], now: datetime) -> JsonObject:
        """Return a new token for one that a person has made; the old one is dead at once."""
        old = self.check(headers, now, data=False)
        claims = tokens.claims_of(old, "HS512") or {}
        if claims["tokenConsumerType"] != "SELF":
            raise gateway_refused(NOT_RENEWABLE)
        with self._lock:
            return self._answer(self._replace(old, now, "SELF"), now)

    def generate(self, values: Mapping[str, Any], now: datetime) -> JsonObject:
        """Return a token for a PIN and a one-time code; a refusal comes with status 200."""
        if values.get("dhanClientId") != CLIENT_ID:
            return _error("Invalid Client ID")
        if values.get("pin") != PIN:
            return _error("Invalid Pin")
        # The code before counts too: a request takes its time.
        codes = {one_time_code(now - timedelta(seconds=late)) for late in (0, _CODE_SECONDS)}
        if values.get("totp") not in codes:
            return _error("Invalid TOTP")
        with self._lock:
            if self._made_at and now - self._made_at < _BETWEEN_TOKENS:
                return _error("Token can be generated once every 2 minutes.")
            self._made_at = now
            return self._answer(self._replace(self._alive, now, "APP"), now)

    def _replace(self, old: str | None, now: datetime, consumer: Consumer) -> str:
        if old:
            self._dead.add(old)
        self._number += 1
        self._alive = token(now, consumer, number=self._number)
        return self._alive

    def _answer(self, made: str, now: datetime) -> JsonObject:
        ends = (now + _LIFE).astimezone(IST).replace(tzinfo=None)
        return {
            "dhanClientId": CLIENT_ID,
            "dhanClientName": "SIMULATED",
            "dhanClientUcc": "SIM001",
            "givenPowerOfAttorney": False,
            "accessToken": made,
            "expiryTime": ends.isoformat(timespec="milliseconds"),
        }


def _error(message: str) -> JsonObject:
    return {"status": "error", "message": message}
