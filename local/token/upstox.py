"""Upstox: the read-only token of a year, and how to tell it from an ordinary one."""

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
Upstox gives a token that only reads, for a year and free of charge. You need an account there.
  1. Open https://account.upstox.com/developer/apps and log in.
  2. Choose the tab Analytics, press Generate Token, and confirm.
  3. Copy the token with the icon beside it. The list there shows its expiry date.
There is one such token an account: to generate another one revokes the one before."""
# The contracts of an index: quotes and chains need a token, and so does this list, which is small
# for the vendor and shows that the token may ask for options. Candles are answered without any.
_CONTRACTS = "/v2/option/contract"
_INDEX = {"instrument_key": "NSE_INDEX|Nifty 50"}
_REFUSED = {
    "UDAPI100050": "Upstox does not know this token: it is mistyped, revoked or over",
    "UDAPI100067": "this kind of token may not ask for option chains; the steps above lead to one",
}
_TOO_MANY = ("UDAPI10005", "UDAPI100099")


def _judge(values: Values, now: datetime) -> Verdict:
    token = values["access_token"]
    if over := ended(values, now):
        return over
    ends = dates_of(token).ends_at
    if ends is None:
        return Verdict(usable=True, text="it does not say when it ends, so no warning can come")
    if claims_of(token).get("isExtended") is True:
        return Verdict(usable=True, text=f"it only reads, and ends on {in_india(ends)}")
    text = (
        f"it is an ORDINARY token, which dies tonight: it ends on {in_india(ends)}. "
        "The steps above lead to one that holds for a year"
    )
    return Verdict(usable=True, text=text)


def _check(values: Values, origin: str) -> Verdict:
    headers = {"Authorization": f"Bearer {values['access_token']}", "Accept": "application/json"}
    answer = ask(f"{origin}{_CONTRACTS}", headers, _INDEX)
    if isinstance(answer, Verdict):
        return answer
    body = object_in(answer)
    if code := _error_code(body):
        return _refusal(code, answer.status_code)
    rows = body.get("data")
    if answer.status_code != 200 or not isinstance(rows, list) or not rows:  # noqa: PLR2004
        return unclear("Upstox", answer)
    return Verdict(usable=True, text=f"Upstox accepts it: {len(rows):,} contracts of NIFTY")


def _error_code(body: dict[str, object]) -> str:
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    code = (first.get("error_code") or first.get("errorCode")) if isinstance(first, dict) else ""
    return str(code or "")


def _refusal(code: str, status: int) -> Verdict:
    if code in _REFUSED:
        return Verdict(usable=False, text=f"{_REFUSED[code]} ({code})")
    if code in _TOO_MANY:
        text = f"Upstox was asked too often ({code}): try again in half an hour"
        return Verdict(usable=False, text=text)
    return Verdict(usable=False, text=f"Upstox answered {status} ({code}), so nothing is known")


UPSTOX = Vendor(
    name="upstox",
    host="upstox",
    origin="https://api.upstox.com",
    steps=_STEPS,
    questions=(Question("access_token", "Token"),),
    judge=_judge,
    check=_check,
)
