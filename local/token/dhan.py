"""Dhan: the token of a day, and what the recorder needs to make new ones itself."""

import base64
import binascii
import re
from datetime import datetime

from chain_fetch.token_claims import claims_of, dates_of
from local.token.vendor import (
    Question,
    Values,
    Vendor,
    Verdict,
    ask,
    ended,
    in_india,
    object_in,
    unclear,
)

_STEPS = """\
Dhan gives a token of 24 hours. You need an account there, and its data plan: about 499 rupees a
month, or free of charge with 25 trades in futures and options a month.
  1. Open https://web.dhan.co, log in, and choose My Profile, then Access DhanHQ APIs.
  2. Subscribe to the Data APIs, if you have not yet.
  3. Press Generate Access Token, and copy the token. The client id is on your profile.
The recorder renews such a token while it holds: after the close and in the evening, never in a
ordinary session. A weekend or a holiday ends it, and you need another one the next morning.
If you set up TOTP on the same page, and give your PIN and the secret of TOTP below, the recorder
makes new tokens itself. Whoever has both can log in as you: give them only if you accept that.
A new token ends the one before."""
_PROFILE = "/v2/profile"
_OWN = "SELF"


def _judge(values: Values, now: datetime) -> Verdict:
    if fault := _fault(values):
        return Verdict(usable=False, text=fault)
    if over := ended(values, now):
        return over
    claims, ends = claims_of(values["access_token"]), dates_of(values["access_token"]).ends_at
    if str(claims.get("dhanClientId", values["client_id"])) != values["client_id"]:
        return Verdict(usable=False, text="this token is of another client id")
    if ends is None:
        return Verdict(usable=True, text="it does not say when it ends, so no warning can come")
    if values.get("totp_secret"):
        after = "then the recorder makes another one by TOTP"
    elif claims.get("tokenConsumerType", _OWN) == _OWN:
        after = "the recorder renews it after the close, on trading days"
    else:
        after = "it cannot be renewed, because it was not made on Dhan's own page"
    return Verdict(usable=True, text=f"it ends on {in_india(ends)}; {after}")


def _fault(values: Values) -> str:
    """Return what is wrong with the form of the values; "" if nothing is."""
    if not values["client_id"].isascii() or not values["client_id"].isdigit():
        return "the client id is a number"
    pin, secret = values.get("pin", ""), values.get("totp_secret", "")
    if bool(pin) != bool(secret):
        return "the recorder needs both the PIN and the secret of TOTP, or none of them"
    if pin and not re.fullmatch(r"[0-9]{4,6}", pin):
        return "the PIN has 4 to 6 digits"
    return "" if _is_base32(secret) else "the secret of TOTP is not one: it is letters and 2 to 7"


def _is_base32(secret: str) -> bool:
    text = secret.replace(" ", "").upper().rstrip("=")
    try:
        base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        return False
    return True


def _check(values: Values, origin: str) -> Verdict:
    headers = {"access-token": values["access_token"], "Accept": "application/json"}
    answer = ask(f"{origin}{_PROFILE}", headers)
    if isinstance(answer, Verdict):
        return answer
    body = object_in(answer)
    if "dhanClientId" not in body:
        return _refusal(body) or unclear("Dhan", answer)
    if str(body["dhanClientId"]) != values["client_id"]:
        return Verdict(usable=False, text="Dhan says that this token is of another client id")
    if body.get("dataPlan") != "Active":
        text = "Dhan accepts it, but the account has no data plan: chains would be refused (806)"
        return Verdict(usable=False, text=text)
    return Verdict(usable=True, text="Dhan accepts it, and the data plan is active")


def _refusal(body: dict[str, object]) -> Verdict | None:
    """Return the verdict on a body that names an error, whatever its HTTP status is."""
    data = body.get("data")
    code = str(body.get("errorCode") or (next(iter(data), "") if isinstance(data, dict) else ""))
    if code in ("DH-901", "807", "808", "809"):
        return Verdict(usable=False, text=f"Dhan refuses this token ({code}): mistyped, or over")
    if code in ("DH-904", "805"):
        return Verdict(usable=False, text=f"Dhan was asked too often ({code}): try again later")
    return Verdict(usable=False, text=f"Dhan refuses ({code})") if code else None


DHAN = Vendor(
    name="dhan",
    host="dhan",
    origin="https://api.dhan.co",
    steps=_STEPS,
    questions=(
        Question("client_id", "Client id", hidden=False),
        Question("access_token", "Token"),
        Question("pin", "PIN (empty if you renew by hand)", optional=True),
        Question("totp_secret", "Secret of TOTP (empty if you renew by hand)", optional=True),
    ),
    judge=_judge,
    check=_check,
)
